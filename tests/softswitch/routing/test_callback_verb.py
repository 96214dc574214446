"""The verb `callback`: proved, simulated and tested like every other; a promise is a good end."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from softswitch.office.findings import OfficeErrors
from softswitch.office.loader import LoadedOffice, parse_office
from softswitch.routing.check import check
from softswitch.routing.simulate import Situation, Story, simulate
from softswitch.routing.simulate.cases import run_cases
from softswitch.routing.verbs.base import ACCEPTED_ENDS, End

TEXT = """
office: {name: Office, safe: message}
people: {101: {name: Anna, email: a@b.example}}
queues: {desk: {agents: [101], number: 300, longest_wait: 5m}}
mailboxes: {office: {mail: a@b.example}}
numbers: {"+48 22 123 45 67": desk, 250: call_me}
callbacks: {owner: desk, hours: open}
hours: {open: "Mo-Fr 08:00-16:00; PH off"}
routes:
  desk: {queue: desk, key_1: call_me, too_long: message, full: message, no_agents: message}
  call_me: {callback: desk, declined: desk, no_key: message, withheld: message}
  message: {voicemail: office}
tests:
  promised: {at: 2026-11-24 12:00, from: "600 100 200", busy: all, keys: 11, expect: callback,
             in: call_me, hears: callback_confirmed, within: 1m}
"""
ZONE = ZoneInfo("Europe/Warsaw")
NOON = datetime(2026, 11, 24, 12, tzinfo=ZONE)


def loaded(text: str = TEXT) -> LoadedOffice:
    return parse_office(text, at=NOON)


def called(keys: str, number: str | None = "+48600100200", busy: str = "101") -> Story:
    situation = Situation(NOON, number, keys=keys, busy=frozenset({busy}))
    return simulate(loaded().graph, "+48221234567", situation)


def test_an_office_that_promises_is_proved() -> None:
    found = [str(one) for one in check(loaded()) if "no password is set" not in one.message]
    assert found == []
    assert [str(one) for case in run_cases(loaded()) for one in case.findings] == []
    assert End.CALLBACK in ACCEPTED_ENDS


@pytest.mark.parametrize(
    ("keys", "number", "steps", "end"),
    [
        ("11", "+48600100200", [("desk", "key_1"), ("call_me", "accepted")], End.CALLBACK),
        ("1-", "+48600100200", [("call_me", "no_key"), ("message", "stored")], End.MESSAGE),
        ("12", "+48600100200", [("call_me", "declined"), ("desk", "too_long")], End.MESSAGE),
        ("11", None, [("desk", "key_1"), ("call_me", "withheld")], End.MESSAGE),
        ("11", "101", [("desk", "key_1"), ("call_me", "withheld")], End.MESSAGE),
    ],
)
def test_the_ways_on(keys: str, number: str | None, steps: list[tuple[str, str]], end: End) -> None:
    story = called(keys, number)
    assert story.result is not None
    walked = [(step.node, step.outcome) for step in story.result.steps]
    assert [one for one in walked if one in steps] == steps
    assert (story.result.end, story.result.is_accepted) == (end, True)


def test_the_story_tells_the_promise() -> None:
    story = called("11")
    assert "end: the caller is promised a call back" in str(story)
    assert story.heard[-2:] == ("callback_ask", "callback_confirmed")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("callback: desk", "callback: dsk", "there is no person, group or queue `dsk`"),
        ("owner: desk", "owner: dsk", "there is no person, group or queue `dsk`"),
        ("hours: open}", "hours: opne}", "there is no rule of hours `opne`"),
        ("no_key: message,", "no_kye: message,", "`no_kye` is unknown beside `callback:`"),
    ],
)
def test_a_mistake_is_named(old: str, new: str, message: str) -> None:
    with pytest.raises(OfficeErrors) as caught:
        loaded(TEXT.replace(old, new))
    assert message in str([str(one) for one in caught.value.findings])


def test_a_promise_without_end_is_no_circle() -> None:
    """Who accepts may hear a farewell and be cut off: he asked for it by a key."""
    text = TEXT.replace("callback: desk,", "callback: desk, accepted: bye,")
    text = text.replace("  message:", "  bye: {play: closed, then: hangup}\n  message:")
    text = text.replace("in: call_me, hears: callback_confirmed", "hears: closed")
    text = text.replace("expect: callback", "expect: hangup")
    assert [one.message for one in check(loaded(text)) if "password" not in one.message] == []
