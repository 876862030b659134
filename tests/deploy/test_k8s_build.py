"""Every kustomization builds, is what the API's schema says, and comes out the same whoever builds it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator

import kubernetes_validate
import pytest
import yaml

from deploy.k8s import generated
from tailer import __version__

from .manifests import BUILT, EXAMPLES, FOUND, K8S, Json, containers, needs_kustomize, objects, pods, text

pytestmark = needs_kustomize

CUSTOM = {"PodMonitor", "PrometheusRule"}
NATIVE_VERSIONS = ("1.29", "1.31", "1.33", "1.35", "1.37")
CLASSIC_VERSIONS = ("1.25", "1.26", "1.27", "1.28")
QUANTITY = re.compile(r"\d+(\.\d+)?(m|k|Ki|M|Mi|G|Gi)?")
DEPRECATED = {"bases", "commonLabels", "patchesStrategicMerge", "patchesJson6902", "vars"}


@pytest.mark.parametrize("place", BUILT)
@pytest.mark.parametrize("version", NATIVE_VERSIONS)
def test_each_object_is_valid_for_each_version(place: str, version: str) -> None:
    """Strictly: a misspelt field is a fault."""
    for thing in objects(place):
        if thing["kind"] not in CUSTOM:
            kubernetes_validate.validate(thing, version, strict=True)


@pytest.mark.parametrize("version", CLASSIC_VERSIONS)
def test_the_classic_container_is_valid_for_older_versions(version: str) -> None:
    """1.28 is the last one whose sidecars have to be asked for."""
    for thing in objects("examples/classic"):
        kubernetes_validate.validate(thing, version, strict=True)


@pytest.mark.parametrize("version", NATIVE_VERSIONS)
def test_the_example_of_a_network_policy_is_valid(version: str) -> None:
    """No kustomization names it, so nothing above has built it."""
    kubernetes_validate.validate(
        yaml.safe_load((K8S / "examples" / "networkpolicy.yaml").read_text()), version, strict=True
    )


def test_the_schemas_would_notice() -> None:
    """That the tests above can fail."""
    (thing,) = (thing for thing in objects("examples/deployment") if thing["kind"] == "Deployment")
    thing["spec"]["template"]["spec"]["containers"][0]["volumeMount"] = []
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(thing, "1.33", strict=True)


@pytest.mark.parametrize("place", BUILT)
def test_quantities_are_quantities(place: str) -> None:
    """The schemas take any text for one."""
    for name, pod in pods(place):
        for container in containers(pod):
            for side in container.get("resources", {}).values():
                assert all(QUANTITY.fullmatch(value) for value in side.values()), (name, container["name"])
        for volume in pod.get("volumes", []):
            limit = (volume.get("emptyDir") or {}).get("sizeLimit", "1Mi")
            assert QUANTITY.fullmatch(limit), (name, volume["name"])


@pytest.mark.skipif(len(FOUND) < 2, reason="only one of kustomize and kubectl is on the PATH")
@pytest.mark.parametrize("place", BUILT)
def test_kustomize_and_kubectl_agree(place: str) -> None:
    """Components and generators have changed places between releases; nothing here depends on it."""
    first, second = (objects(place, command) for command in FOUND)
    assert first == second


def test_made_files_are_as_they_would_be_made() -> None:
    """quickstart.yaml and the variants of the sidecar; `make quickstart` writes them."""
    for path, made in generated.texts().items():
        assert list(yaml.safe_load_all(path.read_text())) == list(yaml.safe_load_all(made)), path


def test_references_lead_somewhere() -> None:
    """Each ConfigMap that must exist is made in the same build, in the same namespace."""
    for place in ("quickstart", "stack", "node-agent", *EXAMPLES):
        made = {thing["metadata"]["name"] for thing in objects(place) if thing["kind"] == "ConfigMap"}
        for name, pod in pods(place):
            assert set(config_maps(pod)) <= made, (place, name)


def config_maps(pod: Json) -> Iterator[str]:
    for volume in pod.get("volumes", []):
        for source in (volume, *volume.get("projected", {}).get("sources", [])):
            if found := source.get("configMap"):
                yield found["name"]
    for container in containers(pod):
        for source in container.get("envFrom", []):
            if found := source.get("configMapRef"):
                yield found["name"]


def test_the_image_is_of_this_version() -> None:
    for path in K8S.rglob("kustomization.yaml"):
        for image in yaml.safe_load(path.read_text()).get("images", []):
            if image["name"] == "tokentail":
                assert image["newTag"] == __version__, path


def test_no_deprecated_spelling() -> None:
    for path in K8S.rglob("kustomization.yaml"):
        assert not DEPRECATED & set(yaml.safe_load(path.read_text())), path


@pytest.mark.parametrize("place", BUILT)
def test_client_side_apply_can_remember_every_object(place: str) -> None:
    """It keeps the whole object in an annotation, of which there may be 256 KiB."""
    for thing in objects(place):
        assert len(yaml.safe_dump(thing)) < 250_000, thing["metadata"]["name"]


@pytest.mark.skipif("KUBECONFIG" not in os.environ, reason="KUBECONFIG is not set: no API server to ask")
@pytest.mark.skipif(not shutil.which("kubectl"), reason="no kubectl")
@pytest.mark.parametrize("place", [place for place in BUILT if place != "operator"])
def test_an_api_server_takes_it(place: str, tmp_path: object) -> None:
    """`--dry-run=server`, with the namespaces made first: a dry run does not make them for what comes after."""
    made = text(place)
    names = {thing["metadata"].get("namespace") for thing in yaml.safe_load_all(made)} - {None}
    for name in names:
        subprocess.run(("kubectl", "create", "namespace", name), capture_output=True, check=False)
    done = subprocess.run(
        ("kubectl", "apply", "--dry-run=server", "-f", "-"), input=made, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "would violate PodSecurity" not in done.stderr
