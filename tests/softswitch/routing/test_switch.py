"""`switch`, `set` and switched hours: led by the runner, simulated, proved and compared."""

from datetime import datetime

import pytest

from softswitch.office.findings import OfficeErrors
from softswitch.office.loader import LoadedOffice, parse_office
from softswitch.routing.check import check
from softswitch.routing.effects.compare import changes
from softswitch.routing.simulate import Situation, Story, simulate
from softswitch.routing.simulate.cases import run_cases

TEXT = """
office: {name: Office, safe: leave}
people: {101: {name: Anna}}
queues: {desk: {agents: [101]}}
mailboxes: {all: {mail: a@b.example}}
hours: {office: "Mo-Fr 08:00-16:00; PH off"}
switches:
  early: {number: 801, closes: [office], reason: party}
  late: {number: 802, opens: [office]}
  flag: {number: 803}
numbers: {"+48 22 123 45 67": ask, 700: turn}
routes:
  ask: {switch: flag, on: leave, off: opening}
  opening: {hours: office, open: desk, closed: leave, early: bye}
  bye: {play: closed, then: leave}
  desk: {queue: desk, too_long: leave, full: leave, no_agents: leave}
  leave: {voicemail: all}
  turn: {set: flag, to: turn, then: ask}
tests:
  party: {at: "2026-11-23 10:00", on: [early], hears: closed, expect: message}
  usual: {at: "2026-11-23 10:00", expect: talk}
"""


def office(text: str = TEXT) -> LoadedOffice:
    return parse_office(text)


def told(hour: int, *on: str, to: str = "+48221234567") -> Story:
    loaded = office()
    at = datetime(2026, 11, 23, hour, 0, tzinfo=loaded.office.zone)
    return simulate(loaded.graph, to, Situation(at=at, on=frozenset(on)))


def nodes(story: Story) -> list[str]:
    assert story.result is not None
    return [step.node for step in story.result.steps]


@pytest.mark.parametrize(
    ("hour", "on", "way"),
    [
        (10, (), ["ask", "opening", "desk"]),
        (10, ("early",), ["ask", "opening", "bye", "leave"]),
        (22, (), ["ask", "opening", "leave"]),
        (22, ("late",), ["ask", "opening", "desk"]),
        (22, ("late", "early"), ["ask", "opening", "bye", "leave"]),
        (10, ("flag",), ["ask", "leave"]),
    ],
)
def test_a_switch_decides(hour: int, on: tuple[str, ...], way: list[str]) -> None:
    assert nodes(told(hour, *on)) == way


def test_the_trace_tells_why() -> None:
    assert any("closed: party" in line.text for line in told(10, "early").lines)


def test_a_route_turns_a_switch() -> None:
    assert nodes(told(10, to="700")) == ["turn", "ask", "leave"]
    assert nodes(told(10, "flag", to="700")) == ["turn", "ask", "opening", "desk"]


def test_tests_of_the_office_know_switches() -> None:
    assert all(verdict.is_passed for verdict in run_cases(office()))


def test_both_ways_are_proved() -> None:
    bad = office(
        TEXT.replace("bye: {play: closed, then: leave}", "bye: {play: closed, then: hangup}")
    )
    found = [str(one) for one in check(bad)]
    assert any("the office is closed by hand: party" in text for text in found), found


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("switch: flag", "switch: flog", "there is no switch `flog`. Did you mean `flag`"),
        ("set: flag", "set: flog", "there is no switch `flog`"),
        ("on: leave, off: opening", "on: leave", "when the switch is off"),
        ("on: [early]", "on: [eraly]", "there is no switch `eraly`"),
        ("early: bye", "erly: bye", "early"),
    ],
)
def test_what_is_wrong_is_told(old: str, new: str, said: str) -> None:
    with pytest.raises(OfficeErrors) as errors:
        office(TEXT.replace(old, new, 1))
    assert said in str(errors.value)


def test_the_diff_sees_what_happens_while_a_switch_is_on() -> None:
    start = office().at
    assert not changes(office().graph, office().graph, start)
    new = office(TEXT.replace("early: bye", "early: desk"))
    found = changes(office().graph, new.graph, start)
    assert found and all("while early is on" in one.difference.way for one in found)
    other = office(TEXT.replace("on: leave, off: opening", "on: desk, off: opening"))
    found = changes(office().graph, other.graph, start)
    assert found and all("while flag is on" in one.difference.way for one in found)
