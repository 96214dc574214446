"""Kamailio as an outer proxy: Path, Record-Route, loose routing, TCP, its restart, its forks.

The proxy answers 404 to whatever does not follow its route set, and each test ends with the proof
that nothing did not.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.live.hearing import wait_talk
from tests.live.kamailio import Kamailio
from tests.live.office_files import AGENT, CALLER, MUSIC, PASSWORD
from tests.live.office_under_test import OfficeUnderTest
from tests.live.phone_call import PhoneCall
from tests.live.process import until
from tests.live.rtp_peer import ScriptedPhone
from tests.live.test_linphone import AUTO

TALK = 0.8
CONSULTANT = 1500


@pytest.fixture(params=["udp", "tcp"])
def edge(
    request: pytest.FixtureRequest, office: OfficeUnderTest, tmp_path: Path
) -> Iterator[Kamailio]:
    """A proxy before the office; it speaks UDP or TCP with the switch."""
    tcp = office.tcp_port if request.param == "tcp" else None
    with Kamailio(tmp_path, switch_udp=office.udp_port, switch_tcp=tcp) as proxy:
        yield proxy
        office.put_phones_down()  # while there is a proxy that takes their last words
        assert not proxy.astray


@pytest.fixture
def udp_edge(office: OfficeUnderTest, tmp_path: Path) -> Iterator[Kamailio]:
    with Kamailio(tmp_path, switch_udp=office.udp_port) as proxy:
        yield proxy
        office.put_phones_down()  # while there is a proxy that takes their last words
        assert not proxy.astray


def scripted(office: OfficeUnderTest, proxy: Kamailio, extension: str) -> ScriptedPhone:
    """A phone of plain sockets behind the proxy, not yet registered."""
    return ScriptedPhone(extension, proxy.address, PASSWORD.format(extension))


def test_calls_hold_and_transfer_through_it(office: OfficeUnderTest, edge: Kamailio) -> None:
    """Every phone stands behind it, linphone by TCP: both directions, re-INVITE, REFER, BYE."""
    jan = office.linphone("110", "tcp", port=edge.port, say=CONSULTANT)
    anna = office.baresip("101", port=edge.port, say=CALLER)
    piotr = office.baresip("102", port=edge.port, say=AGENT, account=AUTO)
    assert edge.passed("REGISTER") >= 6
    anna.dial("110")
    jan.wait_incoming()
    jan.answer()
    anna.wait_established()
    wait_talk(jan, CONSULTANT, anna, CALLER)
    jan.hold()
    jan.wait("is now paused")
    anna.wait_heard(MUSIC, TALK)
    jan.resume()
    jan.wait("Media streams established")
    jan.transfer("102")
    piotr.wait_established()
    jan.wait_closed()
    wait_talk(anna, CALLER, piotr, AGENT)
    anna.hang_up()
    anna.wait_closed()
    piotr.wait_closed()
    assert office.wait_row(number="101", result="talked")["handled_by"] == "102"
    assert edge.passed("BYE") >= 3
    assert edge.passed("REFER") == 1


def test_it_restarts_in_a_call(office: OfficeUnderTest, edge: Kamailio) -> None:
    """What it knew is gone, connections too; the route set leads, and phones stay reachable."""
    piotr = office.baresip("102", port=edge.port, say=AGENT, account=AUTO, register_every=600)
    with scripted(office, edge, "101") as anna:
        anna.register()
        call = anna.dial("102")
        call.wait_answered().say(CALLER)
        call.wait_heard(AGENT, TALK)
        edge.restart()
        call.wait_more(AGENT, TALK)
        piotr.hang_up()  # from the phone to the switch, from the switch to the caller
        assert call.wait_over().ended_by == "bye"
        again = anna.dial("102")
        again.wait_answered().say(CALLER)
        again.wait_heard(AGENT, TALK)
        piotr.wait_heard(CALLER, TALK)
        again.hang_up()
        piotr.wait_closed()
    assert len(office.calls()) == 2


def test_both_forks_of_it_answer(office: OfficeUnderTest, tmp_path: Path) -> None:
    """One INVITE of ours, two phones that answer at once: one is talked to, one gets its BYE."""
    with ScriptedPhone("102", office.address) as other:
        fork = f"sip:102@127.0.0.1:{other.port}"
        with (
            Kamailio(tmp_path, switch_udp=office.udp_port, fork_to=fork) as proxy,
            scripted(office, proxy, "102") as piotr,
        ):
            piotr.register()
            call = office.phone("101").dial("102")
            first, second = piotr.incoming(), other.incoming()
            first.ring()
            second.ring()
            call.wait_status(180)
            with piotr.lock, other.lock:  # neither sees the CANCEL before it has answered
                first.answer()
                second.answer()
            call.wait_answered().say(CALLER)
            first.wait_answered()
            second.wait_answered()
            winner, loser = _which_ended(first, second)
            assert loser.acknowledged
            winner.say(AGENT)
            winner.wait_heard(CALLER, TALK)
            call.wait_heard(AGENT, TALK)
            call.hang_up()
            assert winner.wait_over().ended_by == "bye"
            assert proxy.passed("BYE") == 2
    assert office.wait_row(number="101", result="talked")["handled_by"] == "102"


def _which_ended(first: PhoneCall, second: PhoneCall) -> tuple[PhoneCall, PhoneCall]:
    """The one that goes on, and the one that was hung up."""
    until(lambda: first.is_over or second.is_over, "one of them is hung up")
    winner, loser = (second, first) if first.is_over else (first, second)
    assert loser.ended_by == "bye"
    assert not winner.is_over
    return winner, loser


def test_a_text_and_a_cancel_through_it(office: OfficeUnderTest, udp_edge: Kamailio) -> None:
    piotr = office.baresip("102", port=udp_edge.port)
    jan = office.linphone("110", port=udp_edge.port)
    jan.write("102", "Prosze o akta")
    until(lambda: "Prosze o akta" in piotr.process.text, "the text")
    call = office.phone("101").dial("102")
    piotr.wait_incoming()
    call.wait_status(180)
    call.hang_up()
    assert call.wait_final() == 487
    piotr.wait_closed()
    assert udp_edge.passed("CANCEL") == 1
