"""What strangers send: sound into other people's calls, rubbish to the SIP ports."""

import random
import re
import socket
import ssl
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.helpers import audio
from tests.live import sipp
from tests.live.baresip import Baresip
from tests.live.linphone import Linphone
from tests.live.office_files import AGENT, CALLER, MAIN, MENU, PASSWORD, SHORT
from tests.live.office_under_test import HOST, RTP_PORTS, TRUNK_HOST, OfficeUnderTest
from tests.live.phone_call import PhoneCall
from tests.live.ports import free_port
from tests.live.process import until
from tests.live.rtp_media import PAYLOAD_TYPES, build_packet
from tests.live.rtp_peer import ScriptedPhone

STRANGER = 2600
MAD_HOST = "127.0.0.5"  # no address of `SOFTSWITCH_SPARED`
TALK = 1.0


def talking(office: OfficeUnderTest) -> tuple[PhoneCall, PhoneCall]:
    """101 and 102 in a call, both heard by the other."""
    anna, piotr = office.phone("101"), office.phone("102")
    call = anna.dial("102")
    other = piotr.incoming().answer().wait_answered()
    call.wait_answered().say(CALLER)
    other.say(AGENT)
    call.wait_heard(AGENT, TALK)
    other.wait_heard(CALLER, TALK)
    return call, other


def still_talking(call: PhoneCall, other: PhoneCall) -> None:
    """A second of sound arrives from now on, both ways."""
    now = time.monotonic()
    for one, frequency in ((call, AGENT), (other, CALLER)):
        end = now + 20
        while one.heard.seconds(frequency, since=now) < TALK:
            assert time.monotonic() < end, f"{one.phone.user} hears nothing any more"
            time.sleep(0.05)


@contextmanager
def shouting(ports: list[int], copy_ssrc: int | None = None) -> Iterator[None]:
    """A stranger sends a loud tone to these ports from a socket of his own."""
    payload = audio.encode(audio.tone(STRANGER, audio.STEP, 20000.0))
    stop = threading.Event()

    def shout() -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.bind(("127.0.0.1", 0))
            for number in range(100000):
                ssrc = 4711 if copy_ssrc is None else copy_ssrc
                data = build_packet(PAYLOAD_TYPES["PCMA"], number, number * 160, ssrc, payload)
                for port in ports:
                    sock.sendto(data, ("127.0.0.1", port))
                if stop.wait(audio.STEP):
                    return

    thread = threading.Thread(target=shout)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


@pytest.mark.parametrize("knows_ssrc", [False, True], ids=["own SSRC", "stolen SSRC"])
def test_strangers_are_neither_heard_nor_answered(
    office: OfficeUnderTest, knows_ssrc: bool
) -> None:
    call, other = talking(office)
    assert call.remote and other.remote
    ssrc = call.heard.packets[-1].ssrc if knows_ssrc else None
    with shouting([call.remote.port, other.remote.port], ssrc):
        still_talking(call, other)
    for one in (call, other):
        heard = one.heard.seconds(STRANGER)
        assert heard == 0.0, f"{one.phone.user} heard the stranger for {heard} s"
    call.hang_up()
    other.wait_over()


def test_strangers_everywhere_while_a_call_is_set_up(office: OfficeUnderTest) -> None:
    """The whole RTP range is shouted at before anybody talks: the caller must still be heard."""
    ports = list(range(office.rtp_low, office.rtp_low + RTP_PORTS, 2))
    with shouting(ports):
        call, other = talking(office)
        still_talking(call, other)
    call.hang_up()
    other.wait_over()


def rubbish() -> list[bytes]:
    """Datagrams that no phone sends."""
    chance = random.Random(4711)
    head = b"INVITE sip:101@127.0.0.1 SIP/2.0\r\n"
    via = b"Via: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bKx\r\n"
    rest = b"From: <sip:a@b>;tag=1\r\nTo: <sip:b@c>\r\nCall-ID: 1\r\nCSeq: 1 INVITE\r\n\r\n"
    whole = head + via + b"Max-Forwards: 70\r\n" + rest
    return [
        b"",
        b"\x00",
        b"\xff" * 1200,
        bytes(chance.randrange(256) for _ in range(1400)),
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        head,
        head + b"\r\n",
        *(whole[:length] for length in range(10, len(whole), 17)),
        whole.replace(b"CSeq: 1", b"CSeq: 99999999999999999999"),
        whole.replace(b"70", b"-1"),
        whole.replace(b"UDP", b"\xc5\xbc\xc3\xb3\xc5\x82w"),
        whole.replace(b"sip:101@127.0.0.1", b"tel:" + b"1" * 8000),
        whole.replace(b"\r\n\r\n", b"\r\nContent-Length: 999999\r\n\r\nv=0"),
        whole.replace(b"\r\n\r\n", b"\r\nContent-Length: -5\r\n\r\n"),
        head + via * 700 + rest,
        head + via + b"X: " + b'"' * 60000 + b"\r\n" + rest,
        head + via + b"Contact: " + b"<" * 60000 + b"\r\n" + rest,
        head + via + b"X-Line: a\r\n" * 4000 + rest,
        b"SIP/2.0 200 OK\r\n" + via + rest,
        b"SIP/2.0 999 \xff\r\n" + via + rest,
        b"\r\n" * 30000,
        *(bytes(chance.choices(whole, k=len(whole))) for _ in range(40)),
    ]


def test_rubbish_over_udp_while_a_call_is_up(office: OfficeUnderTest) -> None:
    call, other = talking(office)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        for data in rubbish():
            sock.sendto(data[:65000], office.address)
            time.sleep(0.002)  # all of it shall be read, not dropped by a full buffer
    still_talking(call, other)
    assert call.phone.options().status == 200
    call.hang_up()
    other.wait_over()


def test_rubbish_over_tcp_and_tls_while_a_call_is_up(office: OfficeUnderTest) -> None:
    call, other = talking(office)
    for data in rubbish():
        with socket.create_connection(("127.0.0.1", office.tcp_port), 5) as sock:
            _send_all(sock, data)
    for data in rubbish()[:8]:  # into the handshake
        with socket.create_connection(("127.0.0.1", office.tls_port), 5) as sock:
            _send_all(sock, data)
    trust = ssl.create_default_context(cafile=str(office.certificates.authority))
    for data in rubbish()[:8]:
        with (
            socket.create_connection(("127.0.0.1", office.tls_port), 5) as sock,
            trust.wrap_socket(sock, server_hostname="127.0.0.1") as secure,
        ):
            _send_all(secure, data)
    still_talking(call, other)
    assert call.phone.options().status == 200
    call.hang_up()
    other.wait_over()


def test_rubbish_as_rtp_and_rtcp(office: OfficeUnderTest) -> None:
    call, other = talking(office)
    assert call.remote and other.remote
    chance = random.Random(815)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        for number in range(400):
            data = bytes(chance.randrange(256) for _ in range(chance.randrange(0, 400)))
            for port in (call.remote.port, other.remote.port):
                sock.sendto(data, ("127.0.0.1", port + number % 2))
    still_talking(call, other)
    call.hang_up()
    other.wait_over()


def test_idle_connections_do_not_keep_phones_out(office: OfficeUnderTest) -> None:
    """A hundred connections that say nothing, one that stops in the middle of a message."""
    idle = [socket.create_connection(("127.0.0.1", office.tcp_port), 5) for _ in range(100)]
    try:
        idle[0].sendall(b"REGISTER sip:127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/TCP x")
        office.baresip("101", "tcp")
    finally:
        for sock in idle:
            sock.close()


def test_a_provider_that_never_acknowledges(office: OfficeUnderTest, tmp_path: Path) -> None:
    """Our 200 is repeated, and the call does not stay for ever as a ghost (RFC 3261 13.3.1.4)."""
    steps = sipp.request("INVITE", 1, sipp.description()) + sipp.progress()
    steps += sipp.response(200, rrs="true") + 12 * sipp.response(200, optional="true")
    steps += sipp.expect("BYE", timeout="60000")
    steps += sipp.reply("200 OK", has_tag=False)
    with sipp.Sipp(
        steps, office.address, tmp_path, host=TRUNK_HOST, port=office.trunk_port,
        number="+48600100200", target=SHORT, timeout=70,
        extra=("-nr", "-default_behaviors", "none"),
    ) as provider:  # fmt: skip
        rung = office.phone("102").incoming().answer().wait_answered()
        provider.wait()
        rung.wait_over()
        assert provider.messages.count("CSeq: 1 INVITE\n") > 5
        assert 'text="No ACK"' in provider.messages
    office.wait_row(number="+48600100200")


def test_a_phone_that_vanished_does_not_hold_the_queue(office: OfficeUnderTest) -> None:
    """The first agent's phone is off and still registered: the next one rings."""
    gone, piotr = office.phone("101"), office.phone("102")
    gone.ignores_everything = True
    call = office.provider().dial(MAIN, number="+48600100200")
    call.wait_heard(MENU, 0.2)
    call.press("1")
    ringing = piotr.incoming(60)
    ringing.answer().wait_answered().say(AGENT)
    call.wait_heard(AGENT, TALK)
    call.hang_up()
    ringing.wait_over()


def _send_all(sock: socket.socket, data: bytes) -> None:
    try:
        sock.sendall(data)
        sock.settimeout(0.05)
        sock.recv(4096)
    except OSError:
        return  # it closed on us, which is its right


def flood() -> str:
    """An INVITE to somebody new, sent once; its challenge is never answered."""
    invite = sipp.request("INVITE", 1, sipp.description()).replace(' retrans="500"', "")
    return invite.replace("sip:[target]@", "sip:9[call_number]@") + sipp.response(401)


def figure(office: OfficeUnderTest, name: str, what: str = "") -> float:
    """A counter of the metrics, of one kind or of all."""
    address = f"http://{HOST}:{office.metrics_port}/metrics"
    with urllib.request.urlopen(address, timeout=20) as answer:
        text = answer.read().decode()
    counted = rf"^softswitch_{name}_total{{.*{what}.*}} (.*)$"
    return sum(map(float, re.findall(counted, text, re.M)))


def dial_until_it_rings(caller: Baresip, called: Baresip | Linphone, number: str) -> None:
    """On a machine that is too busy with other things as well, the switch may ask for another try
    (503): as people do, again after a while."""
    for _ in range(10):
        caller.dial(number)
        with suppress(TimeoutError):
            called.wait_incoming(timeout=8.0)
            return
        caller.hang_up()
    raise TimeoutError(f"{number} did not ring\n{caller.trace()}")


def test_phones_come_in_during_a_flood(own_office: OfficeUnderTest) -> None:
    """SIPp sends a thousand INVITEs a second; two phones register for the first time, and talk."""
    with sipp.Sipp(
        flood(),
        own_office.address,
        own_office.folder / "flood",
        host="127.0.0.9",
        calls=30_000,
        timeout=30,
        extra=("-r", "1000", "-l", "10000", "-nd"),
    ) as attacker:
        until(lambda: figure(own_office, "dropped") > 100, "strangers are passed over")
        anna = own_office.baresip("101", say=CALLER)
        piotr = own_office.linphone("102", say=AGENT)
        dial_until_it_rings(anna, piotr, "102")
        piotr.answer()
        anna.wait_established()
        anna.wait_heard(AGENT, TALK)
        piotr.wait_heard(CALLER, TALK)
        assert attacker.process.is_alive, attacker.errors
        anna.hang_up()
        anna.wait_closed()
    assert own_office.wait_row(number="101", result="talked")["handled_by"] == "102"


def test_a_registered_phone_that_goes_mad(own_office: OfficeUnderTest) -> None:
    """SIPp goes on where a phone has proved itself, with 2,000 INVITEs a second: two colleagues
    talk meanwhile, and the phone is welcome afterwards."""
    office, port = own_office, free_port(MAD_HOST)
    password = PASSWORD.format("110")
    with ScriptedPhone("110", office.address, password, host=MAD_HOST, port=port) as phone:
        phone.register()
    anna, piotr = office.baresip("101", say=CALLER), office.baresip("102", say=AGENT)
    with sipp.Sipp(
        flood(),
        office.address,
        office.folder / "mad",
        number="110",
        host=MAD_HOST,
        port=port,
        calls=60_000,
        extra=("-r", "2000", "-l", "20000", "-nd"),
    ) as mad:
        until(lambda: figure(office, "defended", "restless") > 500, "it is found to be mad", 60.0)
        dial_until_it_rings(anna, piotr, "102")
        piotr.answer()
        anna.wait_established()
        anna.wait_heard(AGENT, TALK)
        piotr.wait_heard(CALLER, TALK)
        assert mad.process.is_alive, mad.errors
        anna.hang_up()
        anna.wait_closed()
    assert office.wait_row(number="101", result="talked")["handled_by"] == "102"
    assert "a phone or trunk sends too much" in office.log
    assert f"{MAD_HOST}:{port}" in office.log and "a source is dropped" not in office.log
    with ScriptedPhone("110", office.address, password, host=MAD_HOST, port=port) as phone:
        phone.register()
