"""The plain scrape configuration finds the sidecars, asked of promtool with targets as Kubernetes describes them."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from .manifests import K8S

pytestmark = pytest.mark.skipif(not shutil.which("promtool"), reason="no promtool")


def meta(container: str, port: str, phase: str = "Running", **more: str) -> dict[str, str]:
    found = {
        "namespace": "shop",
        "pod_name": "checkout-7d9f-x2",
        "pod_container_name": container,
        "pod_container_port_name": port,
        "pod_phase": phase,
        "pod_label_app_kubernetes_io_name": "checkout",
    } | more
    return {f"__meta_kubernetes_{name}": value for name, value in found.items()}


FOUND = {
    "10.0.0.1:9847": meta("tokentail", "llm-metrics", pod_container_init="true"),
    "10.0.0.2:9847": meta("tokentail", "llm-metrics", pod_container_init="false"),
    "10.0.0.3:8080": meta("checkout", "http"),
    "10.0.0.4:9847": meta("tokentail", "llm-metrics", "Succeeded"),
    "10.0.0.5:9847": meta("tokentail", "llm-metrics", "Pending"),
}


def test_native_and_classic_sidecars_are_scraped_and_nothing_else(tmp_path: Path) -> None:
    """By the port's name, while the pod runs; with namespace, pod, container and app."""
    config = yaml.safe_load((K8S / "scrape" / "tokentail.yaml").read_text())
    (job,) = config["scrape_configs"]
    assert job.pop("kubernetes_sd_configs") == [{"role": "pod"}]
    job["static_configs"] = [{"targets": [address], "labels": labels} for address, labels in FOUND.items()]
    path = tmp_path / "prometheus.yml"
    path.write_text(yaml.safe_dump(config))
    asked = ("promtool", "check", "service-discovery", "--timeout=2s", path, "tokentail")
    done = subprocess.run(asked, capture_output=True, text=True, check=True)
    kept = [target["labels"] for target in json.loads(done.stdout) if target.get("labels")]
    assert {labels["__address__"] for labels in kept} == {"10.0.0.1:9847", "10.0.0.2:9847"}
    for labels in kept:
        named = {name: value for name, value in labels.items() if not name.startswith("__")}
        expected = {"namespace": "shop", "pod": "checkout-7d9f-x2", "container": "tokentail", "app": "checkout"}
        assert named == {"job": "tokentail", "instance": labels["__address__"]} | expected
