"""Wideband phones that we did not write, with each other and with phones of G.711.

Proved by frequency: a tone of 6 kHz is heard only where the whole way is wideband.
"""

import pytest

from tests.helpers import audio
from tests.live.baresip import Baresip
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


@pytest.mark.parametrize(("one", "other"), [("g722", "g722"), ("opus", "opus"), ("g722", "opus")])
def test_wideband_phones_talk_and_press_keys(office: OfficeUnderTest, one: str, other: str) -> None:
    anna = wideband(office, "101", one, HIGHER)
    piotr = wideband(office, "102", other, HIGH, AUTO)
    anna.dial("102")
    anna.wait_established()
    piotr.wait_established()
    anna.press("15#")
    until(lambda: piotr.command("callstat") and piotr.digits == "15#", "the keys are there")
    anna.wait_heard(HIGH, TALK)
    piotr.wait_heard(HIGHER, TALK)
    anna.hang_up()
    piotr.wait_closed()
    anna.wait_closed()


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
    anna.wait_heard(MUSIC, TALK)
    piotr.resume()
    anna.wait_more(AGENT, TALK)
    piotr.wait_heard(CALLER, TALK)
    anna.hang_up()
    piotr.wait_closed()
    anna.wait_closed()


def test_a_conference_of_three_codecs(office: OfficeUnderTest) -> None:
    phones = {
        HIGHER: wideband(office, "101", "opus", HIGHER),
        HIGH: wideband(office, "102", "g722", HIGH),
        CALLER: office.baresip("110", say=CALLER),
    }
    for phone in phones.values():
        phone.dial("350")
        phone.wait_established()
    phones[HIGHER].wait_heard(HIGH, TALK)
    phones[HIGHER].wait_heard(CALLER, TALK)
    phones[HIGH].wait_heard(HIGHER, TALK)
    phones[HIGH].wait_heard(CALLER, TALK)
    for phone in phones.values():
        phone.hang_up()
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
    anna.wait_heard(low, TALK)
    piotr.wait_heard(high, TALK)
    anna.hang_up()
    piotr.wait_closed()
    anna.wait_closed()
