"""The checker of the restricted profile refuses what each of its rules is for."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from .pod_security import violations

Json = dict[str, Any]
GOOD: Json = {
    "securityContext": {"sysctls": [{"name": "net.ipv4.tcp_syncookies", "value": "1"}]},
    "volumes": [{"name": "logs", "emptyDir": {}}],
    "containers": [
        {
            "name": "app",
            "livenessProbe": {"httpGet": {"path": "/", "port": 80}},
            "ports": [{"containerPort": 80}],
            "securityContext": {
                "runAsNonRoot": True,
                "allowPrivilegeEscalation": False,
                "seccompProfile": {"type": "RuntimeDefault"},
                "capabilities": {"drop": ["ALL"], "add": ["NET_BIND_SERVICE"]},
            },
        }
    ],
}
POD: dict[str, Json] = {
    "hostNetwork is true": {"hostNetwork": True},
    "hostPID is true": {"hostPID": True},
    "hostIPC is true": {"hostIPC": True},
    "volume host is a hostPath": {"volumes": [{"name": "host", "hostPath": {"path": "/"}}]},
    "volume share is a nfs": {"volumes": [{"name": "share", "nfs": {}}]},
    "sysctl kernel.msgmax": {"securityContext": {"sysctls": [{"name": "kernel.msgmax", "value": "1"}]}},
    "runAsUser is 0": {"securityContext": {"runAsUser": 0}},
    "runAsNonRoot is false": {"securityContext": {"runAsNonRoot": False}},
    "seccomp profile is Unconfined": {"securityContext": {"seccompProfile": {"type": "Unconfined"}}},
    "hostProcess is true": {"securityContext": {"windowsOptions": {"hostProcess": True}}},
}
CONTEXT: dict[str, Json] = {
    "privileged": {"privileged": True},
    "allowPrivilegeEscalation is not false": {"allowPrivilegeEscalation": True},
    "runAsNonRoot is not true": {"runAsNonRoot": None},
    "runAsUser is 0": {"runAsUser": 0},
    "no seccomp profile": {"seccompProfile": None},
    "seccomp profile is Unconfined": {"seccompProfile": {"type": "Unconfined"}},
    "AppArmor profile is Unconfined": {"appArmorProfile": {"type": "Unconfined"}},
    "SELinux options": {"seLinuxOptions": {"type": "spc_t"}},
    "procMount": {"procMount": "Unmasked"},
    "capabilities: ALL is not dropped": {"capabilities": {"drop": ["NET_RAW"]}},
    "capabilities are added": {"capabilities": {"drop": ["ALL"], "add": ["SYS_ADMIN"]}},
}
CONTAINER: dict[str, Json] = {
    "a host port": {"ports": [{"containerPort": 80, "hostPort": 80}]},
    "a probe of another host": {"livenessProbe": {"httpGet": {"path": "/", "port": 80, "host": "10.0.0.1"}}},
}


def changed(change: Callable[[Json], object]) -> list[str]:
    pod = copy.deepcopy(GOOD)
    change(pod)
    return violations(pod)


def test_a_good_pod_is_let_in() -> None:
    assert violations(GOOD) == []


@pytest.mark.parametrize("what", POD)
def test_a_pod_that_breaks_the_rule_is_refused(what: str) -> None:
    assert what in changed(lambda pod: pod.update(POD[what]))


@pytest.mark.parametrize("what", CONTEXT)
@pytest.mark.parametrize("kind", ["containers", "initContainers", "ephemeralContainers"])
def test_a_security_context_that_breaks_the_rule_is_refused(what: str, kind: str) -> None:
    def change(pod: Json) -> None:
        container = copy.deepcopy(pod["containers"][0]) | {"name": "bad"}
        container["securityContext"] |= CONTEXT[what]
        pod[kind] = [*pod.get(kind, []), {key: value for key, value in container.items() if value is not None}]
        pod[kind][-1]["securityContext"] = {k: v for k, v in container["securityContext"].items() if v is not None}

    assert changed(change) == [f"bad: {what}"]


@pytest.mark.parametrize("what", CONTAINER)
def test_a_container_that_breaks_the_rule_is_refused(what: str) -> None:
    assert changed(lambda pod: pod["containers"][0].update(CONTAINER[what])) == [f"app: {what}"]


def test_the_pods_context_counts_for_its_containers() -> None:
    """runAsNonRoot and seccomp may stand there; capabilities and escalation may not."""

    def change(pod: Json) -> None:
        pod["securityContext"] = {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}
        pod["containers"][0]["securityContext"] = {}

    assert changed(change) == [
        "app: allowPrivilegeEscalation is not false",
        "app: capabilities: ALL is not dropped",
    ]
