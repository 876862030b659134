"""The JSON of usage and cost APIs: pages of buckets of results, whole, in lists or line by line, to an export. Pure."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import NamedTuple

from tailer.cli.bills import anthropic_api, openai_api
from tailer.cli.bills.fields import listed, mapping, moment, utc_day
from tailer.cli.bills.item import BillFault, Export, Item

Bucket = Mapping[str, object]


class Api(NamedTuple):
    """One vendor's way to tell a bucket."""

    form: str
    provider: str
    start: str
    ends: Callable[[Bucket], tuple[object, object]]
    items: Callable[[Bucket, str, str], Iterator[Item | BillFault]]


APIS = (
    Api("openai", openai_api.PROVIDER, "start_time", openai_api.ends, openai_api.items),
    Api("anthropic", anthropic_api.PROVIDER, "starting_at", anthropic_api.ends, anthropic_api.items),
)
EXPECTED = "buckets of OpenAI (start_time, end_time, results) or Anthropic (starting_at, ending_at, results)"


def export(path: str, text: str, insisted: str | None) -> tuple[Export, list[str]]:
    """What the text of a file holds, and all its faults."""
    faults: list[str] = []
    values = _decoded(path, text, faults)
    found: list[Item] = []
    days: set[tuple[str, str]] = set()
    buckets: dict[str, str] = {}
    forms: set[str] = set()
    has_more: list[bool] = []
    for place, value in values:
        for bucket_place, bucket in _buckets(value, place, has_more, faults):
            try:
                api = _api(bucket, bucket_place, insisted)
                first, last = api.ends(bucket)
                start = moment(first, f"{bucket_place}.{api.start}")
                day = utc_day(start, moment(last, f"{bucket_place}.end"), bucket_place)
            except BillFault as fault:
                faults.append(str(fault))
                continue
            forms.add(api.form)
            days.add((api.provider, day))
            if (identity := _identity(api, bucket)) is not None:
                if identity in buckets:
                    faults.append(f"{bucket_place}: the same as {buckets[identity]}: give each page once")
                buckets[identity] = bucket_place
            for one in api.items(bucket, day, bucket_place):
                if isinstance(one, Item):
                    found.append(one)
                else:
                    faults.append(str(one))
    form = " and ".join(sorted(forms)) or "json"
    return Export(path, form, found, frozenset(days), buckets, bool(has_more) and all(has_more)), faults


def _decoded(path: str, text: str, faults: list[str]) -> list[tuple[str, object]]:
    """The values of a file with their places: one JSON, else one on each line."""
    try:
        return [(path, json.loads(text, parse_float=Decimal))]
    except ValueError as error:
        whole = error
    lines = [(number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip()]
    values: list[tuple[str, object]] = []
    broken: list[str] = []
    for number, line in lines:
        try:
            values.append((f"{path}:{number}", json.loads(line, parse_float=Decimal)))
        except ValueError as error:
            broken.append(f"{path}:{number}: expected JSON: {error}")
    faults.extend(broken if values else [f"{path}: expected JSON, or JSON on each line: {whole}"])
    return values


def _buckets(value: object, where: str, has_more: list[bool], faults: list[str]) -> Iterator[tuple[str, Bucket]]:
    """The buckets of a page, of a list of pages or buckets, or the one bucket that this is."""
    try:
        if isinstance(value, list):
            for number, one in enumerate(value):
                yield from _buckets(one, f"{where}[{number}]", has_more, faults)
            return
        page = mapping(value, where)
        if "data" not in page:
            yield where, page
            return
        has_more.append(page.get("has_more") is True)
        for number, bucket in enumerate(listed(page["data"], f"{where}.data")):
            yield f"{where}.data[{number}]", mapping(bucket, f"{where}.data[{number}]")
    except BillFault as fault:
        faults.append(str(fault))


def _api(bucket: Bucket, where: str, insisted: str | None) -> Api:
    api = next((one for one in APIS if one.start in bucket), None)
    if api is None or (insisted is not None and api.form != insisted):
        raise BillFault(where, ", ".join(bucket), EXPECTED if insisted is None else f"a bucket of {insisted}")
    return api


def _identity(api: Api, bucket: Bucket) -> str | None:
    """What makes a bucket the same as another: its span and all that it holds. None for an empty one."""
    if not (bucket.get("results") or bucket.get("result")):
        return None
    return api.form + json.dumps(bucket, sort_keys=True, default=str)
