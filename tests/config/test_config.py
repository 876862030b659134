"""What the configuration becomes: layers, spellings, types. Its faults are in test_config_faults.py."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tailer.cli.options import ELSEWHERE, FURTHER, OPTIONS
from tailer.config import Config, Fields, LokiOptions, examine, key_types, load
from tailer.config.faults import Fault
from tailer.config.sources import ALIASES, env_name, flag_name

FULL = """
paths: [/var/log/app/*.log, /var/log/worker.log]
state-dir: /var/lib/tokentail
listen: "[::]:9847"
labels: {job: api, team: search}
dimensions:
  tenant: request.metadata.tenant
profiles: [llm]
loki:
  url: https://loki.example.com
  tenant: team-a
  encoding: json
  username: tokentail
  password: env:LOKI_PASSWORD
  headers: {X-Team: search}
  batch_seconds: 1
fields:
  duration: {path: timing.total, unit: ms}
  timestamp: when
  timestamp_unit: s
limits: {open_calls: 500}
"""


def write(folder: Path, text: str) -> str:
    path = folder / "tail.yaml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_nothing_given_is_the_default_configuration() -> None:
    """No flag, no variable, no file: what CONTRACT.md calls the defaults."""
    assert load({}, {}) == Config()
    assert Config().label == {"job": "tokentail"}


def test_a_file_sets_every_kind_of_key(tmp_path: Path) -> None:
    """Sections, plurals, dashes, nested spellings of the Loki keys and of path and unit."""
    path = write(tmp_path, FULL)
    assert load({"config": path}, {"LOKI_PASSWORD": "x"}) == Config(
        paths=("/var/log/app/*.log", "/var/log/worker.log"),
        config=path,
        state_dir="/var/lib/tokentail",
        listen="[::]:9847",
        label={"job": "api", "team": "search"},
        dimension={"tenant": "request.metadata.tenant"},
        loki_url="https://loki.example.com",
        loki_tenant="team-a",
        loki_encoding="json",
        loki=LokiOptions(
            username="tokentail", password="env:LOKI_PASSWORD", headers={"X-Team": "search"}, batch_seconds=1.0
        ),
        fields=Fields(duration="timing.total", duration_unit="ms", timestamp="when", timestamp_unit="s"),
        limits=msgspec.structs.replace(Config().limits, open_calls=500),
    )


def test_flag_wins_over_variable_over_file(tmp_path: Path) -> None:
    """Each layer replaces the value of the one beneath, whole."""
    path = write(tmp_path, "listen: 127.0.0.1:1\ndrain_seconds: 1\nstate_dir: file\nlabel: {a: file, b: file}\n")
    environ = {"TOKENTAIL_LISTEN": "127.0.0.1:2", "TOKENTAIL_DRAIN_SECONDS": "2", "TOKENTAIL_LABEL": "a=env"}
    config = load({"config": path, "listen": "127.0.0.1:3"}, environ)
    assert (config.listen, config.drain_seconds, config.state_dir) == ("127.0.0.1:3", 2.0, "file")
    assert config.label == {"a": "env"}


def test_the_file_may_be_named_by_a_variable(tmp_path: Path) -> None:
    """TOKENTAIL_CONFIG is --config."""
    path = write(tmp_path, "poll_seconds: 3\n")
    assert load({}, {"TOKENTAIL_CONFIG": path}).poll_seconds == 3.0


@pytest.mark.parametrize("text", ["job=a,team=b", "job=a\nteam=b\n", " job = a , team=b,"])
def test_maps_in_variables_are_separated_by_commas_or_newlines(text: str) -> None:
    """As a compose file or a ConfigMap would hold them."""
    assert load({}, {"TOKENTAIL_LABEL": text}).label == {"job": "a", "team": "b"}


def test_a_value_may_hold_an_equals_sign_and_a_flag_a_comma() -> None:
    """Only the first = separates, and a repeatable flag needs no separator."""
    assert load({"label": ["q=a=b", "r=x,y"]}, {}).label == {"q": "a=b", "r": "x,y"}
    assert load({"paths": ["a,b.log"]}, {}).paths == ("a,b.log",)


def test_lists_in_variables() -> None:
    """TOKENTAIL_PATHS takes several."""
    assert load({}, {"TOKENTAIL_PATHS": "/a/*.log,/b.log"}).paths == ("/a/*.log", "/b.log")


def test_keys_of_sections_have_variables_too() -> None:
    """A password reaches the program without a file and without the command line; a secret's newline goes."""
    environ = {"TOKENTAIL_LOKI_USERNAME": "u", "TOKENTAIL_LOKI_PASSWORD": "pass word\n"}
    loki = load({}, environ).loki
    assert (loki.username, loki.password) == ("u", "pass word")


def test_an_empty_variable_is_not_set() -> None:
    """`TOKENTAIL_LOKI_URL=` is how compose leaves an unset one."""
    assert load({}, {"TOKENTAIL_LOKI_URL": "", "TOKENTAIL_LABEL": " "}) == Config()


def test_an_empty_file_and_empty_sections_are_allowed(tmp_path: Path) -> None:
    """Everything commented out is a configuration too."""
    assert load({"config": write(tmp_path, "# all default\n")}, {}).listen == "127.0.0.1:9847"
    assert load({"config": write(tmp_path, "loki:\nlisten:\nlabel:\n")}, {}).loki == LokiOptions()


def test_a_date_and_a_single_path_stay_text(tmp_path: Path) -> None:
    """A label value that looks like a date is one; one path needs no list."""
    config = load({"config": write(tmp_path, "label: {release: 2026-01-31}\npaths: app.log\n")}, {})
    assert (config.label, config.paths) == ({"release": "2026-01-31"}, ("app.log",))


def test_anchors_and_merge_keys_work(tmp_path: Path) -> None:
    """They are YAML, and not a key given twice."""
    text = "dimension: &paths {tenant: a.b}\nloki: {labels_from: {<<: *paths, region: c.d}}\n"
    assert load({"config": write(tmp_path, text)}, {}).loki.labels_from == {"tenant": "a.b", "region": "c.d"}


def test_variables_of_a_kubernetes_service_named_tokentail_are_not_ours() -> None:
    """Every pod of the namespace gets them."""
    environ = {
        "TOKENTAIL_SERVICE_HOST": "10.0.0.1",
        "TOKENTAIL_SERVICE_PORT": "9847",
        "TOKENTAIL_SERVICE_PORT_METRICS": "9847",
        "TOKENTAIL_PORT": "tcp://10.0.0.1:9847",
        "TOKENTAIL_PORT_9847_TCP_ADDR": "10.0.0.1",
        "TOKENTAIL_DEMO_SERVICE_HOST": "10.0.0.2",
    }
    assert examine({}, environ).warnings == ()


def test_an_unknown_variable_does_not_stop_a_run() -> None:
    """It is told with what was probably meant; the check command makes it a fault."""
    told: list[Fault] = []
    assert load({}, {"TOKENTAIL_LISTN": "x"}, warn=told.append) == Config()
    assert [(fault.path, fault.suggestion) for fault in told] == [("TOKENTAIL_LISTN", "did you mean TOKENTAIL_LISTEN?")]


def test_every_key_is_reachable_and_no_two_share_a_name() -> None:
    """Each top-level key has a flag; each key a variable of its own; aliases lead to keys."""
    keys = key_types().keys()
    options = {option.key for option in (*OPTIONS, *ELSEWHERE, *FURTHER)} | {"paths", "once"}
    assert options == {key for key in keys if "." not in key}
    assert len({env_name(key) for key in keys}) == len(keys)
    assert set(ALIASES.values()) <= keys
    assert not ALIASES.keys() & keys
    assert flag_name("loki_url") == "--loki-url"


# Speed is not the promise, and the first text drawn on a new machine builds the tables of Unicode.
unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=60)
json_like = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=12), inner, max_size=3),
    max_leaves=8,
)


@unhurried
@given(st.dictionaries(st.sampled_from(sorted(key_types())), st.text(max_size=30) | st.lists(st.text(), max_size=3)))
def test_any_flags_give_a_configuration_or_faults(flags: dict[str, object]) -> None:
    """Never another exception, and never a fault without its place and what was expected."""
    found = examine(flags, {})
    assert (found.config is None) == bool(found.faults)
    assert all(fault.path and fault.expected for fault in found.faults)


@unhurried
@given(st.dictionaries(st.sampled_from([*sorted(key_types()), "loki", "fields", "limits", "lables"]), json_like))
def test_any_file_gives_a_configuration_or_faults(tmp_path_factory: pytest.TempPathFactory, data: object) -> None:
    """JSON is YAML: whatever stands under a key, the answer is a list of faults."""
    path = tmp_path_factory.mktemp("any") / "any.yaml"
    path.write_bytes(msgspec.json.encode(data))
    found = examine({"config": str(path)}, {})
    assert (found.config is None) == bool(found.faults)
