"""Five devices of one extension, each by a transport of its own; foreign phones all."""

import uuid
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.live.baresip import Baresip
from tests.live.jssip_phone import JsSip, install, plain_sound
from tests.live.mailserver import MailServer
from tests.live.office_files import CALLER, PASSWORD
from tests.live.office_under_test import HOST, OfficeUnderTest
from tests.live.ports import free_block, free_port
from tests.live.process import until
from tests.live.shared_office import BuildOffice

DESKS = ("udp", "tcp", "tls")
ELSEWHERE = "cause=200"


@pytest.fixture(scope="module")
def modules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return install(tmp_path_factory.mktemp("jssip"))


@pytest.fixture(scope="module")
def build_office() -> BuildOffice:
    return open_office


def open_office(folder: Path, mail: MailServer) -> OfficeUnderTest:
    """For browsers too; it asks each phone every few seconds whether it is there."""
    office = OfficeUnderTest(folder, mail)
    office.environment.update(
        SOFTSWITCH_SIP_WS_PORT=str(free_port()),
        SOFTSWITCH_SIP_WSS_PORT=str(free_port()),
        SOFTSWITCH_SIP_KEEPALIVE="3",
    )
    return office


def desk_phone(
    office: OfficeUnderTest, transport: str, account: str = "", modules: tuple[str, ...] = ()
) -> Baresip:
    port = {"udp": office.udp_port, "tcp": office.tcp_port, "tls": office.tls_port}[transport]
    phone = Baresip(
        "101",
        f"{HOST}:{port}",
        office.folder / transport,
        password=PASSWORD.format("101"),
        transport=transport,
        ca_file=office.certificates.authority,
        say=1000,
        account=account,
        modules=modules,
        instance=str(uuid.uuid4()),
    )
    phone.wait_registered()
    return phone


def page(office: OfficeUnderTest, modules: Path, scheme: str) -> JsSip:
    port = office.environment[f"SOFTSWITCH_SIP_{scheme.upper()}_PORT"]
    made = JsSip(
        modules,
        "101",
        f"{scheme}://{HOST}:{port}/",
        office.folder,
        password=PASSWORD.format("101"),
        domain=f"{HOST}:{office.udp_port}",
        sdp=plain_sound(free_block(2)),
        authority=office.certificates.authority,
    )
    made.register()
    return made


def answering(office: OfficeUnderTest) -> set[str]:
    """The transports of phones that have answered OPTIONS."""
    return {one["transport"] for one in office.phones() if one["latency"] is not None}


@pytest.mark.parametrize("winner", [*DESKS, "wss"])
def test_five_ring_one_answers(office: OfficeUnderTest, modules: Path, winner: str) -> None:
    with ExitStack() as stack:
        desks = {one: stack.enter_context(desk_phone(office, one)) for one in DESKS}
        pages = {one: stack.enter_context(page(office, modules, one)) for one in ("ws", "wss")}
        until(lambda: answering(office) == {*DESKS, "ws", "wss"}, "all five answer OPTIONS")
        caller = office.phone("102")
        call = caller.dial("101")
        for desk in desks.values():
            desk.wait_incoming()
        for browser in pages.values():
            browser.wait("ringing")
        if winner in desks:
            desks[winner].answer()
            desks[winner].wait_established()
        else:
            pages[winner].do("answer")
            pages[winner].wait("confirmed")
        call.wait_answered().say(CALLER)
        for name, desk in desks.items():
            if name != winner:
                desk.wait_closed()
                assert ELSEWHERE in desk.trace(20_000), f"{name} shows a missed call"
        for name, browser in pages.items():
            if name != winner:
                assert ELSEWHERE in browser.wait("failed")["reason"]
        if winner in desks:
            call.wait_heard(1000, 0.5)
            desks[winner].wait_heard(CALLER, 0.5)
            call.hang_up()
            desks[winner].wait_closed()
        else:
            call.hang_up()
            pages[winner].wait("ended")
    office.wait_row(result="talked")


def test_five_ring_and_the_caller_gives_up(office: OfficeUnderTest, modules: Path) -> None:
    """Then each of them may show a missed call: nobody is told that somebody had it."""
    with ExitStack() as stack:
        desks = [stack.enter_context(desk_phone(office, one)) for one in DESKS]
        pages = [stack.enter_context(page(office, modules, one)) for one in ("ws", "wss")]
        call = office.phone("102").dial("101")
        for desk in desks:
            desk.wait_incoming()
        for browser in pages:
            browser.wait("ringing")
        call.hang_up()
        for desk in desks:
            desk.wait_closed()
            assert ELSEWHERE not in desk.trace(20_000)
        for browser in pages:
            assert ELSEWHERE not in (browser.wait("failed").get("reason") or "")
    office.wait_row(result="abandoned")


def test_a_phone_with_flows_of_its_own(office: OfficeUnderTest) -> None:
    """baresip as RFC 5626 wants it: reg-id, `ob`, keep-alives that the switch asks for."""
    with desk_phone(office, "tcp", ";sipnat=outbound", ("uuid",)) as desk:
        until(lambda: [one["reg_id"] for one in office.phones()] == [1], "it is known by its flow")
        assert "Flow-Timer: 120" in desk.trace(20_000)
        assert "Require: outbound" in desk.trace(20_000)
        call = office.phone("102").dial("101")
        desk.wait_incoming()
        desk.answer()
        call.wait_answered().hang_up()
        desk.wait_closed()


def test_a_phone_that_vanishes_is_away_and_back(office: OfficeUnderTest) -> None:
    """Its plug is pulled: after three questions without an answer callers are led on at once."""
    with desk_phone(office, "udp") as desk:
        until(lambda: [one for one in office.phones() if one["latency"] is not None], "it answers")
        desk.kill()
    until(lambda: office.phones()[0]["away"], "it is away", timeout=90.0)
    call = office.phone("102").dial("101")
    call.wait_status(480, timeout=5.0)
