"""Who may be rung now, and where his call goes: every case of the one rule."""

import pytest

from softswitch.apps.reach import TALKING, TOO_MANY, Onward, Reach, Refused
from softswitch.calls.people import People
from softswitch.office.codes import Setting
from softswitch.routing.caller import RingOutcome
from tests.softswitch.calls.test_standing import OFFICE, Room

DND, ALL, BUSY = Setting.DND, Setting.FORWARD_ALL, Setting.FORWARD_BUSY
NO_ANSWER, ABSENT = Setting.FORWARD_NO_ANSWER, Setting.ABSENT


class Desk:
    def __init__(self) -> None:
        self.standing, self.people = Room().standing, People(lambda: 0.0)
        self.reach = Reach(self.standing, self.people)

    def call(self, extension: str, caller: str | None = None) -> Onward | Refused | None:
        return self.reach.person(OFFICE, extension, caller)

    def member(self, extension: str) -> tuple[RingOutcome, str] | None:
        found = self.reach.member(extension)
        return None if found is None else (found.outcome, found.why)


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_nothing_is_set(desk: Desk) -> None:
    assert desk.call("101") is None
    assert desk.member("101") is None


def test_do_not_disturb(desk: Desk) -> None:
    desk.standing.set("101", DND, True)
    assert desk.call("101") == Refused(RingOutcome.BUSY, DND)
    assert desk.member("101") == (RingOutcome.BUSY, DND)
    desk.standing.set("101", BUSY, True, target="111")
    assert desk.reach.after("101", RingOutcome.BUSY, None) == Onward("111", BUSY)


def test_every_call_forwarded_comes_before_do_not_disturb(desk: Desk) -> None:
    desk.standing.set("101", DND, True)
    desk.standing.set("101", ALL, True, target="111")
    assert desk.call("101") == Onward("111", ALL)
    assert desk.member("101") == (RingOutcome.UNREACHABLE, ALL)


def test_absence_comes_first(desk: Desk) -> None:
    desk.standing.set("110", ALL, True, target="101")
    desk.standing.set("110", ABSENT, True)
    assert desk.call("110") == Onward("111", ABSENT)
    assert desk.member("110") == (RingOutcome.UNREACHABLE, ABSENT)
    desk.standing.set("101", ABSENT, True)
    assert desk.call("101") == Refused(RingOutcome.UNREACHABLE, ABSENT), "nobody stands in"


def test_whoever_calls_are_forwarded_to_reaches_him(desk: Desk) -> None:
    desk.standing.set("110", ABSENT, True)
    assert desk.call("110", caller="111") is None
    desk.standing.set("101", ALL, True, target="111")
    assert desk.call("101", caller="111") is None
    assert desk.call("101", caller="110") == Onward("111", ALL)
    desk.standing.set("101", NO_ANSWER, True, target="111", seconds=7.0)
    assert desk.reach.after("101", RingOutcome.NO_ANSWER, "111") is None
    assert desk.reach.seconds("101", 20.0, "111") == 20.0
    assert desk.reach.seconds("101", 20.0, "110") == 7.0
    assert desk.reach.seconds("101", 5.0, "110") == 5.0


@pytest.mark.parametrize(
    ("outcome", "setting"),
    [
        (RingOutcome.BUSY, Setting.FORWARD_BUSY),
        (RingOutcome.NO_ANSWER, Setting.FORWARD_NO_ANSWER),
        (RingOutcome.UNREACHABLE, Setting.FORWARD_UNREACHABLE),
        (RingOutcome.DECLINED, None),
        (RingOutcome.ANSWERED, None),
    ],
)
def test_each_failure_has_its_forward(
    desk: Desk, outcome: RingOutcome, setting: Setting | None
) -> None:
    for one in Setting:
        if one.is_forward and one is not ALL:
            desk.standing.set("101", one, True, target=f"+4860010020{len(one)}")
    onward = desk.reach.after("101", outcome, None)
    assert (onward.why if onward else None) is setting


def test_as_many_calls_as_may_be_offered(desk: Desk) -> None:
    with desk.people.occupied("101"):
        assert desk.call("101") is None
        assert desk.member("101") == (RingOutcome.BUSY, TALKING)
        with desk.people.occupied("101"):
            assert desk.call("101") == Refused(RingOutcome.BUSY, TOO_MANY)
            assert desk.call("101", caller="101") is None, "his own call does not count"
    desk.standing.set("101", Setting.CALL_WAITING, False)
    with desk.people.occupied("101"):
        assert desk.call("101") == Refused(RingOutcome.BUSY, TOO_MANY)


def test_who_only_rings_is_rung_by_a_second_group_call(desk: Desk) -> None:
    with desk.people.all_occupied(["101"]):
        assert desk.member("101") is None
        with desk.people.all_occupied(["101"]):
            assert desk.member("101") == (RingOutcome.BUSY, TOO_MANY)
