"""The typed way with lines of Docker's json-file driver, against the general one."""

from __future__ import annotations

from random import Random

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tailer.config import Fields
from tailer.reading.reading import LineReader
from tests.reading.changes import changed, every_change, with_change
from tests.reading.lines import TIME, chunk
from tests.reading.test_typed import CONFIGURED, PARSERS, a_reader, both, learnt
from tests.reading.typical import CALL, in_docker, typical

BARE = [orjson.dumps(line) for line in typical()]
LINE = orjson.dumps(CALL)
SERVED = orjson.dumps({"time": TIME, "level": "info", "msg": "served", "stream": "x", "status": 200})


@given(st.data())
def test_whatever_is_changed_inside_reads_as_in_the_general_way(data: st.DataObject) -> None:
    line = data.draw(st.sampled_from(BARE))
    try:
        spoilt = in_docker(data.draw(changed(line)))
    except UnicodeDecodeError:
        return
    found, general = both(learnt(in_docker(line)), spoilt)
    assert found == general


@pytest.mark.parametrize("line", BARE, ids=range(len(BARE)))
def test_any_single_change_inside_reads_as_in_the_general_way(line: bytes) -> None:
    reader = learnt(in_docker(line))
    for change in Random(line).sample(list(every_change(orjson.loads(line))), 60):
        spoilt = in_docker(with_change(line, *change))
        found, general = both(reader, spoilt)
        assert found == general, spoilt


@pytest.mark.parametrize("fields", [*CONFIGURED, Fields(response="log.response"), Fields(trace_id="stream")])
def test_configured_paths_count_as_in_the_general_way(fields: Fields) -> None:
    for dimensions in ({"user": "context.user"}, {"source": "stream"}, {"model": "log.response.model"}, {"at": "time"}):
        reader = LineReader(PARSERS, fields, dimensions)
        for line in (LINE, SERVED, orjson.dumps({**CALL, "stream": "y", "time": TIME, "trace_id": None})) * 3:
            found, general = both(reader, in_docker(line))
            assert found == general


@pytest.mark.parametrize(
    "around",
    [
        {"time": "soon"},
        {"time": None},
        {"stream": None},
        {"attrs": {"tag": "x"}},
        {"log": LINE.decode()},
        {"log": LINE.decode() + "\r\n"},
        {"log": LINE.decode() + "\n\n"},
        {"log": " " + LINE.decode()},
        {"log": LINE.decode() + "x"},
        {"log": orjson.dumps(LINE.decode()).decode()},
        {"log": CALL},
        {"log": "served"},
    ],
    ids=str,
)
def test_whatever_the_driver_may_write_reads_as_in_the_general_way(around: dict[str, object]) -> None:
    line = in_docker(LINE)
    spoilt = orjson.dumps({**orjson.loads(line), **around})
    found, general = both(learnt(line), spoilt)
    assert found == general
    reader = a_reader()
    for _ in range(3):
        found, general = both(reader, spoilt)
        assert found == general


def test_lines_of_other_text_between_do_not_matter() -> None:
    reader = a_reader()
    words = orjson.dumps({"log": "served /\n", "stream": "stdout", "time": TIME})
    reader.read(chunk(b"\n".join([words, in_docker(LINE), in_docker(LINE), words, in_docker(LINE), words, b""])))
    assert reader.typed_lines == 2  # the third of each
