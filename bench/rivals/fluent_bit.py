"""Fluent Bit. Source: its manual: input tail, filter log_to_metrics, outputs loki and prometheus_exporter."""

from __future__ import annotations

from bench.rivals.rival import MAX_LINE_BYTES, Place, Rival, free_port


def meter(place: Place) -> list[str]:
    """Tail, decode, count by model, ship.

    Its counters can only count lines (https://github.com/fluent/fluent-bit/issues/11343), so that tokens are summed by
    histograms.
    """
    parsers = "[PARSER]\n    Name json\n    Format json\n"
    config = f"""\
[SERVICE]
    Flush 1
    Log_Level error
    Parsers_File {place.write("parsers.conf", parsers)}
[INPUT]
    Name tail
    Tag llm
    Path {place.log}
    Parser json
    Read_from_Head true
    Buffer_Max_Size {MAX_LINE_BYTES}
{_filter("counter", "requests")}
{_filter("histogram", "input_tokens", "prompt_tokens")}
{_filter("histogram", "output_tokens", "completion_tokens")}
[OUTPUT]
    Name prometheus_exporter
    Match metrics
    Host 127.0.0.1
    Port {free_port()}
[OUTPUT]
    Name loki
    Match llm
    Host 127.0.0.1
    Port {place.http_port}
    Labels job=bench
"""
    return ["fluent-bit", "-c", place.write("fluent-bit.conf", config)]


def _filter(mode: str, name: str, of_usage: str | None = None) -> str:
    value = "" if of_usage is None else f"\n    Value_Field $response['usage']['{of_usage}']"
    return f"""\
[FILTER]
    Name log_to_metrics
    Match llm
    Tag metrics
    Metric_Mode {mode}
    Metric_Name {name}
    Metric_Description {name}
    Add_Label model $response['model']{value}"""


RIVALS = (
    Rival(
        "fluent-bit, meter+ship", "fluent-bit", "decodes, counts calls and tokens by model, ships JSON to Loki", meter
    ),
)
