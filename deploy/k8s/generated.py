"""The files here that are made from others: two variants of the sidecar, and quickstart.yaml.

`make quickstart` writes them. Needs `kubectl` or `kustomize` on the PATH; touches no cluster.
"""

from __future__ import annotations

import copy
import shutil
import subprocess
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).parent
KUSTOMIZERS = (("kustomize", "build"), ("kubectl", "kustomize"))
LAST_LINES_SECONDS = 15
"""What an ordinary container waits before it stops: the application, told to stop together with it, still writes."""
SIDECAR_HEAD = "# Made from ../sidecar/sidecar.yaml by `make quickstart`; the comments are there.\n"
QUICKSTART_HEAD = """\
# Made from quickstart/ by `make quickstart`. Try it: kubectl apply -f quickstart.yaml
# The image must be where your nodes find it under this name; README.md, "The image", tells how.
"""

Json = dict[str, Any]


def main() -> None:
    """Writes every file anew."""
    for path, text in texts().items():
        path.write_text(text)


def texts() -> dict[Path, str]:
    """What each made file should hold."""
    sidecar = yaml.safe_load((HERE / "sidecar" / "sidecar.yaml").read_text())
    return {
        HERE / "sidecar-cronjob" / "sidecar.yaml": SIDECAR_HEAD + dumped(for_cronjobs(sidecar)),
        HERE / "sidecar-classic" / "sidecar.yaml": SIDECAR_HEAD + dumped(classic(sidecar)),
        HERE / "quickstart.yaml": QUICKSTART_HEAD + built(HERE / "quickstart"),
    }


def for_cronjobs(sidecar: Json) -> Json:
    """The same pod template, one step deeper."""
    return {
        "apiVersion": "batch/v1",
        "kind": "CronJob",
        "metadata": sidecar["metadata"],
        "spec": {"jobTemplate": {"spec": sidecar["spec"]}},
    }


def classic(sidecar: Json) -> Json:
    """An ordinary container: no restart policy of its own, and told to stop together with the application."""
    made = copy.deepcopy(sidecar)
    pod = made["spec"]["template"]["spec"]
    pod["containers"] = pod.pop("initContainers")
    for container in pod["containers"]:
        del container["restartPolicy"]
        wait = f"import time; time.sleep({LAST_LINES_SECONDS})"
        container["lifecycle"] = {"preStop": {"exec": {"command": ["python3", "-c", wait]}}}
    return made


def built(directory: Path) -> str:
    """What a user's own kustomize makes of it. Raises FileNotFoundError where there is none."""
    for program, verb in KUSTOMIZERS:
        if shutil.which(program):
            done = subprocess.run((program, verb, str(directory)), check=True, capture_output=True, text=True)
            return done.stdout
    raise FileNotFoundError("neither kustomize nor kubectl is on the PATH")


def dumped(value: Json) -> str:
    return yaml.safe_dump(value, sort_keys=False, width=120)


if __name__ == "__main__":
    main()
