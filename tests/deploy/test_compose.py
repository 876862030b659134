"""The stack of deploy/compose: what it mounts exists, and the servers' configuration is what they take."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import yaml

from tailer import __version__
from tailer.config import load
from tests.deploy.lokianswers import LogQuery

HERE = Path(__file__).parents[2] / "deploy" / "compose"
CONFIG = HERE.parent / "k8s" / "stack" / "servers" / "config"
COMPOSE: dict[str, Any] = yaml.safe_load((HERE / "compose.yaml").read_text())
SERVICES: dict[str, Any] = COMPOSE["services"]


def filled(text: str) -> str:
    """As compose does with nothing set."""
    return re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", text)


def test_everything_mounted_from_the_host_is_here() -> None:
    """Compose would make an empty directory of what is not."""
    for name, service in SERVICES.items():
        for volume in service.get("volumes", []):
            source = filled(volume).split(":")[0]
            if source.startswith("."):
                assert (HERE / source).exists(), (name, source)
            else:
                assert source in COMPOSE["volumes"], (name, source)


def test_tokentails_settings_are_accepted() -> None:
    given = {name: filled(value) for name, value in SERVICES["tokentail"]["environment"].items()}
    config = load({}, given | {"TOKENTAIL_PATHS": "/var/log/app/*.log"})
    assert config.loki_url == "http://loki:3100"
    assert len(config.profile) == 5


def test_tokentail_is_as_restricted_as_in_a_pod() -> None:
    service = SERVICES["tokentail"]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert filled(service["volumes"][0]).endswith(":ro")
    assert service["image"] == SERVICES["writer"]["image"] == f"tokentail:{__version__}"


def test_ports_are_open_to_this_machine_only() -> None:
    """Nothing in the stack asks for a password."""
    for service in SERVICES.values():
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", []))


def test_the_images_are_those_of_the_stack_on_kubernetes() -> None:
    """One place to raise a version would be better; two that must agree is what there is."""
    kustomization = yaml.safe_load((CONFIG.parent / "kustomization.yaml").read_text())
    there = {f"{image['name']}:{image['newTag']}" for image in kustomization["images"]}
    assert there == {service["image"] for name, service in SERVICES.items() if name not in ("tokentail", "writer")}


@pytest.mark.skipif(not shutil.which("promtool"), reason="no promtool")
@pytest.mark.parametrize("scrape", [HERE / "scrape.yaml", HERE.parent / "k8s" / "scrape" / "tokentail.yaml"])
def test_prometheus_takes_its_configuration(tmp_path: Path, scrape: Path) -> None:
    """With the scrape file put inside, and without Kubernetes: Debian's Prometheus knows neither."""
    config = yaml.safe_load((CONFIG / "prometheus.yml").read_text())
    assert config.pop("scrape_config_files") == ["/etc/prometheus/scrape/*.yaml"]
    config |= yaml.safe_load(scrape.read_text())
    for job in config["scrape_configs"]:
        job.pop("kubernetes_sd_configs", None)
    config["rule_files"] = [str(HERE.parent / "alerts" / "rules.yaml")]
    path = tmp_path / "prometheus.yml"
    path.write_text(yaml.safe_dump(config))
    done = subprocess.run(("promtool", "check", "config", path), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_points_on_the_panels_lead_to_their_log_lines() -> None:
    """Prometheus keeps exemplars, and Grafana has a link for both ids they can have."""
    servers = [SERVICES["prometheus"]["command"], (CONFIG.parent / "prometheus.yaml").read_text()]
    assert all("--enable-feature=exemplar-storage" in server for server in servers)
    prometheus, loki, _ = yaml.safe_load((CONFIG / "datasources.yaml").read_text())["datasources"]
    for place in prometheus["jsonData"]["exemplarTraceIdDestinations"]:
        assert "$" not in place["url"].replace("$$", "")  # as Grafana's provisioning wants it
        (panes,) = parse_qs(urlsplit(place["url"].replace("$$", "$")).query)["panes"]
        (pane,) = json.loads(panes).values()
        (query,) = pane["queries"]
        assert pane["datasource"] == query["datasource"]["uid"] == loki["uid"]
        (told,) = LogQuery.parsed(query["expr"]).filters
        assert told == (place["name"], "=", "${__value.raw}")


@pytest.mark.skipif(not shutil.which("amtool"), reason="no amtool")
def test_alertmanager_takes_its_configuration() -> None:
    done = subprocess.run(("amtool", "check-config", CONFIG / "alertmanager.yml"), capture_output=True, check=False)
    assert done.returncode == 0, done.stderr


def test_grafana_finds_data_sources_and_dashboards() -> None:
    """The data sources are the servers beside it; dashboards choose them by a variable, so any uid will do."""
    sources = yaml.safe_load((CONFIG / "datasources.yaml").read_text())["datasources"]
    hosts = {re.fullmatch(r"http://(\w+):\d+", source["url"]).group(1) for source in sources}  # type: ignore[union-attr]
    assert hosts <= set(SERVICES)
    (provider,) = yaml.safe_load((CONFIG / "dashboards.yaml").read_text())["providers"]
    home = SERVICES["grafana"]["environment"]["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"]
    assert home.startswith(provider["options"]["path"])
    assert (HERE.parents[1] / "dashboards" / Path(home).name).exists()
