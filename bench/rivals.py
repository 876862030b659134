"""Other shippers, configured for the same work, measured beside tokentail when they are on PATH."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from typing import NamedTuple

from bench.process import BenchError, Spent, clean_environ, reap, tail
from bench.running import RunningSink

QUIET_SECONDS = 2.0
"""Most of them tail for ever, so a run is over when the sink has heard nothing for so long."""
TIMEOUT_SECONDS = 900.0


class Rival(NamedTuple):
    """One way to run another shipper. `configure` writes files into a directory and returns the command."""

    name: str
    program: str
    configure: Callable[[str, str, int], list[str]]
    """Of a directory to write into, the log file, the port of the sink."""


def promtail(directory: str, log: str, port: int, stages: str = "[]") -> list[str]:
    """Tail and ship; with `stages` also do what they say."""
    config = f"""\
server: {{http_listen_port: 0, grpc_listen_port: 0, log_level: error}}
positions: {{filename: {directory}/positions.yaml}}
clients: [{{url: "http://127.0.0.1:{port}/loki/api/v1/push"}}]
scrape_configs:
  - job_name: bench
    static_configs: [{{targets: [localhost], labels: {{job: bench, __path__: "{log}"}}}}]
    pipeline_stages: {stages}
"""
    return ["promtail", f"-config.file={_written(directory, 'promtail.yaml', config)}"]


def promtail_metrics(directory: str, log: str, port: int) -> list[str]:
    """Tail, ship, and count requests and tokens by model."""
    stages = """
      - json:
          expressions: {model: response.model, input: response.usage.prompt_tokens,
                        output: response.usage.completion_tokens}
      - labels: {model: }
      - metrics:
          requests_total: {type: Counter, description: calls, config: {match_all: true, action: inc}}
          input_tokens_total: {type: Counter, description: input, source: input, config: {action: add}}
          output_tokens_total: {type: Counter, description: output, source: output, config: {action: add}}
"""
    return promtail(directory, log, port, stages)


def fluent_bit(directory: str, log: str, port: int) -> list[str]:
    """Tail, decode, count requests by model, ship."""
    parsers = "[PARSER]\n    Name json\n    Format json\n"
    config = f"""\
[SERVICE]
    Flush 1
    Log_Level error
    Parsers_File {_written(directory, "parsers.conf", parsers)}
[INPUT]
    Name tail
    Tag llm
    Path {log}
    Parser json
    Read_from_Head true
    Buffer_Max_Size 1M
[FILTER]
    Name log_to_metrics
    Match llm
    Tag metrics
    Metric_Mode counter
    Metric_Name requests
    Metric_Description calls
    Label_Field $response['model']
[OUTPUT]
    Name prometheus_exporter
    Match metrics
    Host 127.0.0.1
    Port 0
[OUTPUT]
    Name loki
    Match llm
    Host 127.0.0.1
    Port {port}
    Labels job=bench
"""
    return ["fluent-bit", "-c", _written(directory, "fluent-bit.conf", config)]


RIVALS = (
    Rival("promtail, ship", "promtail", promtail),
    Rival("promtail, meter+ship", "promtail", promtail_metrics),
    Rival("fluent-bit, meter+ship", "fluent-bit", fluent_bit),
)


def present() -> list[Rival]:
    """Those whose program is on PATH."""
    return [rival for rival in RIVALS if shutil.which(rival.program)]


def spend(rival: Rival, sink: RunningSink, log: str) -> Spent:
    """Runs it over the file until the sink hears no more. BenchError when less than the file came through."""
    with tempfile.TemporaryDirectory() as directory, tempfile.TemporaryFile() as errors:
        before = sink.plain_bytes()
        started = time.perf_counter()
        process = subprocess.Popen(
            rival.configure(directory, log, sink.port),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=errors,
            env=clean_environ(),
        )
        try:
            _until_quiet(sink, before)
        finally:
            process.terminate()
            spent = reap(process, started)
        errors.seek(0)
        if sink.plain_bytes() - before < os.path.getsize(log):
            raise BenchError(f"{rival.name}: not everything came through\n{tail(errors.read())}")
    return spent


def _until_quiet(sink: RunningSink, before: int) -> None:
    deadline = time.monotonic() + TIMEOUT_SECONDS
    seen = sink.plain_bytes()
    while time.monotonic() < deadline:
        time.sleep(QUIET_SECONDS)
        now = sink.plain_bytes()
        if now == seen > before:
            return
        seen = now
    raise BenchError(f"the sink was not quiet within {TIMEOUT_SECONDS:.0f} s")


def _written(directory: str, name: str, text: str) -> str:
    path = os.path.join(directory, name)
    with open(path, "w") as file:
        file.write(text)
    return path
