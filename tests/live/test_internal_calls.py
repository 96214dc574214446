"""Calls inside the office: foreign phones hear each other, refusals are told apart, forks end well.

Audio is proved by frequency: the caller says 440 Hz, the called 1000 Hz.
"""

import pytest

from tests.helpers import audio
from tests.live.office_files import AGENT, CALLER, MUSIC
from tests.live.office_under_test import OfficeUnderTest
from tests.live.process import until

TALK = 1.0  # seconds of tone that count as having been heard


def test_baresip_and_the_scripted_phone_both_ways(office: OfficeUnderTest) -> None:
    anna = office.baresip("101", say=CALLER)
    piotr = office.phone("102")
    anna.dial("102")
    call = piotr.incoming()
    assert call.invite and "101" in call.invite.get("From")
    call.ring()
    anna.wait_event("CALL_RINGING", "CALL_PROGRESS")
    call.answer().wait_answered().say(AGENT)
    anna.wait_established()
    call.wait_heard(CALLER, TALK)
    anna.wait_heard(AGENT, TALK)
    anna.press("4")
    until(lambda: call.heard.digits_text == "4", "a digit through the bridge")
    anna.hang_up()
    assert call.wait_over().ended_by == "bye"
    anna.wait_closed()
    row = office.wait_row(number="101", result="talked")
    assert row["handled_by"] == "102"
    assert row["talk"] >= TALK / 2


def test_the_other_way_round_and_the_called_side_hangs_up(office: OfficeUnderTest) -> None:
    anna = office.baresip("101", say=AGENT)
    piotr = office.phone("102")
    call = piotr.dial("101")
    anna.wait_incoming()
    call.wait_status(180)
    anna.answer()
    call.wait_answered().say(CALLER)
    call.wait_heard(AGENT, TALK)
    anna.wait_heard(CALLER, TALK)
    call.press("159#*0")
    until(lambda: anna.command("listcalls") and anna.digits == "159#*0", "digits at baresip")
    anna.hang_up()
    assert call.wait_over().ended_by == "bye"
    anna.wait_closed()
    assert office.wait_row(number="102", result="talked")["handled_by"] == "101"


def test_two_baresips(office: OfficeUnderTest) -> None:
    anna = office.baresip("101", say=CALLER)
    piotr = office.baresip("102", say=AGENT, account=";answermode=auto")
    anna.dial("102")
    anna.wait_established()
    piotr.wait_established()
    anna.wait_heard(AGENT, TALK)
    piotr.wait_heard(CALLER, TALK)
    anna.press("12345")
    anna.hang_up()
    piotr.wait_closed()
    anna.wait_closed()
    assert piotr.digits == "12345"


def test_pyvoip_answers(office: OfficeUnderTest) -> None:
    jan = office.pyvoip("110", say=AGENT)
    anna = office.phone("101")
    call = anna.dial("110")
    assert jan.wait_event("incoming")["caller"] == "101"
    call.wait_answered().say(CALLER)
    call.wait_heard(AGENT, TALK)
    call.hang_up()
    jan.wait_event("ended")
    heard = jan.heard()
    assert audio.seconds_of(heard, CALLER) > 0.3, audio.describe(heard, (CALLER, AGENT))


def test_echo(office: OfficeUnderTest) -> None:
    call = office.phone("101").dial("600")
    call.wait_answered().say(CALLER)
    call.wait_heard(CALLER, TALK, timeout=40)
    call.hang_up()
    office.wait_row(number="101", called="600")


@pytest.mark.parametrize(("refusal", "seen"), [(486, 486), (603, 603), (480, 480)])
def test_refusals_are_told_apart(office: OfficeUnderTest, refusal: int, seen: int) -> None:
    piotr = office.phone("102")
    call = office.phone("101").dial("102")
    ringing = piotr.incoming()
    ringing.ring()
    ringing.refuse(refusal)
    assert call.wait_final() == seen
    office.wait_row(number="101", called="102")


def test_busy_declined_unreachable_in_the_history(office: OfficeUnderTest) -> None:
    piotr, anna = office.phone("102"), office.phone("101")
    for refusal, result in ((486, "busy"), (603, None), (None, "unreachable")):
        call = anna.dial("102" if refusal else "111")  # 111 has no phone
        if refusal:
            piotr.incoming().refuse(refusal)
        assert call.wait_final() in (486, 603, 480)
        if result:
            office.wait_row(number="101", result=result)


def test_a_stranger_and_a_wrong_password_stay_out(office: OfficeUnderTest) -> None:
    from tests.live.rtp_peer import ScriptedPhone

    with ScriptedPhone("101", office.address, "wrong-password") as thief:
        assert thief.try_register().status in (401, 403)
        assert thief.dial("102").wait_final() in (401, 403, 407)
    with ScriptedPhone("999", office.address, "whatever-it-is") as nobody:
        assert nobody.try_register().status in (401, 403, 404)


def test_a_fork_ends_with_answered_elsewhere(office: OfficeUnderTest) -> None:
    """Two phones of one extension: who loses shows no missed call (RFC 3326)."""
    desk, mobile = office.phone("102"), office.phone("102")
    call = office.phone("101").dial("102")
    on_desk, on_mobile = desk.incoming(), mobile.incoming()
    on_desk.ring()
    on_mobile.ring()
    on_mobile.answer().wait_answered().say(AGENT)
    assert on_desk.wait_over().ended_by == "cancel"
    assert "cause=200" in on_desk.end_reason
    call.wait_answered().say(CALLER)
    on_mobile.wait_heard(CALLER, TALK)
    call.wait_heard(AGENT, TALK)
    call.hang_up()
    on_mobile.wait_over()


def test_a_caller_who_gives_up_while_it_rings(office: OfficeUnderTest) -> None:
    piotr = office.phone("102")
    call = office.phone("101").dial("102")
    ringing = piotr.incoming()
    ringing.ring()
    call.wait_status(180)
    call.hang_up()
    assert call.wait_final() == 487
    assert ringing.wait_over().ended_by == "cancel"
    assert "cause=200" not in ringing.end_reason  # nobody answered elsewhere: it is a missed call
    office.wait_row(number="101", called="102", result="abandoned")


def test_a_ring_group_rings_together(office: OfficeUnderTest) -> None:
    marta, piotr = office.phone("120"), office.phone("102")
    call = office.phone("101").dial("320")
    at_marta, at_piotr = marta.incoming(), piotr.incoming()
    at_marta.ring()
    at_piotr.ring()
    at_piotr.answer().wait_answered().say(AGENT)
    assert "cause=200" in at_marta.wait_over().end_reason
    call.wait_answered()
    call.wait_heard(AGENT, TALK)
    at_piotr.hang_up()
    call.wait_over()
    assert office.wait_row(number="101", result="talked")["handled_by"] == "102"


def test_hold_with_music(office: OfficeUnderTest) -> None:
    piotr = office.phone("102")
    call = office.phone("101").dial("102")
    other = piotr.incoming().answer().wait_answered()
    call.wait_answered().say(CALLER)
    other.say(AGENT)
    other.wait_heard(CALLER, TALK)
    call.hold()
    other.wait_heard(MUSIC, TALK)
    call.resume()
    other.wait_more(CALLER, TALK)
    call.wait_heard(AGENT, TALK)
    call.hang_up()
    other.wait_over()


def test_baresip_holds(office: OfficeUnderTest) -> None:
    """A foreign phone's own way to hold."""
    piotr = office.phone("102")
    anna = office.baresip("101", say=CALLER)
    anna.dial("102")
    call = piotr.incoming().answer().wait_answered()
    anna.wait_established()
    call.wait_heard(CALLER, TALK)
    anna.hold()
    call.wait_heard(MUSIC, TALK)
    anna.resume()
    call.wait_more(CALLER, TALK)
    anna.hang_up()
    call.wait_over()
