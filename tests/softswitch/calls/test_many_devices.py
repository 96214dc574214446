"""One extension on five transports at once; its devices' other ways, names and comings back."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from softswitch.sip.flow import Transport
from softswitch.store.fold import Result
from tests.helpers.connected_phone import ConnectedPhone
from tests.helpers.hand_phone import HOST, Address, Call
from tests.helpers.office_in_process import PASSWORD, OfficeInProcess
from tests.live.certificates import make_certificates
from tests.live.sip_text import Message

TRANSPORTS = ("UDP", "TCP", "TLS", "WS", "WSS")
BROWSERS = (
    "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"
    "m=audio 9 UDP/TLS/RTP/SAVPF 111 0 8\r\nc=IN IP4 0.0.0.0\r\na=setup:actpass\r\n"
    "a=fingerprint:sha-256 00\r\na=rtpmap:111 opus/48000/2\r\n"
)


def instance(number: int) -> str:
    return f"<urn:uuid:00000000-0000-4000-8000-00000000000{number}>"


class House:
    """An office that listens on everything, and its phones."""

    def __init__(self, office: OfficeInProcess, trust: ssl.SSLContext) -> None:
        self.office, self._trust = office, trust
        self.stack = AsyncExitStack()
        self._ports = {
            kind.value.upper(): port
            for kind, _, port in office.ask(lambda server: server.endpoint.listening)
        }

    async def phone(
        self, extension: str, transport: str = "UDP", is_registered: bool = True, **more: Any
    ) -> ConnectedPhone:
        server: Address = (HOST, self._ports[transport])
        password = PASSWORD.format(extension)
        made = ConnectedPhone(extension, server, password, transport, self._trust, **more)
        await self.stack.enter_async_context(made)
        if is_registered:
            await made.register()
        return made

    def known(self, extension: str) -> int:
        return self.office.ask(
            lambda server: len(
                server.registrar.lookup(extension, server.desk.exchange.clock().timestamp())
            )
        )

    def forget(self) -> None:
        """Nobody is registered any more."""

        def drop(server: Any) -> None:
            server.registrar.expire(server.desk.exchange.clock().timestamp() + 10_000)

        self.office.ask(drop)


@pytest.fixture(scope="module")
def office(
    tmp_path_factory: pytest.TempPathFactory, patch_waits: pytest.MonkeyPatch
) -> Iterator[tuple[OfficeInProcess, ssl.SSLContext]]:
    folder: Path = tmp_path_factory.mktemp("office")
    made = make_certificates(folder / "certificates")
    settings = {
        "sip_tcp_port": 0,
        "sip_tls_port": 0,
        "sip_ws_port": 0,
        "sip_wss_port": 0,
        "tls_certificate": made.chain,
        "tls_key": made.key,
    }
    trust = ssl.create_default_context(cafile=str(made.authority))
    with OfficeInProcess(folder / "office", **settings) as running:
        yield running, trust
        running.wait_until_empty()


@pytest.fixture
async def house(office: tuple[OfficeInProcess, ssl.SSLContext]) -> AsyncIterator[House]:
    made = House(*office)
    async with made.stack:
        yield made
        await made.office.calm()
        made.forget()


async def ring_all(phones: list[ConnectedPhone]) -> list[Call]:
    calls = [await phone.rung() for phone in phones]
    for call in calls:
        call.ring()
    return calls


def reason(message: Message) -> str:
    return next((value for name, value in message.headers if name == "Reason"), "")


@pytest.mark.parametrize("winner", range(5))
async def test_one_answers_and_none_of_the_others_missed_a_call(house: House, winner: int) -> None:
    phones = [await house.phone("101", transport) for transport in TRANSPORTS]
    assert house.known("101") == 5
    caller = await house.phone("102")
    out = await caller.dial("101")
    calls = await ring_all(phones)
    await out.status(180)
    calls[winner].answer()
    await phones[winner].expect("ACK")
    await out.answered()
    for number, (phone, call) in enumerate(zip(phones, calls, strict=True)):
        if number != winner:
            cancel = await phone.expect("CANCEL", call=call)
            assert "SIP" in reason(cancel)
            assert "cause=200" in reason(cancel)
    out.bye()
    await phones[winner].expect("BYE")
    row = await house.office.row()
    assert row.result is Result.TALKED
    assert not any(phone.got("BYE") for phone in phones)


async def test_the_caller_gives_up_and_all_have_missed_it(house: House) -> None:
    phones = [await house.phone("101", transport) for transport in TRANSPORTS]
    caller = await house.phone("102", "WS")
    out = await caller.dial("101")
    calls = await ring_all(phones)
    await out.status(180)
    out.cancel()
    await out.status(487)
    for phone, call in zip(phones, calls, strict=True):
        cancel = await phone.expect("CANCEL", call=call)
        assert "cause=200" not in reason(cancel)
    assert (await house.office.row()).result is Result.ABANDONED


async def test_one_refuses_the_others_ring_on(house: House) -> None:
    phones = [await house.phone("101", transport) for transport in ("WSS", "UDP", "TCP")]
    caller = await house.phone("102", "TLS")
    out = await caller.dial("101")
    calls = await ring_all(phones)
    calls[0].answer(486)
    calls[1].answer()
    await out.answered()
    await phones[2].expect("CANCEL")
    calls[1].bye()
    await caller.expect("BYE")
    await house.office.row()


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_each_transport_talks_and_asks(house: House, transport: str) -> None:
    phone, other = await house.phone("101", transport), await house.phone("102")
    options = await phone.ask(phone.message("OPTIONS", "102"))
    assert options.status == 200
    out = await phone.dial("102")
    inward = await other.rung()
    inward.answer()
    await out.answered()
    assert (await out.hold()).status == 200
    assert (await out.reinvite(phone.offer(version=9))).status == 200
    inward.bye()
    await out.over()
    await house.office.row()
    await phone.register(0)
    assert house.known("101") == 0


async def test_a_connection_that_ends_is_no_device_at_once(house: House) -> None:
    browser, desk = await house.phone("101", "WSS", instance=instance(1)), await house.phone("101")
    assert house.known("101") == 2
    await browser.disconnect()
    await house.office.until(lambda: house.known("101") == 1, "the browser is gone")
    caller = await house.phone("102")
    out = await caller.dial("101")
    inward = await desk.rung()
    inward.answer()
    await out.answered()
    await browser.connect()
    await browser.register()
    assert house.known("101") == 2
    out.bye()
    await inward.over()
    await house.office.row()


async def test_a_browser_that_connects_anew_in_a_call_hears_its_end(house: House) -> None:
    browser, desk = await house.phone("101", "WS", instance=instance(1)), await house.phone("102")
    out = await browser.dial("102")
    inward = await desk.rung()
    inward.answer()
    await out.answered()
    await browser.disconnect()
    await browser.connect()
    await browser.register()
    inward.bye()
    await out.over()
    await house.office.row()


async def test_the_sound_of_a_browser_is_refused_in_words(house: House) -> None:
    browser = await house.phone("101", "WSS")
    out = await browser.dial("102", BROWSERS.encode())
    refused = await out.status(488)
    assert refused.get("Warning").startswith('302 softswitch "the offer has only encrypted audio')
    await house.office.calm()


# several flows of one device (RFC 5626)


async def flows(house: House) -> tuple[ConnectedPhone, ConnectedPhone]:
    first = await house.phone("101", "TCP", instance=instance(1), reg_id=1)
    await asyncio.sleep(0.01)
    second = await house.phone("101", "TLS", instance=instance(1), reg_id=2)
    assert second.kept is not None
    assert second.kept.get("Flow-Timer") == "120"
    assert second.kept.get("Require") == "outbound"
    assert house.known("101") == 1
    return first, second


async def test_one_device_is_rung_by_one_flow(house: House) -> None:
    first, second = await flows(house)
    caller = await house.phone("102")
    out = await caller.dial("101")
    inward = await second.rung()
    inward.answer()
    await out.answered()
    out.bye()
    await inward.over()
    await house.office.row()
    assert not first.got("INVITE")


@pytest.mark.parametrize("status", [430, 408])
async def test_a_flow_that_fails_leaves_the_other(house: House, status: int) -> None:
    first, second = await flows(house)
    caller = await house.phone("102")
    out = await caller.dial("101")
    (await second.rung()).answer(status)
    inward = await first.rung()
    assert inward.invite.cseq == 2
    inward.answer()
    await out.answered()
    inward.bye()
    await caller.expect("BYE")
    await house.office.row()


async def test_what_the_phone_itself_says_stands_for_all_its_flows(house: House) -> None:
    first, second = await flows(house)
    caller = await house.phone("102")
    out = await caller.dial("101")
    (await second.rung()).answer(486)
    await out.status(486)
    await house.office.row()
    assert not first.got("INVITE")


async def test_the_last_flow_that_fails(house: House) -> None:
    first, second = await flows(house)
    caller = await house.phone("102")
    out = await caller.dial("101")
    (await second.rung()).answer(430)
    (await first.rung()).answer(430)
    await out.status(480)
    await house.office.row()


# one device and no other (RFC 5627)


@pytest.mark.parametrize("kind", ["pub", "temp"])
async def test_a_gruu_rings_its_device_alone(house: House, kind: str) -> None:
    desk = await house.phone("101", "UDP", instance=instance(1))
    mobile = await house.phone("101", "WS", instance=instance(2))
    caller = await house.phone("102", "TCP")
    user, _, tail = mobile.gruu(kind).removeprefix("sip:").partition("@")
    assert (user == "101") is (kind == "pub")
    out = await dial_uri(caller, f"sip:{user}@{tail}")
    inward = await mobile.rung()
    inward.answer()
    await out.answered()
    out.bye()
    await inward.over()
    row = await house.office.row()
    assert row.called == "101"
    assert not desk.got("INVITE")


async def dial_uri(phone: ConnectedPhone, uri: str) -> Call:
    """INVITE with this Request-URI, past the challenge."""
    request = phone.message("INVITE", "nobody")
    request.start = f"INVITE {uri} SIP/2.0"
    request.headers.append(("Content-Type", "application/sdp"))
    request.body = phone.offer()
    phone.send(request)
    challenge = await phone.expect(401, call=request)
    phone.acknowledge(request, challenge)
    again = phone.with_credentials(request, challenge)
    phone.send(again)
    call = Call(phone, again, is_outgoing=True)
    phone._calls[again.get("Call-ID")] = call
    return call


async def test_a_gruu_of_a_device_that_is_gone(house: House) -> None:
    desk = await house.phone("101", "UDP", instance=instance(1))
    mobile = await house.phone("101", "WS", instance=instance(2))
    public, temporary = mobile.gruu("pub"), mobile.gruu("temp")
    await mobile.register(0)
    caller = await house.phone("102")
    out = await dial_uri(caller, public)
    await out.status(480)
    out = await dial_uri(caller, temporary)
    await out.status(404)
    assert not desk.got("INVITE")
    await house.office.row()


async def test_a_transfer_to_a_gruu(house: House) -> None:
    desk = await house.phone("103", "UDP", instance=instance(1))
    mobile = await house.phone("103", "WSS", instance=instance(2))
    anna, piotr = await house.phone("101"), await house.phone("102", "TLS")
    out = await anna.dial("102")
    inward = await piotr.rung()
    inward.answer()
    await out.answered()
    refer = inward.inside("REFER")
    refer.headers.append(("Refer-To", f"<{mobile.gruu('temp')}>"))
    piotr.send(refer)
    await piotr.expect(202)
    third = await mobile.rung()
    third.answer()
    await mobile.expect("ACK")
    await inward.over()
    out.bye()
    await third.over()
    await house.office.row()
    assert not desk.got("INVITE")


def test_the_transports_are_all(office: tuple[OfficeInProcess, ssl.SSLContext]) -> None:
    listening = office[0].ask(lambda server: server.endpoint.listening)
    assert [kind for kind, _, _ in listening] == list(Transport)
