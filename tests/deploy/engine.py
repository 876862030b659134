"""A container engine for the tests of the image: podman or docker, whichever is there; starts and ends only its own.

TOKENTAIL_IMAGE names the image (`make image` builds it), TOKENTAIL_ENGINE the program, TOKENTAIL_CONTAINER_ARGS is
added to every start.
"""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any, NamedTuple

ENGINE = os.environ.get("TOKENTAIL_ENGINE") or next((n for n in ("podman", "docker") if shutil.which(n)), "")
IMAGE = os.environ.get("TOKENTAIL_IMAGE", "")
ARGS = shlex.split(os.environ.get("TOKENTAIL_CONTAINER_ARGS", ""))
SETTINGS = ("--env=TOKENTAIL_LIMITS_FINISHED_CALL_SECONDS=1",)
RESTRICTED = ("--read-only", "--cap-drop=all", "--security-opt=no-new-privileges")
FS_GROUP = 20000


class EngineError(Exception):
    """The engine said no; with what it said."""


def engine(*arguments: str) -> str:
    done = subprocess.run((ENGINE, *arguments), capture_output=True, text=True, check=False, timeout=100)
    if done.returncode:
        raise EngineError(f"{' '.join(arguments)}: {done.stderr}")
    return done.stdout.strip()


class Pod(NamedTuple):
    """Containers that share a network and two directories, as those of a Kubernetes pod do."""

    name: str
    logs: Path
    state: Path

    @classmethod
    def make(cls, name: str, folder: Path) -> Pod:
        """As the kubelet makes an emptyDir of a pod with an fsGroup: anybody of that group may write."""
        pod = cls(name, folder / "logs", folder / "state")
        for place in (pod.logs, pod.state):
            place.mkdir()
            os.chown(place, 0, FS_GROUP)
            place.chmod(0o2777)
        if ENGINE == "podman":
            engine("pod", "create", "--name", name, "--network=none")
        return pod

    def start(self, name: str, user: int, *arguments: str, entrypoint: str = "tokentail") -> str:
        """Runs it under the restrictions of the manifests; returns the container's name."""
        container = f"{self.name}-{name}"
        place = [f"--pod={self.name}"] if ENGINE == "podman" else ["--network=none"]
        access = "ro" if entrypoint == "tokentail" else "rw"
        mounts = [f"--volume={self.logs}:/var/log/app:{access}", f"--volume={self.state}:/var/lib/tokentail"]
        who = [f"--user={user}:{user}", f"--group-add={FS_GROUP}", f"--entrypoint={entrypoint}"]
        options = [*place, *who, *RESTRICTED, "--memory=192m", *SETTINGS, *ARGS]
        engine("run", "--detach", "--name", container, *options, *mounts, IMAGE, *arguments)
        return container

    def remove(self) -> None:
        for name in engine("ps", "--all", "--filter", f"name={self.name}-", "--format", "{{.Names}}").split():
            engine("rm", "--force", name)
        if ENGINE == "podman":
            engine("pod", "rm", "--force", self.name)


def python(container: str, code: str) -> str:
    """There is no shell in it; there is Python."""
    return engine("exec", container, "python3", "-c", code)


def scrape(container: str) -> str:
    code = "from urllib.request import urlopen; print(urlopen('http://127.0.0.1:9847/metrics').read().decode())"
    deadline = time.monotonic() + 20
    while True:
        try:
            return python(container, code)
        except EngineError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)


def inspected(container: str) -> dict[str, Any]:
    (found,) = json.loads(engine("inspect", container))
    assert isinstance(found, dict)
    return found
