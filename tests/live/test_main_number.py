"""Clients call the office's numbers through the trunk: greeting, menu, queue, voicemail, mail.

What is heard names the place: each prompt is a tone of its own (office_files).
"""

import re
import time
from pathlib import Path

import pytest

from tests.helpers import audio
from tests.live import sipp
from tests.live.mailserver import MailServer
from tests.live.office_files import (
    AGENT,
    CALLER,
    GREETING,
    GREETING_SECONDS,
    GREETING_START,
    GREETING_START_SECONDS,
    LEAVE_MESSAGE,
    MAILBOX,
    MAIN,
    MENU,
    MUSIC,
    RECIPIENTS,
    SHORT,
    SINGLE,
)
from tests.live.office_under_test import TRUNK_HOST, OfficeUnderTest
from tests.live.phone_call import PhoneCall
from tests.live.process import until
from tests.live.rtp_peer import ScriptedPhone

CLIENT, OTHER_CLIENT = "+48600100200", "+48600100300"
ALL = (GREETING_START, GREETING, MENU, MUSIC, CALLER, AGENT, LEAVE_MESSAGE)
TALK = 1.0
# 20 ms steps do not fall on a tone's borders, and a phone may lose one packet before it listens.
BORDER = 0.045


def call_in(office: OfficeUnderTest, number: str = MAIN, client: str = CLIENT) -> PhoneCall:
    """One client who calls through the trunk."""
    return office.provider().dial(number, number=client, name="Klient")


def heard(call: PhoneCall) -> str:
    return audio.describe(call.heard.samples(), ALL)


def test_greeting_key_queue_answer(office: OfficeUnderTest) -> None:
    anna = office.phone("101")
    call = call_in(office)
    call.wait_answered().say(CALLER)
    call.wait_heard(MENU, 0.4)
    call.press("1")
    ringing = anna.incoming()
    assert ringing.invite and "600100200" in ringing.invite.get("From")
    call.wait_heard(MUSIC, TALK)
    ringing.ring()
    ringing.answer().wait_answered().say(AGENT)
    ringing.wait_heard(CALLER, TALK)
    call.wait_heard(AGENT, TALK)
    call.hang_up()
    assert ringing.wait_over().ended_by == "bye"

    samples = call.heard.samples()
    start = audio.seconds_of(samples, GREETING_START)
    assert start >= GREETING_START_SECONDS - BORDER, f"the first syllable: {start} s; {heard(call)}"
    assert audio.onset(samples, GREETING_START) == pytest.approx(0.0, abs=0.3)
    greeting = audio.seconds_of(samples, GREETING)
    assert greeting == pytest.approx(GREETING_SECONDS, abs=0.1), heard(call)
    assert not audio.gaps(samples, GREETING), heard(call)
    assert audio.order_of(samples, ALL, 0.06)[:3] == [GREETING_START, GREETING, MENU], heard(call)
    assert audio.seconds_of(samples, MENU) < 1.9, f"a key stops the menu: {heard(call)}"

    row = office.wait_row(number=CLIENT, result="talked")
    assert (row["handled_by"], row["queue"], row["called"]) == ("101", "reception", MAIN)
    kinds = office.events(row["id"])
    steps = ["call.started", "prompt.played", "menu.key", "queue.entered", "call.answered"]
    assert [kind for kind in kinds if kind in steps and kind != "prompt.played"] == [
        step for step in steps if step != "prompt.played"
    ]
    assert kinds.index("menu.key") > kinds.index("prompt.played")
    assert [kind for kind in kinds if kind != "leg.stats"][-1] == "call.ended"


@pytest.mark.skipif(not sipp.can_send_pcaps(), reason="SIPp's digits need a raw socket (root)")
def test_sipp_calls_presses_and_baresip_answers(office: OfficeUnderTest, tmp_path: Path) -> None:
    """Nothing of ours on either side, and the call goes as it was simulated."""
    anna = office.baresip("101", say=AGENT, account=";answermode=auto")
    scenario = sipp.outgoing_call(digits="1", milliseconds=4000)
    settings = {"host": TRUNK_HOST, "port": office.trunk_port, "number": CLIENT, "target": MAIN}
    with sipp.Sipp(scenario, office.address, tmp_path / "sipp", **settings) as client:
        anna.wait_established(40)
        client.wait()
    anna.wait_closed()
    row = office.wait_row(number=CLIENT, result="talked")
    assert (row["handled_by"], row["queue"]) == ("101", "reception")
    world = ("--from", CLIENT, "--to", MAIN, "--keys", "1", "--away", "102")
    assert office.steps(row["id"]) == office.simulated_steps(*world)


@pytest.mark.parametrize("keys", ["9", ""], ids=["wrong key", "silence"])
def test_wrong_key_and_silence_reach_reception(office: OfficeUnderTest, keys: str) -> None:
    anna = office.phone("101")
    call = call_in(office)
    call.wait_answered().say(None)
    call.wait_heard(MENU, 0.3)
    call.press(keys)
    if keys:  # once more, because the menu is repeated once
        call.wait_more(MENU, 0.3)
        call.press(keys)
    ringing = anna.incoming(40)
    ringing.answer().wait_answered().say(AGENT)
    call.wait_heard(AGENT, TALK)
    ringing.hang_up()
    assert call.wait_over().ended_by == "bye"
    assert office.wait_row(number=CLIENT, result="talked")["handled_by"] == "101"


def leave_message(call: PhoneCall, seconds: float = 2.0) -> None:
    """Wait for the greeting to end and speak."""
    call.wait_answered().say(None)
    call.wait_heard(LEAVE_MESSAGE, 0.9, timeout=40)
    time.sleep(1.0)  # the tone that asks to speak
    call.say(CALLER)
    time.sleep(seconds)
    call.hang_up()


def test_nobody_answers_voicemail_mail(office: OfficeUnderTest, tmp_path: Path) -> None:
    piotr = office.phone("102")
    call = call_in(office, SHORT)
    piotr.incoming().ring()
    leave_message(call)
    mail = office.mailbox.wait()
    assert set(mail.recipients) == set(RECIPIENTS)
    assert "600" in mail.subject + mail.text
    assert re.search("[ąćęłńóśźż]", mail.subject + mail.text), "Polish letters survive"
    sound = mail.sound(tmp_path)
    assert audio.seconds_of(sound, CALLER) >= 1.5, audio.describe(sound, ALL)
    assert not audio.gaps(sound, CALLER), audio.describe(sound, ALL)
    row = office.wait_row(number=CLIENT, result="message")
    assert row["message"]
    kinds = office.events(row["id"])
    assert kinds.index("ring.failed") < kinds.index("voicemail.stored")


def test_a_message_outlives_a_dead_mail_server(
    own_office: OfficeUnderTest, mail_server: MailServer, tmp_path: Path
) -> None:
    office = own_office
    mail_server.stop()
    leave_message(call_in(office, MAILBOX))
    row = office.wait_row(number=CLIENT, result="message")
    assert row["message"]
    assert list((office.data / "messages").rglob("*.wav")), "it lies in the store"
    office.kill()
    mail_server.start()
    office.start()  # what waited goes out after a restart
    mail = mail_server.wait(timeout=100.0)
    assert audio.seconds_of(mail.sound(tmp_path), CALLER) >= 1.5


def _leave_in_greeting(call: PhoneCall) -> None:
    call.wait_heard(GREETING, 0.2)


def _leave_in_menu(call: PhoneCall) -> None:
    call.wait_heard(MENU, 0.2)


def _leave_in_queue(call: PhoneCall) -> None:
    call.wait_heard(MENU, 0.2)
    call.press("1")
    call.wait_heard(MUSIC, 0.3)


def _leave_at_once(call: PhoneCall) -> None:
    call.wait_answered()


STEPS = {
    "at once": _leave_at_once,
    "greeting": _leave_in_greeting,
    "menu": _leave_in_menu,
    "queue": _leave_in_queue,
}


@pytest.mark.parametrize("step", STEPS)
def test_a_caller_leaves_at_each_step(office: OfficeUnderTest, step: str) -> None:
    anna = office.phone("101")
    call = call_in(office)
    STEPS[step](call)
    ringing = anna.incoming() if step == "queue" else None
    if ringing:
        ringing.ring()  # without a provisional response no CANCEL is owed (RFC 3261 9.1)
        time.sleep(0.3)
    call.hang_up()
    row = office.wait_row(number=CLIENT, result="abandoned")
    assert row["ended_by"] == "caller"
    if ringing:
        assert ringing.wait_over().ended_by == "cancel"


def test_a_caller_leaves_in_the_message_s_greeting(office: OfficeUnderTest) -> None:
    call = call_in(office, MAILBOX)
    call.wait_heard(LEAVE_MESSAGE, 0.2)
    call.hang_up()
    row = office.wait_row(number=CLIENT, result="abandoned")
    assert "voicemail.stored" not in office.events(row["id"])
    assert not office.mailbox.mails


def test_two_callers_one_agent(office: OfficeUnderTest) -> None:
    """First come, first served; who waits hears music and his place, and never the other caller."""
    ewa = office.phone("111")
    provider = office.provider()
    first = provider.dial(SINGLE, number=CLIENT)
    first.wait_answered().say(CALLER)
    ringing = ewa.incoming()
    second = provider.dial(SINGLE, number=OTHER_CLIENT)
    second.wait_answered().say(None)
    second.wait_heard(MUSIC, TALK)
    assert ringing.invite and "600100200" in ringing.invite.get("From")
    ringing.answer().wait_answered().say(AGENT)
    first.wait_heard(AGENT, TALK)
    second.wait_more(MUSIC, TALK)  # still waits, with music
    first.hang_up()
    ringing.wait_over()
    again = ewa.incoming(30)
    assert again.invite and "600100300" in again.invite.get("From")
    again.answer().wait_answered().say(AGENT)
    second.wait_heard(AGENT, TALK)
    assert second.heard.seconds(CALLER) == 0.0
    again.hang_up()
    second.wait_over()
    rows = [office.wait_row(number=number, result="talked") for number in (CLIENT, OTHER_CLIENT)]
    assert all(row["queue"] == "single" and row["handled_by"] == "111" for row in rows)
    assert rows[1]["wait"] > rows[0]["wait"]


def test_a_full_queue_and_no_agents_take_a_message(office: OfficeUnderTest) -> None:
    """Nobody of `single` is registered: the caller is not lost."""
    leave_message(call_in(office, SINGLE))
    row = office.wait_row(number=CLIENT, result="message")
    assert "queue.left" in office.events(row["id"])


def test_a_call_out_over_the_trunk(office: OfficeUnderTest) -> None:
    provider = office.provider()
    call = office.phone("101").dial("600100200")
    outside = provider.incoming()
    assert outside.invite
    assert outside.invite.start.split()[1].startswith("sip:+48600100200@")
    assert "22" in outside.invite.get("From")
    assert "101@" not in outside.invite.get("From")
    outside.ring()
    call.wait_status(180, 183)
    outside.answer().wait_answered().say(AGENT)
    call.wait_answered().say(CALLER)
    call.wait_heard(AGENT, TALK)
    outside.wait_heard(CALLER, TALK)
    outside.hang_up()
    call.wait_over()
    office.wait_row(number="101", direction="out", result="talked")


def test_early_media_of_the_provider_is_heard(office: OfficeUnderTest) -> None:
    provider = office.provider()
    call = office.phone("101").dial("600100200")
    outside = provider.incoming()
    outside.media.say(AGENT)
    outside.progress()
    call.wait_status(183)
    call.wait_heard(AGENT, TALK)
    outside.refuse(486)
    assert call.wait_final() == 486


def test_sipp_is_the_provider(office: OfficeUnderTest, tmp_path: Path) -> None:
    talk = sipp.talk_file(tmp_path, AGENT)
    settings = {"host": TRUNK_HOST, "port": office.trunk_port, "number": "provider"}
    far = sipp.Sipp(sipp.answering(talk), office.address, tmp_path / "sipp", **settings)
    with far:
        call = office.phone("101").dial("600100200")
        call.wait_answered().say(CALLER)
        call.wait_heard(AGENT, TALK)
        call.hang_up()
        far.wait()


def test_a_stranger_is_not_the_trunk(office: OfficeUnderTest) -> None:
    """Another address, and the right address with another port."""
    for host in ("127.0.0.3", TRUNK_HOST):
        with ScriptedPhone("provider", office.address, host=host) as stranger:
            assert stranger.dial(MAIN, number=CLIENT).wait_final() in (401, 403, 404, 407)


def test_a_foreign_number_is_refused(office: OfficeUnderTest) -> None:
    assert call_in(office, "+48999999999").wait_final() == 404
    until(lambda: not [row for row in office.calls() if row["result"] == "talked"], "no call")
