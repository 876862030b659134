"""The restricted Pod Security profile: what of a pod it would refuse; knows pods only, no cluster.

After https://kubernetes.io/docs/concepts/security/pod-security-standards/ (baseline and restricted, Linux).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Json = dict[str, Any]
VOLUMES = {"configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret"}
SAFE_SYSCTLS = {
    "kernel.shm_rmid_forced",
    "net.ipv4.ip_local_port_range",
    "net.ipv4.ip_local_reserved_ports",
    "net.ipv4.ip_unprivileged_port_start",
    "net.ipv4.ping_group_range",
    "net.ipv4.tcp_fin_timeout",
    "net.ipv4.tcp_keepalive_intvl",
    "net.ipv4.tcp_keepalive_probes",
    "net.ipv4.tcp_keepalive_time",
    "net.ipv4.tcp_rmem",
    "net.ipv4.tcp_syncookies",
    "net.ipv4.tcp_wmem",
}
PROBES = ("livenessProbe", "readinessProbe", "startupProbe")


def violations(pod: Json) -> list[str]:
    """One line for each rule broken, with the place; empty when the profile lets the pod in."""
    found = list(_of_pod(pod))
    for kind in ("initContainers", "containers", "ephemeralContainers"):
        for container in pod.get(kind, []):
            found += [
                f"{container['name']}: {what}" for what in _of_container(container, pod.get("securityContext", {}))
            ]
    return found


def _of_pod(pod: Json) -> Iterator[str]:
    context = pod.get("securityContext", {})
    yield from (f"{name} is true" for name in ("hostNetwork", "hostPID", "hostIPC") if pod.get(name))
    for volume in pod.get("volumes", []):
        kinds = set(volume) - {"name"}
        yield from (f"volume {volume['name']} is a {kind}" for kind in kinds - VOLUMES)
    for sysctl in context.get("sysctls", []):
        if sysctl["name"] not in SAFE_SYSCTLS:
            yield f"sysctl {sysctl['name']}"
    yield from _of_both(context)


def _of_both(context: Json) -> Iterator[str]:
    """What may stand at the pod or at a container, and must be right at both."""
    if context.get("runAsNonRoot") is False:
        yield "runAsNonRoot is false"
    if context.get("runAsUser") == 0:
        yield "runAsUser is 0"
    if context.get("seccompProfile", {}).get("type", "RuntimeDefault") not in ("RuntimeDefault", "Localhost"):
        yield "seccomp profile is Unconfined"
    if context.get("appArmorProfile", {}).get("type", "RuntimeDefault") not in ("RuntimeDefault", "Localhost"):
        yield "AppArmor profile is Unconfined"
    if context.get("windowsOptions", {}).get("hostProcess"):
        yield "hostProcess is true"
    selinux = context.get("seLinuxOptions", {})
    kinds = ("", "container_t", "container_init_t", "container_kvm_t", "container_engine_t")
    if selinux.get("user") or selinux.get("role") or selinux.get("type", "") not in kinds:
        yield "SELinux options"


def _of_container(container: Json, pod_context: Json) -> Iterator[str]:
    context = container.get("securityContext", {})
    yield from _of_both(context)
    if context.get("privileged"):
        yield "privileged"
    if context.get("allowPrivilegeEscalation") is not False:
        yield "allowPrivilegeEscalation is not false"
    if not context.get("runAsNonRoot", pod_context.get("runAsNonRoot")):
        yield "runAsNonRoot is not true"
    if not context.get("seccompProfile", pod_context.get("seccompProfile")):
        yield "no seccomp profile"
    if context.get("procMount", "Default") != "Default":
        yield "procMount"
    capabilities = context.get("capabilities", {})
    if "ALL" not in capabilities.get("drop", []):
        yield "capabilities: ALL is not dropped"
    if set(capabilities.get("add", [])) - {"NET_BIND_SERVICE"}:
        yield "capabilities are added"
    if any(port.get("hostPort") for port in container.get("ports", [])):
        yield "a host port"
    if any("host" in container.get(probe, {}).get(way, {}) for probe in PROBES for way in ("httpGet", "tcpSocket")):
        yield "a probe of another host"
