"""linphone and baresip, two phones that we did not write: calls, hold, menu, queue, voicemail.

Audio is proved by frequency. linphone's recording goes on over its calls, so what it must hear in
one of them is a tone of that one alone.
"""

import time
from pathlib import Path

import pytest

from tests.helpers import audio
from tests.live.hearing import wait_talk
from tests.live.office_files import (
    AGENT,
    CALLER,
    LEAVE_MESSAGE,
    MAILBOX,
    MAIN,
    MENU,
    MUSIC,
    SINGLE,
)
from tests.live.office_under_test import OfficeUnderTest
from tests.live.process import until

CLIENT = "+48600100200"
TALK = 0.8  # seconds of a tone that count as having been heard
OTHER = 1500
AUTO = ";answermode=auto"
ALL = (CALLER, AGENT, MUSIC, OTHER, MENU, LEAVE_MESSAGE)


def test_it_calls_baresip_and_is_called(office: OfficeUnderTest) -> None:
    anna = office.linphone("101", say=CALLER)
    piotr = office.baresip("102", say=AGENT, account=AUTO)
    anna.dial("102")
    piotr.wait_established()
    anna.wait_established()
    wait_talk(anna, CALLER, piotr, AGENT)
    anna.press("15")
    anna.hang_up()
    piotr.wait_closed()
    assert piotr.digits == "15"
    assert office.wait_row(number="101", result="talked")["handled_by"] == "102"

    jan = office.baresip("110", say=OTHER)
    jan.dial("101")
    assert "110" in anna.wait_incoming()["who"]
    anna.answer()
    anna.wait_established()
    jan.wait_established()
    wait_talk(anna, CALLER, jan, OTHER)
    jan.hang_up()
    anna.wait_closed()
    jan.wait_closed()
    assert office.wait_row(number="110", result="talked")["handled_by"] == "101"


def test_it_holds_and_is_held_with_music(office: OfficeUnderTest) -> None:
    anna = office.linphone("101", say=CALLER)
    piotr = office.phone("102")  # answers with both codecs and sends the second one
    anna.dial("102")
    call = piotr.incoming().answer().wait_answered()
    call.say(AGENT)
    anna.wait_established()
    call.wait_heard(CALLER, TALK)
    anna.hold()
    anna.wait("is now paused")
    call.wait_heard(MUSIC, TALK)
    anna.resume()
    anna.wait("Media streams established")
    call.wait_more(CALLER, TALK)
    call.hold()
    assert audio.seconds_of(call.heard.samples(), MUSIC) >= TALK
    call.media.say(None)
    anna.wait_heard(MUSIC, TALK)
    call.resume()
    call.wait_more(CALLER, TALK)
    anna.wait_heard(AGENT, TALK)
    anna.hang_up()
    call.wait_over()
    anna.wait_closed()


@pytest.mark.parametrize("by_info", [False, True], ids=["RFC 4733", "INFO"])
def test_its_key_leads_through_the_menu(office: OfficeUnderTest, by_info: bool) -> None:
    """It dials the office's own number, presses 2, and baresip answers in the queue."""
    ewa = office.baresip("111", say=AGENT, account=AUTO)
    jan = office.linphone("110", say=CALLER, keys_by_info=by_info)
    jan.dial(MAIN)
    jan.wait_established()
    jan.press("2")
    ewa.wait_established()
    ewa.press("123")
    wait_talk(jan, CALLER, ewa, AGENT)
    jan.hang_up()
    ewa.wait_closed()
    jan.wait_closed()
    row = office.wait_row(number="110", result="talked")
    assert (row["handled_by"], row["queue"]) == ("111", "single")


def test_it_answers_in_the_queue(office: OfficeUnderTest) -> None:
    ewa = office.linphone("111", say=AGENT)
    client = office.provider().dial(SINGLE, number=CLIENT, name="Klient")
    assert "600100200" in ewa.wait_incoming()["who"]
    ewa.answer()
    client.wait_answered().say(CALLER)
    client.wait_heard(AGENT, TALK)
    ewa.wait_heard(CALLER, TALK)
    client.hang_up()
    ewa.wait_closed()
    row = office.wait_row(number=CLIENT, result="talked")
    assert (row["handled_by"], row["queue"]) == ("111", "single")


def test_it_leaves_a_message(office: OfficeUnderTest, tmp_path: Path) -> None:
    jan = office.linphone("110", say=CALLER)
    jan.dial(MAILBOX)
    jan.wait_established()
    jan.wait_heard(LEAVE_MESSAGE, TALK)
    time.sleep(4.0)  # the tone, and three seconds of its voice
    jan.hang_up()
    sound = office.mailbox.wait().sound(tmp_path)
    assert audio.seconds_of(sound, CALLER) >= 1.0, audio.describe(sound, ALL)
    assert office.wait_row(number="110", result="message")["message"]


@pytest.mark.parametrize("transport", ["tcp", "tls"])
def test_over_a_stream(office: OfficeUnderTest, transport: str) -> None:
    """It calls baresip on the other stream, and is called: only its own connection serves."""
    other = {"tcp": "tls", "tls": "tcp"}[transport]
    anna = office.linphone("101", transport, say=CALLER)
    piotr = office.baresip("102", other, say=AGENT)
    for _ in range(2):
        anna.dial("102")
        piotr.wait_incoming()
        piotr.answer()
        anna.wait_established()
        wait_talk(anna, CALLER, piotr, AGENT)
        anna.hang_up()
        piotr.wait_closed()
    piotr.dial("101")
    anna.wait_incoming()
    anna.answer()
    piotr.wait_established()
    wait_talk(anna, CALLER, piotr, AGENT)
    piotr.hang_up()
    anna.wait_closed()
    piotr.wait_closed()


def test_over_a_restart_of_the_switch(own_office: OfficeUnderTest) -> None:
    """SIGKILL in its call: afterwards it calls and is called, without registering again."""
    office = own_office
    anna = office.linphone("101", say=CALLER, expires=600)
    piotr = office.baresip("102", say=AGENT, account=AUTO, register_every=600)
    anna.dial("102")
    anna.wait_established()
    piotr.wait_established()
    until(office.calls, "its row, or its events, are written")
    office.kill()
    office.start()
    anna.hang_up()
    anna.wait_closed()
    piotr.hang_up()
    piotr.wait_closed()
    assert office.wait_row(number="101", result="interrupted")
    anna.dial("102")
    anna.wait_established()
    piotr.wait_established()
    wait_talk(anna, CALLER, piotr, AGENT)
    anna.hang_up()
    piotr.wait_closed()
    assert office.wait_row(number="101", result="talked")["handled_by"] == "102"
