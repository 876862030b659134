"""The flags that are keys of the configuration; their values are judged in `tailer.config`, all at once."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import NamedTuple

from tailer.config.faults import Fault
from tailer.config.sources import flag_name


class Option(NamedTuple):
    """One flag; its help says the default, since what is not given must stay absent for the layers beneath."""

    key: str
    metavar: str
    help: str
    repeatable: bool = False


OPTIONS = (
    Option("config", "FILE", "YAML configuration; its keys are these flags with underscores"),
    Option("state_dir", "DIR", "where the checkpoint lives (default: ./.tokentail)"),
    Option(
        "listen",
        "HOST:PORT",
        "HTTP address of /metrics, /healthz and /readyz; port 0 takes any free one (default: 127.0.0.1:9847)",
    ),
    Option("web_config_file", "FILE", "TLS and users of the HTTP port, in the format of Prometheus' exporter-toolkit"),
    Option(
        "read_from",
        "beginning|end",
        "where to start in a file never seen before (default: beginning)",
    ),
    Option("loki_url", "URL", "base or full push URL of Loki; without it nothing is forwarded"),
    Option("loki_tenant", "ID", "tenant, sent as X-Scope-OrgID"),
    Option(
        "loki_encoding",
        "protobuf|json",
        "protobuf with snappy, or JSON with gzip (default: protobuf)",
    ),
    Option(
        "label",
        "NAME=VALUE",
        "static label of Loki's streams and of pushed metrics, repeatable; replaces the default job=tokentail",
        True,
    ),
    Option(
        "profile",
        "NAME",
        "metric profile, repeatable: llm, openai_mixin, prom_client, scanium, otel (default: llm)",
        True,
    ),
    Option("dimension", "NAME=PATH", "extra metric label from a dotted path in the log line, repeatable", True),
    Option("drain_seconds", "S", "how long delivery may go on after SIGTERM (default: 10)"),
    Option("log_level", "LEVEL", "tokentail's own log: debug, info, warning or error (default: info)"),
    Option("log_format", "console|json", "of its own log, on stderr (default: console on a terminal, else json)"),
)
ELSEWHERE = (
    Option(
        "splunk_url",
        "URL",
        "forward the lines to this HTTP Event Collector of Splunk, with splunk.token_file or TOKENTAIL_SPLUNK_TOKEN",
    ),
    Option(
        "otlp_logs_url",
        "URL",
        "forward the lines as OTLP logs over HTTP (4318 as a rule, not gRPC's 4317); /v1/logs is added",
    ),
    Option("otlp_metrics_url", "URL", "push the metrics by OTLP over HTTP; /v1/metrics is added"),
    Option("remote_write_url", "URL", "push the metrics by Prometheus remote write; the whole address, with its path"),
    Option("resource", "NAME=VALUE", "resource attribute of all that goes out by OTLP, repeatable", True),
)
FURTHER = (
    Option("prices", "FILE", "YAML or CSV that overrides the price table, repeatable; the first that knows wins", True),
    Option(
        "model_alias",
        "NAME=MODEL",
        "what a model's name in the log (it may have *) stands for in price lists, repeatable",
        True,
    ),
    Option("parsers", "FILE", "Python file with further parsers, asked before the built-in ones, repeatable", True),
    Option(
        "allowed_roots",
        "DIR",
        "directory into which links on the paths may lead, beside those the paths stand in, repeatable",
        True,
    ),
    Option("exemplars", "true|false", "ids of calls beside latency and cost in OpenMetrics (default: true)"),
    Option("max_line_bytes", "N", "a longer line is measured and not read (default: 16777216)"),
    Option("poll_seconds", "S", "how often to look at the files where no change is announced (default: 1)"),
    Option("rotate_grace_seconds", "S", "how long a rotated file must be quiet before it is let go (default: 30)"),
    Option("checkpoint_seconds", "S", "how often the state is saved while it changes (default: 1)"),
)


def add_config_arguments(parser: argparse.ArgumentParser) -> None:
    """PATH and every flag of `run`. All values stay text: the configuration converts them and names every fault."""
    parser.add_argument("paths", nargs="*", metavar="PATH", default=argparse.SUPPRESS, help="files or globs to tail")
    parser.add_argument(
        "--once", action="store_true", default=argparse.SUPPRESS, help="read every file to its end, deliver, save, exit"
    )
    for option in OPTIONS:
        add_option(parser, option)
    for title, options in (("where lines and metrics also go", ELSEWHERE), ("further settings", FURTHER)):
        group = parser.add_argument_group(title)
        for option in options:
            add_option(group, option)


def config_flags(args: argparse.Namespace) -> dict[str, object]:
    """What was given on the command line, by key: the first argument of `tailer.config.load`."""
    keys = ("paths", "once", *(option.key for option in (*OPTIONS, *ELSEWHERE, *FURTHER)))
    return {key: getattr(args, key) for key in keys if hasattr(args, key)}


def fault_lines(faults: Sequence[Fault | str]) -> str:
    """All faults for stderr: how many, then one on each line."""
    count = "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
    return "\n".join([f"{count} in the configuration:", *(f"  {fault}" for fault in faults)])


def add_option(parser: argparse._ActionsContainer, option: Option) -> None:
    """One flag, absent from the namespace unless it is given."""
    parser.add_argument(
        flag_name(option.key),
        dest=option.key,
        metavar=option.metavar,
        action="append" if option.repeatable else "store",
        default=argparse.SUPPRESS,
        help=option.help,
    )
