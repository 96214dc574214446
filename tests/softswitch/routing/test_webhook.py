"""`webhook` as a verb: answers lead on, anything else is `failed`."""

from datetime import datetime

import pytest

from softswitch.office.findings import OfficeErrors
from softswitch.office.loader import LoadedOffice, parse_office
from softswitch.routing.check import check
from softswitch.routing.simulate import Situation, simulate
from softswitch.routing.verbs.webhook import host_of

TEXT = """
office: {name: Office, safe: leave}
people: {101: {name: Anna}}
mailboxes: {all: {mail: a@b.example}}
numbers: {"+48 22 123 45 67": ask}
routes:
  ask: {webhook: "https://user:word@crm.example/route?key=7", timeout: 1s, vip: 101, failed: leave}
  leave: {voicemail: all}
"""


def office(old: str = "", new: str = "") -> LoadedOffice:
    return parse_office(TEXT.replace(old, new, 1))


@pytest.mark.parametrize(
    ("answer", "way"),
    [
        ("vip", ["ask", "person 101"]),
        ("other", ["ask", "leave"]),
        (None, ["ask", "leave"]),
        ("failed", ["ask", "leave"]),
    ],
)
def test_the_answer_decides(answer: str | None, way: list[str]) -> None:
    loaded = office()
    at = datetime(2026, 11, 23, 10, 0, tzinfo=loaded.office.zone)
    story = simulate(loaded.graph, "+48221234567", Situation(at=at, answer=answer))
    assert story.result is not None and [step.node for step in story.result.steps] == way


def test_every_answer_is_proved() -> None:
    assert not [one for one in check(office()) if one.severity == "error"]
    lost = office("vip: 101", "vip: hangup")
    assert any("cut off" in one.message for one in check(lost))


def test_nothing_of_the_address_is_told_but_its_host() -> None:
    assert host_of("https://user:word@crm.example:8443/route?key=7") == "crm.example:8443"
    assert "word" not in office().graph.nodes["ask"].describe()


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("failed: leave", "vip2: leave", "when the other system gives no answer that leads on"),
        ("https://user:word@crm.example", "ftp://crm.example", "webhook"),
        ("timeout: 1s", "timeout: 60s", "timeout"),
        ("vip: 101", "vip: 109", "`109` is no route"),
    ],
)
def test_what_is_wrong_is_told(old: str, new: str, said: str) -> None:
    with pytest.raises(OfficeErrors) as errors:
        office(old, new)
    assert said in str(errors.value)
