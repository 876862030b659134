"""The image in a pod of two: an application writes as one user, tokentail reads as another, both restricted.

Runs where TOKENTAIL_IMAGE names a built image and podman or docker is there: `make image-test`.
"""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.demo_totals import totals

from .engine import ARGS, ENGINE, IMAGE, RESTRICTED, EngineError, Pod, engine, inspected, python, scrape

pytestmark = [
    pytest.mark.skipif(not IMAGE, reason="TOKENTAIL_IMAGE is not set: `make image-test` builds and tests the image"),
    pytest.mark.skipif(not ENGINE, reason="neither podman nor docker is here"),
    pytest.mark.skipif(os.getuid() != 0, reason="gives directories to other users, as the kubelet does: needs root"),
]
WRITER = ("-m", "tailer.cli.demo_writer", "/var/log/app/app.log", "--calls", "300", "--speed", "0")
APPLICATION_USER = 10001
OUR_USER = 65532
ALONE = (*ARGS, *RESTRICTED, "--network=none", "--entrypoint=python3")


@pytest.fixture
def pod(tmp_path: Path) -> Iterator[Pod]:
    # Everybody must be able to walk down to what is mounted.
    for place in (tmp_path, *tmp_path.parents[:2]):
        place.chmod(0o755)
    made = Pod.make(f"tokentail-test-{os.getpid()}", tmp_path)
    yield made
    made.remove()


def total(metrics: str, name: str) -> float:
    return sum(float(line.rsplit(" ", 1)[1]) for line in metrics.splitlines() if re.match(rf"{name}[{{ ]", line))


def until_read(container: str, logs: Path) -> str:
    """The metrics once every byte has been read and no call is open."""
    written = sum(path.stat().st_size for path in logs.iterdir())
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        metrics = scrape(container)
        if total(metrics, "tokentail_read_bytes_total") >= written and not total(metrics, "tokentail_open_calls"):
            return metrics
        time.sleep(0.2)
    raise AssertionError(metrics)


def test_two_containers_share_a_volume_and_every_call_is_counted(pod: Pod) -> None:
    """Through a stop by SIGTERM, which ends with 0, and a start from the same state; nothing twice."""
    tailer = pod.start("tailer", OUR_USER, "run")
    engine("wait", pod.start("app", APPLICATION_USER, *WRITER, entrypoint="python3"))
    expected = totals(line for path in pod.logs.iterdir() for line in path.read_text().splitlines())
    metrics = until_read(tailer, pod.logs)
    assert total(metrics, "llm_requests_total") == expected.calls
    assert total(metrics, "llm_tokens_total") == expected.tokens
    engine("stop", "--time", "20", tailer)
    assert inspected(tailer)["State"]["ExitCode"] == 0
    again = pod.start("tailer-again", OUR_USER, "run")
    assert total(scrape(again), "llm_requests_total") == expected.calls


def test_the_root_is_read_only_and_the_state_is_not(pod: Pod) -> None:
    tailer = pod.start("tailer", OUR_USER, "run")
    scrape(tailer)
    assert python(tailer, "import os; print(os.getuid(), os.getgid())") == f"{OUR_USER} {OUR_USER}"
    for place in ("/etc/x", "/var/log/app/x", "/opt/tokentail/x"):
        with pytest.raises(EngineError, match="Read-only"):
            python(tailer, f"open({place!r}, 'w')")
    assert (pod.state / "checkpoint").exists()


def test_a_file_that_others_may_not_read_is_reported_and_read_when_they_may(pod: Pod) -> None:
    """The trap of different users: mode 0600 stays closed to us whatever the group."""
    closed = pod.logs / "closed.log"
    closed.write_text('{"a": 1}\n')
    closed.chmod(0o600)
    tailer = pod.start("tailer", OUR_USER, "run")
    deadline = time.monotonic() + 30
    while not total(scrape(tailer), "tokentail_file_errors_total"):
        assert time.monotonic() < deadline, "nothing was refused"
        time.sleep(0.2)
    closed.chmod(0o640)
    os.chown(closed, APPLICATION_USER, 20000)
    until_read(tailer, pod.logs)


def test_it_holds_no_shell() -> None:
    """/usr/bin has Python and nothing else."""
    held = engine("run", "--rm", *ALONE, IMAGE, "-c", "import os; print(os.listdir('/usr/bin'))")
    assert all(name.startswith("python3") for name in json.loads(held.replace("'", '"'))), held


def test_it_is_small_and_labelled() -> None:
    (image,) = json.loads(engine("image", "inspect", IMAGE))
    assert image["Size"] < 90_000_000
    assert image["Config"]["User"] == f"{OUR_USER}:{OUR_USER}"
    assert image["Config"]["Entrypoint"] == ["tokentail"]
    assert image["Config"]["Labels"]["org.opencontainers.image.version"] != "unknown"


def test_it_trusts_the_usual_authorities() -> None:
    """A Loki behind TLS: certificates are in the image."""
    code = "import ssl; print(ssl.create_default_context().cert_store_stats()['x509_ca'])"
    assert int(engine("run", "--rm", *ALONE, IMAGE, "-c", code)) > 50
