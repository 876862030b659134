"""What the components make of a user's workload."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest
import yaml

from tailer.config import load

from .manifests import EXAMPLES, FOUND, K8S, Json, containers, needs_kustomize, objects, pods, sidecar, text
from .pod_security import violations

pytestmark = needs_kustomize

NATIVE = [place for place in EXAMPLES if place != "examples/classic"]
RESTRICTED = ["quickstart", "stack", *EXAMPLES]


@pytest.mark.parametrize("place", EXAMPLES)
def test_every_kind_of_workload_gets_it_once(place: str) -> None:
    """Deployment, StatefulSet, Job and CronJob, each beside the application that was there."""
    ((_, pod),) = pods(place)
    names = [container["name"] for container in containers(pod)]
    assert names.count("tokentail") == 1
    assert len(names) == 2


@pytest.mark.parametrize("place", ["quickstart", *NATIVE])
def test_it_is_a_native_sidecar_and_the_first(place: str) -> None:
    """Started before the application, stopped after it, and no Job waits for it."""
    for _, pod in pods(place):
        assert pod["initContainers"][0]["name"] == "tokentail"
        assert pod["initContainers"][0]["restartPolicy"] == "Always"


def test_the_classic_one_waits_for_the_last_lines() -> None:
    """All containers are told to stop at once; the grace has room for the wait and for delivering."""
    ((_, pod),) = pods("examples/classic")
    (waiting,) = (container for container in pod["containers"] if container["name"] == "tokentail")
    assert "restartPolicy" not in waiting
    seconds = int(waiting["lifecycle"]["preStop"]["exec"]["command"][-1].split("(")[1].rstrip(")"))
    assert seconds + load({}, {}).drain_seconds < 30, "the default grace period"


def test_a_workload_without_the_label_is_left_alone(tmp_path: Path) -> None:
    """And so is a Job under the classic component, which it would never let end."""
    source = K8S / "examples" / "classic" / "workload.yaml"
    assert "tokentail: sidecar" in source.read_text()
    component = yaml.safe_load((K8S / "sidecar" / "kustomization.yaml").read_text())["patches"][0]["target"]
    assert component["labelSelector"] == "tokentail=sidecar"
    classic = yaml.safe_load((K8S / "sidecar-classic" / "kustomization.yaml").read_text())["patches"][0]["target"]
    assert "Job" not in classic["kind"]
    for _, pod in pods("stack"):
        named = [container["name"] for container in containers(pod)]
        assert ("tokentail" in named) == ("app" in named)


@pytest.mark.parametrize("place", RESTRICTED)
def test_restricted_pod_security_lets_it_in(place: str) -> None:
    for name, pod in pods(place):
        assert violations(pod) == [], name


def test_restricted_without_help_from_the_pod() -> None:
    """The pod's own context belongs to the user: the sidecar must satisfy the profile by itself."""
    ((_, pod),) = pods("examples/deployment")
    alone = {"containers": [sidecar(pod)], "volumes": pod["volumes"]}
    assert violations(alone) == []
    assert alone["containers"][0]["securityContext"]["readOnlyRootFilesystem"] is True


def test_only_the_node_agent_needs_more_and_says_so() -> None:
    ((_, pod),) = pods("node-agent")
    assert sorted(violations(pod)) == [
        "tokentail: runAsNonRoot is not true",
        "tokentail: runAsUser is 0",
        "volume pod-logs is a hostPath",
        "volume tokentail-state is a hostPath",
    ]
    (namespace,) = (thing for thing in objects("node-agent") if thing["kind"] == "Namespace")
    assert namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "privileged"


@pytest.mark.parametrize("place", ["quickstart", "node-agent", *EXAMPLES])
def test_no_probe_depends_on_loki_or_takes_the_application_out_of_service(place: str) -> None:
    for _, pod in pods(place):
        container = sidecar(pod)
        assert "readinessProbe" not in container
        for probe in ("startupProbe", "livenessProbe"):
            assert container[probe]["httpGet"] == {"path": "/healthz", "port": "llm-metrics"}


@pytest.mark.parametrize("place", ["quickstart", *EXAMPLES])
def test_the_log_is_read_only_and_the_state_its_own(place: str) -> None:
    for _, pod in pods(place):
        mounts = {mount["name"]: mount for mount in sidecar(pod)["volumeMounts"]}
        assert mounts["llm-logs"]["readOnly"] is True
        assert not mounts["tokentail-state"].get("readOnly")
        volumes = {volume["name"]: volume for volume in pod["volumes"]}
        assert volumes["tokentail-state"]["emptyDir"]["sizeLimit"]
        assert volumes["llm-logs"]["emptyDir"]["sizeLimit"]
        (application,) = (container for container in pod["containers"] if container["name"] != "tokentail")
        assert [mount["name"] for mount in application["volumeMounts"]] == ["llm-logs"]


@pytest.mark.parametrize("place", ["quickstart", *EXAMPLES])
def test_requests_and_limits_hold_what_was_measured(place: str) -> None:
    """README, "Performance": 79 MiB flat out, 119 MiB with a line of 16 MiB. No CPU limit: it would only add lag."""
    for _, pod in pods(place):
        resources = sidecar(pod)["resources"]
        assert resources["requests"]["memory"] == "80Mi"
        assert resources["limits"] == {"memory": "192Mi"}


@pytest.mark.parametrize("place", ["quickstart", "stack", "node-agent", *EXAMPLES])
def test_its_settings_are_accepted(place: str, tmp_path: Path) -> None:
    """The variables of the container, as the kubelet would give them, are a valid configuration."""
    found = {thing["metadata"]["name"]: thing["data"] for thing in objects(place) if thing["kind"] == "ConfigMap"}
    known = {"POD_NAMESPACE": "shop", "POD_NAME": "checkout-1", "APP": "", "NODE_NAME": "node-1"}
    for _, pod in pods(place):
        if all(container["name"] != "tokentail" for container in containers(pod)):
            continue
        container = sidecar(pod)
        environ = {"TOKENTAIL_PATHS": "/var/log/app/*.log", "TOKENTAIL_STATE_DIR": str(tmp_path)}
        for source in container["envFrom"]:
            environ |= found[source["configMapRef"]["name"]]
        for variable in container["env"]:
            value = variable.get("value", known.get(variable["name"], ""))
            for name, text_of in known.items():
                value = value.replace(f"$({name})", text_of)
            environ[variable["name"]] = value
        config = load({}, with_secrets(environ, container, tmp_path))
        assert config.label["job"] == "tokentail"
        assert "pod" not in config.label, "a stream for each pod is a stream too many"
        if place != "node-agent":
            assert config.loki.metadata == {"pod": "checkout-1", "node": "node-1"}


def with_secrets(environ: dict[str, str], container: Json, directory: Path) -> dict[str, str]:
    """The same with every file of the Secret `tokentail` there, as its volume would hold it."""
    places = {mount["name"]: mount["mountPath"] for mount in container["volumeMounts"]}
    if "tokentail-config" not in places:
        return environ
    mounted = f"{places['tokentail-config']}/"
    for name, value in environ.items():
        if name.endswith("_FILE"):
            assert value.startswith(mounted), name
            (directory / value.removeprefix(mounted)).write_text("a-token")
    return {name: value.replace(mounted, f"{directory}/") for name, value in environ.items()}


def test_the_examples_of_pushes_say_which_pod_it_is() -> None:
    """Remote write and OTLP know of no scraper that would add it."""
    for place in ("examples/grafana-cloud", "examples/otel-collector"):
        ((_, pod),) = pods(place)
        told = {variable["name"]: variable.get("value", "") for variable in sidecar(pod)["env"]}
        assert told["TOKENTAIL_REMOTE_WRITE_LABELS"] == "pod=$(POD_NAME)"
        assert "k8s.pod.name=$(POD_NAME)" in told["OTEL_RESOURCE_ATTRIBUTES"]
        (settings,) = (thing["data"] for thing in objects(place) if thing["kind"] == "ConfigMap")
        assert {"TOKENTAIL_LOKI_URL", "TOKENTAIL_DIMENSION"} < settings.keys(), "what was there stays"
        assert any(name in settings for name in ("TOKENTAIL_REMOTE_WRITE_URL", "TOKENTAIL_OTLP_METRICS_URL"))
        assert not any("#" in value for value in settings.values())


@pytest.mark.parametrize("place", ["quickstart", "node-agent", *EXAMPLES])
def test_a_variable_refers_to_those_before_it(place: str) -> None:
    """The kubelet leaves `$(NAME)` as it is where NAME comes later, or only from the ConfigMap."""
    for _, pod in pods(place):
        assert unknown_references(sidecar(pod)) == []


def unknown_references(container: Json) -> list[str]:
    known: set[str] = set()
    unknown = []
    for variable in container["env"]:
        unknown += [name for name in re.findall(r"\$\((\w+)\)", variable.get("value", "")) if name not in known]
        known.add(variable["name"])
    return unknown


@pytest.mark.parametrize("command", FOUND)
def test_the_patches_of_the_readme_do_what_it_says(tmp_path: Path, command: tuple[str, str]) -> None:
    """A label more that still knows its pod, and probes over TLS; on a user's own workload, as they stand there."""
    blocks = re.findall(r"```yaml\n(patches:\n  - target.*?)```", (K8S / "README.md").read_text(), re.DOTALL)
    place = Path(os.path.relpath(K8S, tmp_path.resolve()))
    own: Json = {"resources": [str(place / "examples/deployment")], "patches": []}
    for block in blocks:
        own["patches"] += yaml.safe_load(block)["patches"]
    (tmp_path / "kustomization.yaml").write_text(yaml.safe_dump(own))
    done = subprocess.run((*command, str(tmp_path)), capture_output=True, text=True, check=True)
    (made,) = (thing for thing in yaml.safe_load_all(done.stdout) if thing["kind"] == "Deployment")
    container = sidecar(made["spec"]["template"]["spec"])
    (label,) = (variable["value"] for variable in container["env"] if variable["name"] == "TOKENTAIL_LABEL")
    assert label == "job=tokentail,cluster=eu-1,namespace=$(POD_NAMESPACE),app=$(APP)"
    assert unknown_references(container) == []
    for probe in ("startupProbe", "livenessProbe"):
        assert container[probe]["httpGet"] == {"path": "/healthz", "port": "llm-metrics", "scheme": "HTTPS"}


def test_the_port_has_the_name_that_is_scraped_for() -> None:
    """One name in the container, the PodMonitor and the plain scrape configuration."""
    (port,) = sidecar(dict(pods("quickstart"))["shop-assistant"])["ports"]
    assert len(port["name"]) <= 15
    (monitor,) = (thing for thing in objects("operator") if thing["kind"] == "PodMonitor")
    assert monitor["spec"]["podMetricsEndpoints"][0]["port"] == port["name"]
    assert f"regex: {port['name']}" in text("scrape")


def test_the_users_image_wins() -> None:
    """An `images:` entry in the user's own kustomization, also over the tag that the component gives."""
    ((_, pod),) = pods("examples/deployment")
    assert sidecar(pod)["image"].startswith("images.example.com/tokentail:")


def test_a_changed_setting_rolls_the_pods() -> None:
    """The ConfigMap's name holds a hash of its content, and both places that mention it have it."""
    ((_, pod),) = pods("examples/deployment")
    (name,) = (thing["metadata"]["name"] for thing in objects("examples/deployment") if thing["kind"] == "ConfigMap")
    assert name.startswith("tokentail-")
    (config,) = (volume for volume in pod["volumes"] if volume["name"] == "tokentail-config")
    assert config["projected"]["sources"][0]["configMap"]["name"] == name
    assert sidecar(pod)["envFrom"][0]["configMapRef"]["name"] == name
