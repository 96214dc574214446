"""Phones over TCP and TLS, and phones behind NAT: reached by the way they came."""

import pytest

from tests.live import namespace, sipp
from tests.live.namespace import Namespace, Router
from tests.live.office_files import AGENT, CALLER, PASSWORD
from tests.live.office_under_test import RTP_PORTS, OfficeUnderTest
from tests.live.process import until

TALK = 1.0
UNREACHABLE = ("192.0.2.10", 5062)  # RFC 5737: nobody is there


@pytest.mark.parametrize("transport", ["tcp", "tls"])
def test_a_phone_over_a_stream(office: OfficeUnderTest, transport: str) -> None:
    """It calls, and is called: nobody can connect to it, so its own connection must serve."""
    anna = office.baresip("101", transport, say=CALLER)
    piotr = office.phone("102")
    anna.dial("102")
    call = piotr.incoming().answer().wait_answered()
    anna.wait_established()
    call.wait_heard(CALLER, TALK)
    anna.hang_up()
    call.wait_over()
    anna.wait_closed()

    back = piotr.dial("101")
    anna.wait_incoming()
    back.wait_status(180)
    anna.answer()
    back.wait_answered().say(AGENT)
    back.wait_heard(CALLER, TALK)
    anna.wait_heard(AGENT, TALK)
    back.hang_up()
    anna.wait_closed()


def test_tcp_talks_to_tls(office: OfficeUnderTest) -> None:
    anna = office.baresip("101", "tcp", say=CALLER)
    piotr = office.baresip("102", "tls", say=AGENT, account=";answermode=auto")
    anna.dial("102")
    anna.wait_established()
    piotr.wait_established()
    anna.wait_heard(AGENT, TALK)
    piotr.wait_heard(CALLER, TALK)
    piotr.hang_up()
    anna.wait_closed()
    piotr.wait_closed()


def test_a_phone_that_announces_another_address(office: OfficeUnderTest) -> None:
    """Contact, Via and SDP name an address that nobody reaches; the flow does."""
    away = office.phone("110", announce_sip=UNREACHABLE, announce_sound=("192.0.2.10", 4000))
    anna = office.phone("101")
    call = away.dial("101")
    at_anna = anna.incoming().answer().wait_answered()
    at_anna.say(AGENT)
    call.wait_answered().say(CALLER)
    at_anna.wait_heard(CALLER, TALK)
    call.wait_heard(AGENT, TALK)
    at_anna.hang_up()  # the BYE must find its way in
    assert call.wait_over().ended_by == "bye"

    back = anna.dial("110")
    at_home = away.incoming()
    at_home.ring()
    at_home.answer().wait_answered().say(AGENT)
    back.wait_answered().say(CALLER)
    back.wait_heard(AGENT, TALK)
    at_home.wait_heard(CALLER, TALK)
    at_home.hang_up()
    assert back.wait_over().ended_by == "bye"


def test_a_phone_whose_sound_moves_to_another_port(office: OfficeUnderTest) -> None:
    """A router that forgets its mapping gives another one; the call goes on."""
    from tests.live.ports import free_block

    piotr = office.phone("102")
    call = office.phone("101").dial("102")
    other = piotr.incoming().answer().wait_answered()
    call.wait_answered().say(CALLER)
    other.say(AGENT)
    other.wait_heard(CALLER, TALK)
    call.wait_heard(AGENT, TALK)
    call.media.move(free_block(2))
    call.hold()
    call.resume()  # a phone that notices sends a re-INVITE from its new address
    other.wait_more(CALLER, TALK)
    call.wait_more(AGENT, TALK)
    call.hang_up()
    other.wait_over()


@pytest.mark.skipif(namespace.why_not() is not None, reason=f"namespace: {namespace.why_not()}")
def test_a_foreign_phone_behind_a_router(office: OfficeUnderTest) -> None:
    """baresip in a network of its own, behind a symmetric NAT."""
    sound = range(office.rtp_low, office.rtp_low + RTP_PORTS)
    anna = office.phone("101")
    with (
        Namespace() as network,
        Router(network, [office.udp_port, *sound]) as router,
        office.baresip("110", say=CALLER, network=network) as away,
    ):
        assert router.outside_ports(office.udp_port)
        away.dial("101")
        call = anna.incoming().answer().wait_answered()
        away.wait_established()
        call.say(AGENT)
        call.wait_heard(CALLER, TALK)
        away.wait_heard(AGENT, TALK)
        call.hang_up()
        away.wait_closed()

        back = anna.dial("110")
        away.wait_incoming()
        away.answer()
        back.wait_answered().say(AGENT)
        back.wait_heard(CALLER, TALK)
        away.hang_up()
        back.wait_over()


def test_sipp_registers(office: OfficeUnderTest, tmp_path) -> None:
    """One more digest client that we did not write."""
    extra = ("-au", "120", "-ap", PASSWORD.format("120"))
    with sipp.Sipp(
        sipp.registering(), office.address, tmp_path / "sipp", number="120", extra=extra
    ) as marta:
        marta.wait()
    until(lambda: "120" in str(office.phones()), "120 is among the phones")
