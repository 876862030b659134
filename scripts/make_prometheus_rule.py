"""Makes deploy/alerts/operator/prometheusrule.yaml from deploy/alerts/rules.yaml; changes nothing but the wrapping.

Run it after an edit of the rules: `make alerts`. With --runbooks it also makes every alert point to your own copy of
RUNBOOK.md, in both files.

python scripts/make_prometheus_rule.py [--runbooks https://wiki.example.com/tokentail/RUNBOOK.md]
"""

from __future__ import annotations

import argparse
import re
from pathlib import Path

import yaml

ALERTS = Path(__file__).resolve().parents[1] / "deploy" / "alerts"
RULES = ALERTS / "rules.yaml"
RESOURCE = ALERTS / "operator" / "prometheusrule.yaml"
HEADER = "# Made from ../rules.yaml by `make alerts`, which has the comments; edit that.\n"


class Dumper(yaml.SafeDumper):
    """Expressions of several lines stay readable."""


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if text.endswith("\n") else None)


Dumper.add_representer(str, _text)


def prometheus_rule(rules: str) -> str:
    """The object for the Prometheus operator that holds these rules."""
    resource = {
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "PrometheusRule",
        "metadata": {"name": "tokentail", "labels": {"app.kubernetes.io/name": "tokentail"}},
        "spec": yaml.safe_load(rules),
    }
    return HEADER + yaml.dump(resource, Dumper=Dumper, sort_keys=False, width=1000)


def with_runbooks(rules: str, address: str) -> str:
    """The same rules with every runbook_url at this address; the anchors stay."""
    return re.sub(r"(runbook_url: )[^\s#]+(#\S+)", lambda found: found[1] + address + found[2], rules)


def main() -> None:
    """Writes the object, and the rules if they change."""
    parser = argparse.ArgumentParser(description="Wrap the rules for the Prometheus operator.")
    parser.add_argument("--runbooks", metavar="URL", help="where your RUNBOOK.md can be read, without an anchor")
    args = parser.parse_args()
    rules = RULES.read_text()
    if args.runbooks:
        rules = with_runbooks(rules, args.runbooks)
        RULES.write_text(rules)
    RESOURCE.write_text(prometheus_rule(rules))


if __name__ == "__main__":
    main()
