"""What the kustomizations in deploy/k8s make: built once for each program, and looked through."""

from __future__ import annotations

import copy
import functools
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.k8s.generated import KUSTOMIZERS

K8S = Path(__file__).parents[2] / "deploy" / "k8s"
EXAMPLES = sorted(f"examples/{path.name}" for path in (K8S / "examples").iterdir() if path.is_dir())
BUILT = ("quickstart", "stack", "operator", "scrape", "node-agent", *EXAMPLES)
FOUND = [command for command in KUSTOMIZERS if shutil.which(command[0])]

needs_kustomize = pytest.mark.skipif(not FOUND, reason="neither kustomize nor kubectl is on the PATH")

Json = dict[str, Any]


def text(place: str, command: tuple[str, str] | None = None) -> str:
    """As `kubectl apply -k` would send it. Where any program will do the last that there is: kubectl starts sooner."""
    return _built(place, *(command or FOUND[-1]))


@functools.cache
def _built(place: str, program: str, verb: str) -> str:
    done = subprocess.run((program, verb, str(K8S / place)), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def objects(place: str, command: tuple[str, str] | None = None) -> list[Json]:
    return copy.deepcopy(_parsed(text(place, command)))


@functools.cache
def _parsed(made: str) -> list[Json]:
    return list(yaml.safe_load_all(made))


def pods(place: str) -> Iterator[tuple[str, Json]]:
    """The name and the pod of every workload."""
    for thing in objects(place):
        spec = thing.get("spec", {})
        template = spec.get("jobTemplate", {}).get("spec", spec).get("template")
        if template:
            yield thing["metadata"]["name"], template["spec"]


def containers(pod: Json) -> list[Json]:
    return [*pod.get("initContainers", []), *pod["containers"]]


def sidecar(pod: Json) -> Json:
    """The container named tokentail."""
    (found,) = (container for container in containers(pod) if container["name"] == "tokentail")
    assert isinstance(found, dict)
    return found
