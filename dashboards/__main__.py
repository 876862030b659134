"""`python -m dashboards` writes the JSON files beside this module; `--check` only says which of them differ."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from dashboards import health, profiles, service, splunk, usage
from dashboards.grafana import Dashboard

HERE = Path(__file__).parent
ALL = (usage.dashboard, service.dashboard, health.dashboard, profiles.dashboard)


def files() -> dict[Path, str]:
    """What every file for Grafana must hold."""
    return {HERE / f"{made.name}.json": text(made) for made in (make() for make in ALL)}


def text(dashboard: Dashboard) -> str:
    return json.dumps(dashboard.json(), indent=1, ensure_ascii=False) + "\n"


def main(arguments: list[str]) -> int:
    """0, or with `--check` 1 when a file differs."""
    every = {**files(), **splunk.files()}
    stale = {path: made for path, made in every.items() if not path.exists() or path.read_text("utf-8") != made}
    if "--check" in arguments:
        sys.stderr.writelines(f"{path.name} is not as it is made: run `make dashboards`\n" for path in stale)
        return 1 if stale else 0
    for path, made in stale.items():
        path.write_text(made, "utf-8")
        sys.stdout.write(f"{path.name} written\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
