"""Encrypted sound (SDES) of phones that we did not write: over TLS, with a plain phone beside."""

import pytest

from tests.live.hearing import Hearing
from tests.live.office_files import AGENT, CALLER, MUSIC
from tests.live.office_under_test import OfficeUnderTest
from tests.live.process import until

AUTO = ";answermode=auto"
MUST = ";mediaenc=srtp-mand"
MAY = ";mediaenc=srtp"
TALK = 0.6
OTHER = 1500


def wait_both_heard(one: Hearing, other: Hearing) -> None:
    one.wait_heard(AGENT, TALK)
    other.wait_heard(CALLER, TALK)


@pytest.mark.parametrize("wish", [MUST, MAY], ids=["must", "may"])
def test_baresip_calls_a_plain_phone_and_is_called(office: OfficeUnderTest, wish: str) -> None:
    anna = office.baresip("101", "tls", say=CALLER, modules=("srtp",), account=wish)
    piotr = office.phone("102")
    anna.dial("102")
    call = piotr.incoming().answer().wait_answered()
    call.say(AGENT)
    anna.wait_established()
    call.wait_heard(CALLER, TALK)
    call.hold()
    anna.wait_heard(MUSIC, TALK)
    call.resume()
    call.say(AGENT)
    anna.press("7")
    anna.wait_more(AGENT, TALK)
    anna.hang_up()
    call.wait_over()
    anna.wait_closed()

    back = piotr.dial("101")
    anna.wait_incoming()
    anna.answer()
    back.wait_answered().say(AGENT)
    back.wait_heard(CALLER, TALK)
    back.hang_up()
    anna.wait_closed()
    # Its keys stand in no file of ours.
    assert "inline:" not in office.log


def test_two_that_must_encrypt(office: OfficeUnderTest) -> None:
    anna = office.baresip("101", "tls", say=CALLER, modules=("srtp",), account=MUST)
    piotr = office.baresip("102", "tls", say=AGENT, modules=("srtp",), account=MUST + AUTO)
    anna.dial("102")
    anna.wait_established()
    piotr.wait_established()
    anna.press("15")
    until(lambda: piotr.command("callstat") and piotr.digits == "15", "the keys are there")
    wait_both_heard(anna, piotr)
    anna.hang_up()
    piotr.wait_closed()
    anna.wait_closed()


def test_who_must_encrypt_has_no_call_without_tls(office: OfficeUnderTest) -> None:
    anna = office.baresip("101", "udp", say=CALLER, modules=("srtp",), account=MUST)
    anna.dial("600")
    assert "488" in str(anna.wait_closed())


def test_linphone_that_must_encrypt(office: OfficeUnderTest) -> None:
    """It calls a phone that does not, and is called by one that does."""
    sip = ("media_encryption=srtp", "media_encryption_mandatory=1")
    anna = office.linphone("101", "tls", say=CALLER, sip=sip)
    piotr = office.baresip("102", say=AGENT, account=AUTO)
    anna.dial("102")
    anna.wait_established()
    piotr.wait_established()
    wait_both_heard(anna, piotr)
    anna.hang_up()
    piotr.wait_closed()
    anna.wait_closed()
    jan = office.baresip("110", "tls", say=OTHER, modules=("srtp",), account=MUST)
    jan.dial("101")
    anna.wait_incoming()
    anna.answer()
    anna.wait_established()
    jan.wait_established()
    anna.wait_heard(OTHER, TALK)
    jan.wait_heard(CALLER, TALK)
    jan.hang_up()
    anna.wait_closed()
    jan.wait_closed()
