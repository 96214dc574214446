"""Restart in the middle of the day: phones stay reachable, no row of the history is lost."""

import pytest

from tests.live.office_files import AGENT, CALLER, MAIN, MENU
from tests.live.office_under_test import OfficeUnderTest
from tests.live.process import until
from tests.live.rtp_peer import ScriptedPhone

CLIENT = "+48600100200"
TALK = 0.6


def talk_once(anna: ScriptedPhone, piotr: ScriptedPhone) -> None:
    """One calls 102; both hear each other."""
    call = anna.dial("102")
    other = piotr.incoming(30).answer().wait_answered()
    other.say(AGENT)
    call.wait_answered().say(CALLER)
    call.wait_heard(AGENT, TALK)
    other.wait_heard(CALLER, TALK)
    call.hang_up()
    other.wait_over()


@pytest.mark.parametrize("how", ["kill", "stop"], ids=["SIGKILL", "SIGTERM"])
def test_phones_are_reachable_without_registering_again(
    own_office: OfficeUnderTest, how: str
) -> None:
    office = own_office
    anna, piotr = office.phone("101"), office.phone("102")
    desk = office.baresip("111", say=AGENT, account=";answermode=auto", register_every=600)
    talk_once(anna, piotr)
    office.wait_row(number="101", result="talked")
    getattr(office, how)()
    office.start()
    assert len(office.calls()) == 1
    talk_once(anna, piotr)
    call = anna.dial("111")
    desk.wait_established()
    call.wait_answered()
    call.wait_heard(AGENT, TALK)
    call.hang_up()
    desk.wait_closed()
    until(lambda: len([r for r in office.calls() if r["result"] == "talked"]) == 3, "three rows")


def test_sigkill_in_a_call_leaves_its_row(own_office: OfficeUnderTest) -> None:
    office = own_office
    anna, piotr = office.phone("101"), office.phone("102")
    talk_once(anna, piotr)
    office.wait_row(number="101", result="talked")
    call = anna.dial("102")
    other = piotr.incoming().answer().wait_answered()
    call.wait_answered().say(CALLER)
    other.wait_heard(CALLER, TALK)
    waiting = office.provider().dial(MAIN, number=CLIENT)
    waiting.wait_heard(MENU, 0.2)
    until(lambda: len(office.calls()) == 3, "their rows, or their events, are written")
    office.kill()
    office.start()
    rows = office.calls()
    assert sorted(row["result"] for row in rows) == ["interrupted", "interrupted", "talked"], rows
    talk_once(office.phone("110"), piotr)


def test_sigterm_in_a_call_says_goodbye(own_office: OfficeUnderTest) -> None:
    office = own_office
    anna, piotr = office.phone("101"), office.phone("102")
    call = anna.dial("102")
    other = piotr.incoming().answer().wait_answered()
    call.wait_answered().say(CALLER)
    other.wait_heard(CALLER, TALK)
    second = office.provider().dial(MAIN, number=CLIENT)
    second.wait_heard(MENU, 0.2)
    office.stop()
    for one in (call, other, second):
        assert one.wait_over(10).ended_by == "bye"
    office.start()
    rows = office.calls()
    assert len(rows) == 2
    assert all(row["result"] for row in rows), rows
