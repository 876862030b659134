"""Which format and encoding a scraper gets, whatever it asks for."""

from __future__ import annotations

import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tailer.telemetry import Telemetry
from tailer.web.exposition import OPENMETRICS_TYPE, PLAIN_TYPE, negotiate

PROMETHEUS_2 = (
    "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
    "text/plain;version=0.0.4;q=0.5,*/*;q=0.1"
)
PROMETHEUS_3 = (
    "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,"
    "application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,"
    "text/plain;version=0.0.4;q=0.2,*/*;q=0.1"
)
PROTOBUF_FIRST = (
    "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.6,"
    "text/plain;version=0.0.4;q=0.5"
)


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        ("", PLAIN_TYPE),
        ("*/*", PLAIN_TYPE),
        ("text/html,application/xhtml+xml,*/*;q=0.8", PLAIN_TYPE),
        ("text/plain", PLAIN_TYPE),
        ("application/openmetrics-text", OPENMETRICS_TYPE),
        ('Application/OpenMetrics-Text; Version="1.0.0"', OPENMETRICS_TYPE),
        ("application/openmetrics-text;q=0", PLAIN_TYPE),
        ("application/openmetrics-text;q=0.2,text/plain;q=0.9", PLAIN_TYPE),
        ("application/openmetrics-text;version=0.0.1", PLAIN_TYPE),
        ("application/openmetrics-text;version=1.0.0<script>", PLAIN_TYPE),
        (PROMETHEUS_2, OPENMETRICS_TYPE),
        (PROMETHEUS_3, OPENMETRICS_TYPE),
        (PROTOBUF_FIRST, PLAIN_TYPE),
    ],
)
def test_the_format_is_the_one_preferred_of_those_we_have(accept: str, content_type: str) -> None:
    assert negotiate(accept, "").content_type == content_type


@pytest.mark.parametrize(
    ("accept_encoding", "compressed"),
    [
        ("", False),
        ("gzip", True),
        ("deflate, GZIP;q=0.5", True),
        ("gzip;q=0", False),
        ("identity", False),
        ("br", False),
    ],
)
def test_gzip_is_used_only_where_it_is_accepted(accept_encoding: str, compressed: bool) -> None:
    exposition = negotiate("", accept_encoding)
    body = exposition.encode(Telemetry().families())
    assert exposition.compressed is compressed
    assert (gzip.decompress(body) if compressed else body).startswith(b"# HELP tokentail_lines_total")


HEADERS = st.text(st.sampled_from(';,=" q01.vg') | st.characters(max_codepoint=255), max_size=60) | st.builds(
    "application/openmetrics-text;version={};q={}".format, st.text(max_size=8), st.text(max_size=4)
)


@given(HEADERS, HEADERS)
def test_no_header_makes_it_fail_or_comes_back(accept: str, accept_encoding: str) -> None:
    exposition = negotiate(accept, accept_encoding)
    assert exposition.content_type in (OPENMETRICS_TYPE, PLAIN_TYPE)
    assert exposition.encode(()) == negotiate(accept, accept_encoding).encode(())
