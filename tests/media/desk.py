"""A media engine on a table: real UDP sockets, virtual time, phones that are moved by hand."""

import contextlib
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from media.codecs.g711 import (
    LINEAR_TO_PCMA,
    LINEAR_TO_PCMU,
    PCMA_TO_LINEAR,
    PCMU_TO_LINEAR,
)
from media.commands import Command, Event, MediaSettings, OpenLeg, SetRemote
from media.engine import Engine
from media.ready import Ready
from media.rtp import RtpHeader, build_header, parse_header

HOST = "127.0.0.1"
SETTINGS = MediaSettings(rtp_low=31000, rtp_high=31400, drain_seconds=2.0)
PCMA, PCMU, G722, EVENTS = 8, 0, 9, 101
_CODECS = {PCMA: "PCMA", PCMU: "PCMU", G722: "G722"}


def sine(frequency: float, seconds: float, amplitude: float = 8000) -> NDArray[np.int16]:
    time = np.arange(int(seconds * 8000)) / 8000
    return (amplitude * np.sin(2 * np.pi * frequency * time)).astype(np.int16)


def strength(samples: NDArray[np.int16], frequency: float) -> float:
    """The amplitude of one frequency in the samples (Goertzel's sum, in one go)."""
    time = np.arange(samples.size) / 8000
    wave = np.exp(-2j * np.pi * frequency * time)
    return float(2 * abs(np.dot(samples.astype(np.float64), wave)) / max(1, samples.size))


@dataclass
class Heard:
    """A packet that came to a phone."""

    header: RtpHeader
    payload: bytes


class Phone:
    """A far phone: sends what it is told to, keeps what comes."""

    def __init__(self, payload_type: int = PCMA, ssrc: int = 0x1234) -> None:
        self.rtp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.rtp.bind((HOST, 0))
        self.rtp.setblocking(False)
        self.plain = self.rtp
        self.rtcp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.rtcp.bind((HOST, 0))
        self.rtcp.setblocking(False)
        self.payload_type = payload_type
        self.ssrc = ssrc
        self.sequence = 1000
        self.timestamp = 50000
        self.to: tuple[str, int] = (HOST, 9)
        self.heard: list[Heard] = []

    @property
    def port(self) -> int:
        return int(self.rtp.getsockname()[1])

    def remote(self, leg: int, **changes: Any) -> SetRemote:
        fields: dict[str, Any] = {
            "host": HOST,
            "port": self.port,
            "rtcp_host": HOST,
            "rtcp_port": self.rtcp.getsockname()[1],
            "codec": _CODECS.get(self.payload_type),
            "payload_type": self.payload_type,
            "dtmf_send": EVENTS,
            "dtmf_receive": EVENTS,
        }
        return SetRemote(leg, **(fields | changes))

    def reach(self, port: int) -> None:
        """Hears this port alone from now on. Its own may have been another program's phone's, whose
        packets still come: what came until now is thrown away.
        """
        self.to = HOST, port
        self.rtp.connect(self.to)
        with contextlib.suppress(BlockingIOError):
            while True:
                self.plain.recv(1)

    def say(self, samples: NDArray[np.int16], marker: bool = False) -> None:
        """One packet of audio."""
        table = LINEAR_TO_PCMA if self.payload_type == PCMA else LINEAR_TO_PCMU
        self.send(self.payload_type, table[samples.view(np.uint16)].tobytes(), marker)
        self.timestamp += samples.size

    def send(self, payload_type: int, payload: bytes, marker: bool = False) -> None:
        head = build_header(payload_type, self.sequence, self.timestamp, self.ssrc, marker)
        self.rtp.sendto(head + payload, self.to)
        self.sequence += 1

    def listen(self) -> None:
        """Takes what has arrived."""
        while True:
            try:
                data = self.rtp.recv(2000)
            except BlockingIOError:
                return
            header = parse_header(data)
            assert header is not None
            self.heard.append(Heard(header, data[header.payload_start : header.payload_end]))

    def reports(self) -> list[bytes]:
        found = []
        while True:
            try:
                found.append(self.rtcp.recv(2000))
            except BlockingIOError:
                return found

    def audio(self) -> NDArray[np.int16]:
        """All audio heard so far, end to end."""
        table = PCMA_TO_LINEAR if self.payload_type == PCMA else PCMU_TO_LINEAR
        codes = b"".join(h.payload for h in self.heard if h.header.payload_type != EVENTS)
        return table[np.frombuffer(codes, np.uint8)]

    def close(self) -> None:
        self.rtp.close()
        self.rtcp.close()


def is_continuous(phone: Phone) -> bool:
    """One stream, no number left out; times only at frames."""
    headers = [heard.header for heard in phone.heard]
    pairs = list(zip(headers, headers[1:], strict=False))
    return all(b.sequence == (a.sequence + 1) & 0xFFFF for a, b in pairs) and all(
        b.ssrc == a.ssrc and (b.timestamp - a.timestamp) % 160 == 0 for a, b in pairs
    )


class Desk:
    """The engine, its loop turned by hand, and its events."""

    def __init__(self, settings: MediaSettings = SETTINGS) -> None:
        self.events: list[Event] = []
        self.now = 1000.0
        self.numbers: Iterator[int] = iter(range(1, 100))
        self.phones: list[Phone] = []
        self.engine = Engine(settings, self.events.append, lambda bits: 7777, lambda: self.now)
        self.ready = Ready(1000)
        self.handlers: dict[int, Callable[[float], None]] = {}
        self.engine.network.on_watch = self.watch
        self.engine.network.on_unwatch = self.unwatch

    def watch(self, descriptor: int, handler: Callable[[float], None] | None) -> None:
        if handler is not None:
            self.handlers[descriptor] = handler
        self.ready.register(descriptor)

    def unwatch(self, descriptor: int) -> None:
        self.handlers.pop(descriptor, None)
        self.ready.unregister(descriptor)

    def do(self, command: Command) -> None:
        self.engine.obey(command, self.now)

    def of(self, kind: type[Any]) -> list[Any]:
        return [event for event in self.events if isinstance(event, kind)]

    def open(self, phone: Phone | None = None, **changes: Any) -> tuple[int, Phone]:
        """A leg with a far phone on it."""
        phone = phone or Phone()
        self.phones.append(phone)
        leg = next(self.numbers)
        self.do(OpenLeg(leg, HOST))
        phone.to = (HOST, self.events[-1].port)  # type: ignore[union-attr]
        self.do(phone.remote(leg, **changes))
        return leg, phone

    def pump(self) -> None:
        """Everything that has arrived, until nothing is left."""
        while self.ready.look():
            for descriptor in self.engine.forwarder.pump(self.ready, self.now):
                self.handlers[descriptor](self.now)

    def step(self, count: int = 1) -> None:
        """20 ms."""
        for _ in range(count):
            self.pump()
            self.now += 0.02
            self.engine.tick(self.now)
            for phone in self.phones:
                phone.listen()

    def talk(self, count: int, *speakers: tuple[Phone, float]) -> None:
        """Each phone says a sine of its frequency for `count` frames."""
        waves = [(phone, sine(frequency, count * 0.02)) for phone, frequency in speakers]
        for i in range(count):
            for phone, wave in waves:
                phone.say(wave[i * 160 : (i + 1) * 160])
            self.step()

    def until(self, is_so: Callable[[], bool], steps: int = 500) -> None:
        """Steps until it is so; other threads get their chance in between."""
        import time

        for _ in range(steps):
            if is_so():
                return
            time.sleep(0.002)
            self.step()
        raise AssertionError("it never was so")


@contextmanager
def desk(settings: MediaSettings = SETTINGS) -> Iterator[Desk]:
    """A desk, and the proof that nothing is left on it."""
    table = Desk(settings)
    try:
        yield table
    finally:
        table.engine.close(table.now)
        for phone in table.phones:
            phone.close()
        table.ready.close()
    dump: Any = table.engine.dump()
    assert dump["legs"] == 0
    assert dump["rows"]["rows"] == 0
    assert dump["network"]["talkers"] == dump["network"]["sessions"] == 0
    assert table.handlers == {}
