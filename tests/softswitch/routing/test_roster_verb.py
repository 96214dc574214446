"""`roster`: the way divides by who is on duty; simulated, proved, compared, told."""

from datetime import datetime

import pytest

from softswitch.office.findings import OfficeErrors
from softswitch.office.loader import LoadedOffice, parse_office
from softswitch.routing.check import check
from softswitch.routing.effects.compare import changes
from softswitch.routing.effects.words import sentence
from softswitch.routing.simulate import Situation, simulate

TEXT = """
office: {name: Office, safe: leave}
people: {101: {name: Anna}, 110: {name: Jan}, 111: {name: Ewa}}
mailboxes: {all: {mail: a@b.example}}
rosters: {duty: {"Mo-Fr 08:00-16:00": 110, "Sa 08:00-12:00": [111, 110], otherwise: 101}}
numbers: {"+48 22 123 45 67": who}
routes:
  who: {roster: duty, 110: jan, 111: ewa, other: leave}
  jan: {ring: 110, no_answer: leave, busy: leave}
  ewa: {ring: roster duty, no_answer: leave, busy: leave}
  leave: {voicemail: all}
"""


def office(text: str = TEXT) -> LoadedOffice:
    return parse_office(text)


@pytest.mark.parametrize(
    ("moment", "node", "told"),
    [
        ("2026-11-23 10:00", "jan", "on duty by the roster duty: 110 Jan, 101 Anna"),
        ("2026-11-28 10:00", "ewa", "on duty by the roster duty: 111 Ewa, 110 Jan, 101 Anna"),
        ("2026-11-29 10:00", "leave", "on duty by the roster duty: 101 Anna"),
    ],
)
def test_the_first_on_duty_decides(moment: str, node: str, told: str) -> None:
    loaded = office()
    at = datetime.fromisoformat(moment).replace(tzinfo=loaded.office.zone)
    story = simulate(loaded.graph, "+48221234567", Situation(at))
    assert story.result is not None and story.result.steps[1].node == node
    assert told in str(story)


def test_it_is_proved() -> None:
    assert [f.message for f in check(office()) if "password" not in f.message] == []
    lost = check(office(TEXT.replace("111: ewa", "111: hangup")))
    assert any("a caller is lost" in f.message and "111 is on duty" in f.message for f in lost)


def test_a_change_of_duty_is_a_change_for_callers() -> None:
    at = datetime(2026, 11, 23, tzinfo=office().office.zone)
    new = office(TEXT.replace('"Sa 08:00-12:00"', '"Sa 08:00-14:00"'))
    (change,) = changes(office().graph, new.graph, at)
    told = sentence(change, at, new.office.zone, "PL")
    assert told.startswith(
        "Sa 12:00-14:00, 22 123 45 67: is asked for a message in all → rings 111"
    )
    assert not changes(office().graph, office().graph, at)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("roster: duty, 110", "roster: dutty, 110", "there is no roster `dutty`. Did you mean"),
        (", other: leave", "", "does not say where to go when somebody else is on duty"),
        ("111: ewa", "112: ewa", "`112` is unknown beside `roster:`"),
    ],
)
def test_what_is_wrong_is_told(old: str, new: str, message: str) -> None:
    with pytest.raises(OfficeErrors, match=message):
        office(TEXT.replace(old, new))
