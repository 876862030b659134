"""What is wrong with a configuration: all of it at once, each with its place, and no secret shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from tailer.config import examine, load
from tailer.config.checks import host_and_port
from tailer.config.faults import ConfigError, Fault


def faults(
    folder: Path | None = None, text: str = "", environ: dict[str, str] | None = None, **flags: object
) -> list[Fault]:
    if folder is not None:
        path = folder / "x.yaml"
        path.write_text(text, encoding="utf-8")
        flags["config"] = str(path)
    return list(examine(flags, environ or {}).faults)


def only(found: list[Fault]) -> Fault:
    assert len(found) == 1, found
    return found[0]


def test_all_faults_of_all_layers_come_at_once_each_with_its_place(tmp_path: Path) -> None:
    """One run of the check is enough to mend everything."""
    text = "lables: {a: b}\nloki: {batch_bytes: many, batch_entries: 0}\nfields: {status: a..b}\nread_from: middle\n"
    found = faults(tmp_path, text, {"TOKENTAIL_ONCE": "maybe"}, listen="nowhere", log_level="inof")
    name = f"{tmp_path}/x.yaml"
    assert {fault.path for fault in found} == {
        *(f"{name}: {key}" for key in ("lables", "loki.batch_bytes", "loki.batch_entries", "fields.status")),
        *(f"{name}: read_from", "TOKENTAIL_ONCE", "--listen", "--log-level"),
    }
    told = {fault.path.removeprefix(f"{name}: "): str(fault) for fault in found}
    assert "did you mean labels?" in told["lables"]
    assert "got 'many', expected a whole number" in told["loki.batch_bytes"]
    assert "did you mean info?" in told["--log-level"]


def test_the_error_holds_and_tells_every_fault() -> None:
    """One line for each."""
    with pytest.raises(ConfigError) as caught:
        load({"listen": "x", "poll_seconds": "0"}, {}, need_paths=True)
    assert len(caught.value.faults) == 3
    assert len(str(caught.value).splitlines()) == 3


def test_paths_are_needed_only_to_run() -> None:
    """The check command is fine without."""
    assert examine({}, {}).faults == ()
    assert [fault.path for fault in examine({}, {}, need_paths=True).faults] == ["PATH"]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("lisen: a", "listen"),
        ("loki: {batch_byte: 1}", "loki.batch_bytes"),
        ("loki: {open_calls: 1}", "limits.open_calls"),
        ("batch_bytes: 1", "loki.batch_bytes"),
        ("field: {a: b}", "fields"),
        ("Loki-Urls: a", "loki_url"),
    ],
)
def test_a_mistyped_or_misplaced_key_gets_a_suggestion(tmp_path: Path, written: str, meant: str) -> None:
    """The nearest key of the same section, else the same word in another."""
    assert only(faults(tmp_path, written)).suggestion == f"did you mean {meant}?"


def test_a_key_given_twice_is_a_fault_with_both_lines(tmp_path: Path) -> None:
    """YAML libraries let the last win in silence."""
    fault = only(faults(tmp_path, "loki:\n  batch_bytes: 1\n  username: u\n  password: p\n  batch_bytes: 2\n"))
    assert (fault.path, fault.value) == (f"{tmp_path}/x.yaml: loki.batch_bytes", "it on lines 2 and 5")


@pytest.mark.parametrize("text", ["label: {a: b}\nlabels: {c: d}", "loki_url: http://a\nloki: {url: http://b}"])
def test_two_spellings_of_one_key_are_a_fault(tmp_path: Path, text: str) -> None:
    """Which was meant is not guessed."""
    assert only(faults(tmp_path, text)).expected == "it once"
    variables = {"TOKENTAIL_LABEL": "a=b", "TOKENTAIL_LABELS": "a=b"}
    assert only(faults(environ=variables)).path == "TOKENTAIL_LABELS"


def test_bad_yaml_names_line_and_column(tmp_path: Path) -> None:
    """File, line, column, counted from 1 as editors do."""
    assert only(faults(tmp_path, "listen: a\nloki: {url: [\n")).path == f"{tmp_path}/x.yaml:3:1"


@pytest.mark.parametrize(
    "text", ["- a\n- b\n", "just text", "a: !!int x", "a: \0", "? [a]\n: b", "&a [*a]", "[" * 3000, "a: 1\n---\nb: 2\n"]
)
def test_a_file_that_is_no_map_is_a_fault(tmp_path: Path, text: str) -> None:
    """And never an exception."""
    assert faults(tmp_path, text)


def test_a_file_that_cannot_be_read_is_a_fault(tmp_path: Path) -> None:
    """Missing, a directory, not UTF-8."""
    (tmp_path / "latin.yaml").write_bytes(b"label: {a: \xe9}")
    for name in ("missing.yaml", ".", "latin.yaml", "nul\0.yaml"):
        assert "readable YAML file" in only(faults(config=f"{tmp_path}/{name}")).expected


@pytest.mark.parametrize(
    ("listen", "parsed"),
    [
        ("127.0.0.1:9847", ("127.0.0.1", 9847)),
        ("localhost:0", ("localhost", 0)),
        ("[::1]:65535", ("::1", 65535)),
        ("0.0.0.0:65536", None),
        ("::1:80", None),
        ("[localhost]:80", None),
        (":9847", None),
        ("host:", None),
        ("a b:1", None),
        ("h:-1", None),
        ("http://h:1", None),
        ("h:٣", None),
    ],
)
def test_listen_is_host_and_port(listen: str, parsed: tuple[str, int] | None) -> None:
    """An IPv6 host needs its brackets."""
    assert host_and_port(listen) == parsed
    assert bool(faults(listen=listen)) == (parsed is None)


def test_a_listen_address_that_is_nearly_right_gets_the_right_one() -> None:
    """A bare port, and IPv6 without brackets."""
    assert only(faults(listen=":9847")).suggestion.startswith("127.0.0.1:9847")
    assert only(faults(listen="fe80::1:9847")).suggestion == "[fe80::1]:9847"


@pytest.mark.parametrize("url", ["loki:3100", "ftp://loki", "http://", "http://a b", "http://h:99999", "http://[::1"])
def test_a_url_is_http_with_a_host(url: str) -> None:
    """Nothing else can be pushed to."""
    assert "http://…" in only(faults(loki_url=url)).expected


@pytest.mark.parametrize("name", ["model", "le", "status", "__name", "1st", "a-b", ""])
def test_a_dimension_must_not_take_a_name_of_the_metrics(name: str) -> None:
    """Nor one that Prometheus does not allow."""
    assert faults(dimension=[f"{name}=a.b"])
    assert not faults(dimension=["tenant=a.b"])


@pytest.mark.parametrize("path", ["", ".", "a.", ".a", "a..b", "a. b"])
def test_a_dotted_path_has_no_empty_part(tmp_path: Path, path: str) -> None:
    """In dimensions, fields and Loki labels alike."""
    assert faults(dimension=[f"tenant={path}"])
    text = f"fields: {{status: '{path}'}}\nloki: {{labels_from: {{tenant: '{path}'}}}}\n"
    assert {fault.path.rpartition(": ")[2] for fault in faults(tmp_path, text)} == {
        "fields.status",
        "loki.labels_from.tenant",
    }


@pytest.mark.parametrize("value", ["0", "-1", "nan", "inf", "1s", ""])
def test_sizes_and_times_are_positive_and_finite(value: str) -> None:
    """Only where nothing at all has a meaning may it be 0."""
    assert faults(poll_seconds=value)
    assert bool(faults(drain_seconds=value)) == (value != "0")


def test_a_number_or_a_truth_value_is_not_text(tmp_path: Path) -> None:
    """YAML makes 1.10 a number and yes a truth value; as label values they would be changed in silence."""
    found = faults(tmp_path, "label: {version: 1.10, live: yes}\n")
    assert [(fault.value, fault.expected) for fault in found] == [
        ("1.1", "text (put it in quotes)"),
        ("true", "text (put it in quotes)"),
    ]


def test_files_that_are_named_must_be_there(tmp_path: Path) -> None:
    """Prices, parsers and what the connection to Loki needs; an item of a list is named by its number."""
    here = tmp_path / "prices.yaml"
    here.write_text("[]")
    text = f"prices: [{here}, /missing.csv]\nparsers: /missing.py\nloki: {{ca_file: {tmp_path}}}\n"
    assert [fault.path.rpartition(": ")[2] for fault in faults(tmp_path, text)] == [
        "prices[1]",
        "parsers[0]",
        "loki.ca_file",
    ]


@pytest.mark.parametrize(
    ("loki", "words"),
    [
        ("username: u", "loki.password"),
        ("password: p", "loki.username"),
        ("username: u, password: p, password_file: {file}", "only one of"),
        ("bearer_token: t, bearer_token_file: {file}", "only one of"),
        ("username: u, password: p, bearer_token: t", "only one of"),
        ("cert_file: {file}", "loki.key_file"),
        ("retry_min_seconds: 50", "no greater than"),
        ("headers: {{Content-Type: a}}", "does not set itself"),
        ("bearer_token: env:NOT_SET", "after env:"),
        ("labels_from: {{job: a.b}}", "each stream label once"),
    ],
)
def test_what_does_not_go_together(tmp_path: Path, loki: str, words: str) -> None:
    """Half of a pair, two ways to say one thing, bounds the wrong way round."""
    (tmp_path / "file").write_text("x")
    assert words in only(faults(tmp_path, f"loki: {{{loki.format(file=tmp_path / 'file')}}}")).expected


def test_more_stream_labels_than_loki_takes_are_a_fault(tmp_path: Path) -> None:
    """15 is Loki's limit; none is refused too."""
    many = ", ".join(f"l{number}: a" for number in range(15))
    assert not faults(tmp_path, f"label: {{{many}}}")
    assert "15" in only(faults(tmp_path, f"label: {{{many}, more: a}}")).expected
    assert "at least one" in only(faults(tmp_path, "label: {}\nloki_url: http://loki\n")).expected


def test_one_bad_half_of_a_pair_is_one_fault(tmp_path: Path) -> None:
    """A fault must not make a phantom of another."""
    assert only(faults(tmp_path, "loki: {username: u, password: [1]}")).path.endswith("loki.password")


@pytest.mark.parametrize("url", ["http://prometheus:9090", "https://mimir.example/"])
def test_a_remote_write_needs_its_path(url: str) -> None:
    """There is none that all receivers share; the fault names the usual ones."""
    fault = only(faults(remote_write_url=url))
    assert fault.expected == "the whole address with its path"
    assert "/api/v1/write" in fault.suggestion
    assert "/api/prom/push" in fault.suggestion
    assert faults(remote_write_url=f"{url}/api/v1/write") == []
    assert faults(otlp_metrics_url=url) == []


def test_labels_of_a_remote_write_are_labels(tmp_path: Path) -> None:
    fault = only(faults(tmp_path, "remote_write: {labels: {__name__: x, pod: checkout-1}}\n"))
    assert fault.path.endswith("remote_write.labels.__name__")
    assert faults(environ={"TOKENTAIL_REMOTE_WRITE_LABELS": "pod=checkout-1,zone=b"}) == []
