"""Who speaks: configuration over environment over what is known, and a fault discards the variable as a whole."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tailer.config import Config
from tailer.outbound.resource import Resource, attributes_of, resource_of

KNOWN = {"service.name": "tokentail", "host.name": "pod-1"}


def resource(environ: dict[str, str], **settings: dict[str, str]) -> Resource:
    found = resource_of(Config(**settings), environ, "pod-1", "/s")  # type: ignore[arg-type]  # what the test is about
    others = {name: text for name, text in found.attributes.items() if name != "service.instance.id"}
    assert len(found.attributes) == len(others) + 1
    return found._replace(attributes=others)


def test_an_instance_is_known_by_its_state_directory_and_all_that_is_said_of_it() -> None:
    def instance(host: str = "a", state_dir: str = "/s", **attributes: str) -> str:
        settings = Config(resource=attributes)
        return resource_of(settings, {}, host, state_dir).attributes["service.instance.id"]

    assert instance() == instance()
    assert len({instance(), instance("b\udcff"), instance(state_dir="/t"), instance(pod="p")}) == 4
    assert instance(**{"service.instance.id": "mine"}) == "mine"


def test_without_anything_given_it_is_the_job_the_host_and_the_state_directory() -> None:
    assert resource({}) == Resource(KNOWN)
    assert resource({}, label={"job": "checkout"}).attributes["service.name"] == "checkout"
    assert resource({}, label={"team": "a"}).attributes["service.name"] == "tokentail"


def test_what_is_nearer_to_tokentail_wins() -> None:
    environ = {"OTEL_RESOURCE_ATTRIBUTES": "service.name=of-list,k8s.pod.name=p,team=of-list"}
    assert resource(environ).attributes["service.name"] == "of-list"
    environ["OTEL_SERVICE_NAME"] = "of-name"
    found = resource(environ, resource={"team": "of-file"}).attributes
    assert found == {**KNOWN, "service.name": "of-name", "k8s.pod.name": "p", "team": "of-file"}
    assert resource(environ, resource={"service.name": "of-file"}).attributes["service.name"] == "of-file"


def test_an_empty_value_is_none() -> None:
    """As a manifest leaves it whose pod has no such label."""
    environ = {"OTEL_RESOURCE_ATTRIBUTES": "service.name=,team=,k8s.pod.name=p,", "OTEL_SERVICE_NAME": ""}
    assert resource(environ) == Resource({**KNOWN, "k8s.pod.name": "p"})


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("team=a,oops", "expected NAME=VALUE at place 2"),
        ("=a", "expected NAME=VALUE at place 1"),
        ("a=1,b=100%", "expected %XX escapes of UTF-8 at place 2"),
        ("a=%FF", "expected %XX escapes of UTF-8 at place 1"),
    ],
)
def test_a_fault_discards_all_of_the_variable(text: str, fault: str) -> None:
    """The specification's rule: a half of it could name another service. The value itself is not said."""
    assert resource({"OTEL_RESOURCE_ATTRIBUTES": text}) == Resource(KNOWN, f"OTEL_RESOURCE_ATTRIBUTES: {fault}")


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)


@given(st.dictionaries(TEXTS, TEXTS))
def test_what_is_escaped_comes_out_again(attributes: dict[str, str]) -> None:
    text = ", ".join(f"{quote(name, safe='')} = {quote(value, safe='')}" for name, value in attributes.items())
    assert attributes_of(text) == attributes
