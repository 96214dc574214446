"""Two real endpoints on loopback: messages go, come, and failures are told."""

import asyncio
import socket
from collections.abc import Coroutine
from typing import Any

import pytest
import uvloop

from softswitch.net.endpoint import Endpoint, EndpointConfig, ListenAddress
from softswitch.sip.configuration import StackConfig
from softswitch.sip.dialog import Dialog, DialogId, DialogState
from softswitch.sip.events import (
    Event,
    FailureCause,
    MessageRejected,
    RequestReceived,
    ResponseReceived,
    TransactionFailed,
)
from softswitch.sip.flow import Flow, Hop, Transport
from softswitch.sip.headers import NameAddr
from softswitch.sip.message import Response
from softswitch.sip.stack import Stack
from softswitch.sip.uri import parse_uri
from tests.softswitch.net.peer import (
    Peer,
    ZoneDns,
    certificates,
    peer,
    request,
    tcp,
    tls,
    token,
    udp,
    until,
)


def has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


needs_ipv6 = pytest.mark.skipif(not has_ipv6(), reason="no IPv6 here")
VERSIONS = [4, pytest.param(6, marks=needs_ipv6)]
CLIENT_TLS = EndpointConfig(client_tls=certificates()[1])
BY_NAME = ZoneDns(addresses={"pbx.example": ["127.0.0.1"]})


def free_port(kind: socket.SocketKind = socket.SOCK_DGRAM) -> int:
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("kind", [udp, tcp])
async def test_a_round_trip(kind: Any, version: int) -> None:
    async with peer(kind(version)) as near, peer(kind(version)) as far:
        hop = far.hop(kind(version).transport)
        key = near.endpoint.send(request(), hop)
        answer = await near.wait(ResponseReceived)
        assert answer.key == key
        assert answer.response.status == 200
        heard = await far.wait(RequestReceived)
        assert heard.flow.transport is hop.transport
        assert heard.flow.remote[0] == hop.host
        assert (answer.flow.connection is None) == (hop.transport is Transport.UDP)


async def test_a_round_trip_over_tls_by_the_servers_name() -> None:
    async with peer(tls()) as far, peer(tls(), config=CLIENT_TLS, dns=BY_NAME) as near:
        port = far.hop(Transport.TLS).port
        (hop,) = await near.endpoint.locate(parse_uri(f"sips:pbx.example:{port}"))
        near.endpoint.send(request(), hop)
        assert (await near.wait(ResponseReceived)).response.status == 200
        assert (await far.wait(RequestReceived)).flow.transport is Transport.TLS


async def test_a_certificate_for_another_name_fails_the_request() -> None:
    async with peer(tls()) as far, peer(tls(), config=CLIENT_TLS) as near:
        near.endpoint.send(request(), far.hop(Transport.TLS))  # its address is no name in there
        failed = await near.wait(TransactionFailed)
        assert failed.cause is FailureCause.TRANSPORT
        assert not far.events


async def test_the_callers_of_send_know_the_key_before_the_bad_news() -> None:
    async with peer(udp()) as near:
        key = near.endpoint.send(request(), Hop(Transport.TCP, "127.0.0.1", 0))
        assert not near.events
        assert (await near.wait(TransactionFailed)).key == key
        other = near.endpoint.send(request(), Hop(Transport.UDP, "::1", 5060))
        assert len(near.events) == 1
        assert (await near.wait(TransactionFailed, 2)).key == other


async def _deaf_peer() -> None:
    """ICMP tells that nobody listens; other peers are heard before and after."""
    async with peer(udp()) as near, peer(udp()) as far:
        nobody = Hop(Transport.UDP, "127.0.0.1", free_port())
        somebody = far.hop(Transport.UDP)
        for count in (1, 2, 3):
            dead = near.endpoint.send(request("INVITE"), nobody)
            alive = near.endpoint.send(request(), somebody)
            failed = await near.wait(TransactionFailed, count)
            assert (failed.key, failed.cause) == (dead, FailureCause.TRANSPORT)
            assert (await near.wait(ResponseReceived, count)).key == alive
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("run", [asyncio.run, uvloop.run], ids=["asyncio", "uvloop"])
def test_icmp_fails_a_request_at_once(run: Any) -> None:
    run(_deaf_peer())


async def _streams() -> None:
    async with peer(tls(), tcp()) as far, peer(tcp(), config=CLIENT_TLS, dns=BY_NAME) as near:
        near.endpoint.send(request(), far.hop(Transport.TCP))
        (hop,) = await near.endpoint.locate(
            parse_uri(f"sip:pbx.example:{far.hop(Transport.TLS).port};transport=tls")
        )
        near.endpoint.send(request(), hop)
        await near.wait(ResponseReceived, 2)


def test_streams_under_uvloop() -> None:
    coroutine: Coroutine[Any, Any, None] = _streams()
    uvloop.run(coroutine)


async def test_a_refused_connection_fails_the_request() -> None:
    async with peer(tcp()) as near:
        hop = Hop(Transport.TCP, "127.0.0.1", free_port(socket.SOCK_STREAM))
        keys = {near.endpoint.send(request(), hop) for _ in range(3)}
        await near.wait(TransactionFailed, 3)
        assert {event.key for event in near.events if isinstance(event, TransactionFailed)} == keys


async def test_one_connection_carries_all_messages_both_ways() -> None:
    async with peer(tcp()) as near, peer(tcp()) as far:
        for count in range(1, 4):
            near.endpoint.send(request(), far.hop(Transport.TCP))
            near.endpoint.send(request(), far.hop(Transport.TCP))
            await near.wait(ResponseReceived, 2 * count)
        heard = await far.wait(RequestReceived)
        # Back through the connection that the phone opened: the only way through a NAT.
        far.endpoint.send(request(), heard.flow)
        back = await near.wait(RequestReceived)
        await far.wait(ResponseReceived)
        assert back.flow.connection is not None
        assert near.endpoint.dump()["connections"] == 1
        assert far.endpoint.dump()["connections"] == 1


async def test_a_lost_connection_fails_what_went_by_it() -> None:
    lost: list[Flow] = []
    async with peer(tcp()) as near:
        near.endpoint.on_flow_lost = lost.append
        async with peer(tcp()) as far:
            far.status = 0  # says nothing
            key = near.endpoint.send(request(), far.hop(Transport.TCP))
            heard = await far.wait(RequestReceived)
            assert far.endpoint.is_alive(heard.flow)
        failed = await near.wait(TransactionFailed)
        assert (failed.key, failed.cause) == (key, FailureCause.TRANSPORT)
        assert near.endpoint.dump()["connections"] == 0
        assert len(lost) == 1
        assert not near.endpoint.is_alive(lost[0])
        again = near.endpoint.send(request(), lost[0])
        assert (await near.wait(TransactionFailed, 2)).key == again


async def test_a_stream_flow_without_number_is_dialled() -> None:
    async with peer(tcp()) as near, peer(tcp()) as far:
        hop = far.hop(Transport.TCP)
        near.endpoint.send(request(), Flow(Transport.TCP, ("", 0), (hop.host, hop.port)))
        await near.wait(ResponseReceived)


async def test_a_flow_from_before_a_restart_finds_a_socket() -> None:
    async with peer(udp()) as near, peer(udp()) as far:
        hop = far.hop(Transport.UDP)
        old = Flow(Transport.UDP, ("192.0.2.1", 5060), (hop.host, hop.port))
        assert near.endpoint.is_alive(old)
        near.endpoint.send(request(), old)
        await near.wait(ResponseReceived)


async def test_answers_leave_from_the_socket_that_was_asked() -> None:
    async with peer(udp(), udp()) as far, peer(udp()) as near:
        for _, host, port in far.endpoint.listening:
            near.endpoint.send(request(), Hop(Transport.UDP, host, port))
        await near.wait(ResponseReceived, 2)
        asked = {event.flow.local[1] for event in far.events if isinstance(event, RequestReceived)}
        answered = {e.flow.remote[1] for e in near.events if isinstance(e, ResponseReceived)}
        assert asked == answered == {port for _, _, port in far.endpoint.listening}


async def test_a_hop_by_name_is_looked_up_on_the_way() -> None:
    async with peer(udp(), dns=BY_NAME) as near, peer(udp()) as far:
        port = far.hop(Transport.UDP).port
        near.endpoint.send(request(), Hop(Transport.UDP, "pbx.example", port))
        await near.wait(ResponseReceived)
        key = near.endpoint.send(request(), Hop(Transport.UDP, "nobody.example", port))
        assert (await near.wait(TransactionFailed)).key == key


async def test_a_large_request_takes_tcp_where_the_peer_is_known_to_have_it() -> None:
    async with peer(udp(), tcp()) as near, peer(udp(), tcp()) as far:
        port = far.hop(Transport.TCP).port
        by_udp = Hop(Transport.UDP, "127.0.0.1", port)
        near.endpoint.send(request(), Hop(Transport.TCP, "127.0.0.1", port))
        await near.wait(ResponseReceived)
        near.endpoint.send(request("MESSAGE", body=b"x" * 2000), by_udp)
        heard = await far.wait(RequestReceived, 2)
        assert heard.flow.transport is Transport.TCP
        assert heard.request.via.transport == "TCP"
    async with peer(udp()) as near, peer(udp()) as far:
        near.endpoint.send(request("MESSAGE", body=b"x" * 2000), far.hop(Transport.UDP))
        assert (await far.wait(RequestReceived)).flow.transport is Transport.UDP


async def test_timers_run() -> None:
    """A request that nobody answers is repeated, then told as timed out (64 * T1 = 1.3 s)."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        silent.setblocking(False)
        async with peer(udp()) as near:
            near.endpoint.send(request(), Hop(Transport.UDP, *silent.getsockname()))
            failed = await near.wait(TransactionFailed)
            assert failed.cause is FailureCause.TIMEOUT
        packets = {silent.recv(4096) for _ in range(5)}
        assert len(packets) == 1


async def test_a_handler_that_fails_does_not_stop_the_others() -> None:
    def fail(_: Event) -> None:
        raise RuntimeError("a mistake")

    async with peer(udp()) as near, peer(udp()) as far:
        far.on_event = fail
        near.endpoint.send(request(), far.hop(Transport.UDP))
        await far.wait(RequestReceived)
        far.on_event = None
        near.endpoint.send(request(), far.hop(Transport.UDP))
        await near.wait(ResponseReceived)


async def test_an_invite_is_cancelled() -> None:
    async with peer(udp()) as near, peer(udp()) as far:
        far.status = 180
        key = near.endpoint.send(request("INVITE"), far.hop(Transport.UDP))
        heard = await far.wait(RequestReceived)
        await near.wait(ResponseReceived)
        near.endpoint.cancel(key, "SIP;cause=200")
        await until(lambda: any(type(event).__name__ == "Cancelled" for event in far.events))
        far.endpoint.send(Response.answering(heard.request, 487), heard.key)
        final = await near.wait(ResponseReceived, 2)
        assert final.response.status == 487


def dialog_with(flow: Flow | None, uri: str) -> Dialog:
    far = NameAddr(None, parse_uri(uri), (("tag", "b"),))
    near = NameAddr(None, parse_uri("sip:me@example.com"), (("tag", "a"),))
    return Dialog(DialogId("c", "a", "b"), DialogState.CONFIRMED, near, far, flow)


async def test_requests_of_a_dialog_find_their_way() -> None:
    async with peer(udp(), tcp(), dns=BY_NAME) as near, peer(udp(), tcp()) as far:
        near.endpoint.send(request(), far.hop(Transport.TCP))
        flow = (await near.wait(ResponseReceived)).flow
        port = far.hop(Transport.UDP).port
        by_flow = dialog_with(flow, "sip:nobody.invalid")
        assert near.endpoint.send_in_dialog(by_flow, by_flow.request("INFO")) is not None
        assert (await far.wait(MessageRejected)).status == 481
        dead = Flow(Transport.TCP, flow.local, flow.remote, 999_999)
        by_target = dialog_with(dead, f"sip:127.0.0.1:{port}")
        assert near.endpoint.send_in_dialog(by_target, by_target.request("INFO")) is not None
        assert (await far.wait(MessageRejected, 2)).flow.transport is Transport.UDP
        by_name = dialog_with(None, f"sip:pbx.example:{port}")
        assert near.endpoint.send_in_dialog(by_name, by_name.request("INFO")) is None
        await far.wait(MessageRejected, 3)
        nowhere = dialog_with(None, "sip:nobody.example")
        assert near.endpoint.send_in_dialog(nowhere, nowhere.request("INFO")) is None
        await until(lambda: near.endpoint.dump()["look-ups"] == 0)


@pytest.mark.parametrize("noise", [b"\r\n\r\n", b"\0", b"\r\n", b"\0\1\0\0" + b"x" * 16, b"\x01"])
async def test_keepalives_over_udp_are_no_messages(noise: bytes) -> None:
    async with peer(udp()) as near:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as phone:
            phone.sendto(noise, ("127.0.0.1", near.hop(Transport.UDP).port))
            phone.sendto(b"nonsense", ("127.0.0.1", near.hop(Transport.UDP).port))
        await near.wait(MessageRejected)
        assert len(near.events) == 1


async def test_a_port_that_is_taken_opens_nothing() -> None:
    async with peer(udp(), tcp()) as first:
        taken = ListenAddress(Transport.TCP, "127.0.0.1", first.hop(Transport.TCP).port)
        second = Peer(udp(), tcp(), taken, config=EndpointConfig(), dns=ZoneDns())
        with pytest.raises(OSError, match="in use"):
            await second.endpoint.start()
        assert second.endpoint.listening == []


async def test_tls_needs_a_certificate() -> None:
    bare = Peer(
        ListenAddress(Transport.TLS, "127.0.0.1", 0), config=EndpointConfig(), dns=ZoneDns()
    )
    with pytest.raises(ValueError, match="certificate"):
        await bare.endpoint.start()


async def test_close_in_the_middle_of_everything() -> None:
    async with peer(udp(), tcp(), dns=BY_NAME) as near, peer(udp(), tcp()) as far:
        far.status = 0
        near.endpoint.send(request("INVITE"), far.hop(Transport.TCP))
        near.endpoint.send(request(), Hop(Transport.TCP, "192.0.2.1", 5060))
        near.endpoint.send(request(), Hop(Transport.UDP, "pbx.example", 9))
        near.endpoint.send(request(), far.hop(Transport.UDP))
        await far.wait(RequestReceived)
        await near.endpoint.close()
        await near.endpoint.close()
        near.endpoint.send(request(), far.hop(Transport.UDP))  # too late, and harmless


async def test_an_endpoint_that_never_started_closes() -> None:
    await Endpoint(Stack(StackConfig(), token), [udp()], lambda event: None).close()
