"""What the Dockerfile promises, without building it; test_image_running.py runs the built image."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

from tailer.config import load

ROOT = Path(__file__).parents[2]
DOCKERFILE = (ROOT / "Dockerfile").read_text()
LAST_STAGE = DOCKERFILE[DOCKERFILE.rindex("\nFROM ") :]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


def instruction(name: str) -> list[str]:
    return re.findall(rf"^{name} (.+)$", LAST_STAGE, re.MULTILINE)


def test_the_last_stage_starts_from_nothing_and_runs_nothing() -> None:
    """No shell and no package manager can be in it, and nothing of the build stage but the root that was made."""
    assert LAST_STAGE.strip().startswith("FROM scratch\n")
    assert instruction("COPY") == ["--from=build /root-of-image /"]
    assert not instruction("RUN")


def test_user_entry_point_and_port() -> None:
    """A numeric user, tokentail as PID 1 without a shell before it, no health check that Kubernetes would not run."""
    assert instruction("USER") == ["65532:65532"]
    assert instruction("ENTRYPOINT") == ['["tokentail"]']
    assert instruction("EXPOSE") == ["9847"]
    assert not instruction("HEALTHCHECK")


def test_its_defaults_are_a_valid_configuration() -> None:
    found = dict(re.findall(r"(TOKENTAIL_\w+)=(\S+)", LAST_STAGE))
    config = load({}, found)
    assert config.listen == "0.0.0.0:9847"
    assert config.state_dir == "/var/lib/tokentail"
    assert config.paths == ("/var/log/app/*.log",)


def test_the_context_holds_what_is_copied_and_no_more() -> None:
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    assert "*" in ignored
    kept = {line[1:] for line in ignored if line.startswith("!")}
    assert kept == {"LICENSE", "README.md", "constraints.txt", "deploy/image", "parsers", "pyproject.toml", "tailer"}
    assert all((ROOT / name).exists() for name in kept)


def test_the_workflows_build_for_both_machines_and_publish_only_from_a_tag() -> None:
    """amd64 and arm64; a pull request gets no right to write."""
    release = yaml.safe_load((ROOT / ".github" / "workflows" / "release.yml").read_text())
    # YAML 1.1 reads the key `on` as True.
    assert release[True] == {"push": {"tags": ["v*"]}}
    text = (ROOT / ".github" / "workflows" / "release.yml").read_text()
    assert "linux/amd64,linux/arm64" in text
    for path in WORKFLOWS:
        workflow = yaml.safe_load(path.read_text())
        assert workflow["permissions"] == {"contents": "read"}, path.name
        for job in workflow["jobs"].values():
            assert job["timeout-minutes"]
            assert all(re.search(r"@(v\d|release/v\d)", step["uses"]) for step in job["steps"] if "uses" in step)
