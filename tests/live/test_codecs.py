"""Wideband phones that we did not write, with each other and with phones of G.711.

Proved by frequency: a tone of 6 kHz is heard only where the whole way is wideband.
"""

import time

import pytest

from tests.helpers import audio
from tests.live.baresip import Baresip
from tests.live.linphone import Linphone
from tests.live.office_files import AGENT, CALLER, MUSIC
from tests.live.office_under_test import OfficeUnderTest
from tests.live.process import until

AUTO = ";answermode=auto"
HIGH, HIGHER = 5000, 6000  # only wideband carries them
TALK = 0.6
# As baresip's account and its modules name them.
CODECS = {"g722": "G722/16000/1", "opus": "opus/48000/2"}
WIDE_RATE = 16000


def wideband(
    office: OfficeUnderTest, extension: str, codec: str, say: int, account: str = ""
) -> Baresip:
    return office.baresip(
        extension,
        say=say,
        codec=CODECS[codec],
        modules=(codec,),
        rate=WIDE_RATE,
        account=account,
    )


def must_hear(phone: Baresip | Linphone, frequency: int) -> None:
    heard, rate = phone.heard_wide()
    assert audio.seconds_of(heard, frequency, rate) >= TALK, audio.describe(
        heard, (CALLER, AGENT, MUSIC, HIGH, HIGHER), rate
    )


@pytest.mark.parametrize(("one", "other"), [("g722", "g722"), ("opus", "opus"), ("g722", "opus")])
def test_wideband_phones_talk_and_press_keys(office: OfficeUnderTest, one: str, other: str) -> None:
    anna = wideband(office, "101", one, HIGHER)
    piotr = wideband(office, "102", other, HIGH, AUTO)
    anna.dial("102")
    anna.wait_established()
    piotr.wait_established()
    anna.press("15#")
    until(lambda: piotr.command("callstat") and piotr.digits == "15#", "the keys are there")
    anna.hang_up()
    piotr.wait_closed()
    anna.wait_closed()
    must_hear(anna, HIGH)
    must_hear(piotr, HIGHER)


@pytest.mark.parametrize("codec", CODECS)
def test_a_wideband_phone_and_one_of_g711(office: OfficeUnderTest, codec: str) -> None:
    anna = wideband(office, "101", codec, CALLER)
    piotr = office.baresip("102", say=AGENT, account=AUTO)
    anna.dial("102")
    anna.wait_established()
    piotr.wait_established()
    anna.press("15#")
    until(lambda: piotr.command("callstat") and piotr.digits == "15#", "the keys are there")
    piotr.press("42")
    until(lambda: anna.command("callstat") and anna.digits == "42", "and the other way")
    piotr.hold()
    time.sleep(1.0)
    piotr.resume()
    time.sleep(TALK)
    anna.hang_up()
    piotr.wait_closed()
    anna.wait_closed()
    for frequency in (AGENT, MUSIC):
        must_hear(anna, frequency)
    heard = piotr.heard()
    assert audio.seconds_of(heard, CALLER) >= TALK, audio.describe(heard, (CALLER, AGENT))


def test_a_conference_of_three_codecs(office: OfficeUnderTest) -> None:
    phones = {
        HIGHER: wideband(office, "101", "opus", HIGHER),
        HIGH: wideband(office, "102", "g722", HIGH),
        CALLER: office.baresip("110", say=CALLER),
    }
    for phone in phones.values():
        phone.dial("350")
        phone.wait_established()
    time.sleep(1.5)
    for phone in phones.values():
        phone.hang_up()
    must_hear(phones[HIGHER], HIGH)
    must_hear(phones[HIGHER], CALLER)
    must_hear(phones[HIGH], HIGHER)
    must_hear(phones[HIGH], CALLER)
    narrow = phones[CALLER].heard()
    # Nothing of what is above its band is folded into it.
    assert audio.strength(narrow, 8000 - HIGH) < audio.AUDIBLE
    assert audio.strength(narrow, 8000 - HIGHER) < audio.AUDIBLE


LINPHONE = {"g722": ("G722/8000",), "opus": ("opus/48000/2",)}


@pytest.mark.parametrize(("one", "other"), [("g722", "g722"), ("opus", "g722"), ("opus", "pcma")])
def test_linphone_and_baresip(office: OfficeUnderTest, one: str, other: str) -> None:
    high, low = (HIGHER, HIGH) if other != "pcma" else (CALLER, AGENT)
    anna = office.linphone("101", say=high, codecs=LINPHONE[one], rate=WIDE_RATE)
    if other == "pcma":
        piotr = office.baresip("102", say=low, account=AUTO)
    else:
        piotr = wideband(office, "102", other, low, AUTO)
    anna.dial("102")
    anna.wait_established()
    piotr.wait_established()
    anna.press("15")
    until(lambda: piotr.command("callstat") and piotr.digits == "15", "the keys are there")
    anna.hang_up()
    piotr.wait_closed()
    anna.wait_closed()
    must_hear(anna, low)
    must_hear(piotr, high)
