"""The sound side of a scripted phone: sends a tone and digits, records what it hears.

RTP (RFC 3550), telephone-event (RFC 4733), G.711 (RFC 3551); one thread a call, plain sockets, no
code of the product. `mangle` makes it misbehave: drop, repeat or reorder what goes out.
"""

import random
import select
import socket
import struct
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np

from tests.helpers import audio

_HEADER = struct.Struct("!BBHII")
_EVENT = struct.Struct("!BBH")
DIGITS = "0123456789*#ABCD"
PAYLOAD_TYPES = {"PCMU": 0, "PCMA": 8}
EVENT_TYPE = 101

DIGIT_FRAMES = 8  # 160 ms of a digit
DIGIT_ENDS = 3  # the last packet three times, RFC 4733 2.5.1.4
DIGIT_GAP_FRAMES = 6

# A thread that was not run for longer than this does not send the missed packets in one burst.
CATCH_UP = 0.2

Address = tuple[str, int]
Mangle = Callable[[int, bytes], list[bytes]]


@dataclass(frozen=True, slots=True)
class Packet:
    """One RTP packet as it arrived; `at` is time.monotonic()."""

    at: float
    source: Address
    marker: bool
    payload_type: int
    sequence: int
    timestamp: int
    ssrc: int
    payload: bytes


@dataclass(frozen=True, slots=True)
class Digit:
    """One telephone-event, joined out of its packets."""

    digit: str
    at: float
    milliseconds: float
    packets: int
    ends: int


def parse_packet(data: bytes, source: Address, at: float) -> Packet | None:
    """None when it is not RTP version 2 without extensions."""
    if len(data) < _HEADER.size or data[0] >> 6 != 2:
        return None
    first, second, sequence, timestamp, ssrc = _HEADER.unpack_from(data)
    payload = data[_HEADER.size + 4 * (first & 0x0F) :]
    return Packet(
        at, source, bool(second & 0x80), second & 0x7F, sequence, timestamp, ssrc, payload
    )


def build_packet(
    payload_type: int,
    sequence: int,
    timestamp: int,
    ssrc: int,
    payload: bytes,
    marker: bool = False,
) -> bytes:
    """RTP octets."""
    second = payload_type | (0x80 if marker else 0)
    stamp = timestamp & 0xFFFFFFFF
    return _HEADER.pack(0x80, second, sequence & 0xFFFF, stamp, ssrc) + payload


class Recording:
    """What arrived, in order of arrival."""

    def __init__(self) -> None:
        self.packets: list[Packet] = []
        self.reports: list[bytes] = []  # RTCP

    def audio_packets(self) -> list[Packet]:
        return [p for p in list(self.packets) if p.payload_type in PAYLOAD_TYPES.values()]

    def samples(self, since: float | None = None) -> np.ndarray:
        """As a patient phone would play it: by timestamps, a new source where it arrived.

        `since`: only packets that arrived after this moment (time.monotonic()).
        """
        names = {number: name for name, number in PAYLOAD_TYPES.items()}
        placed: list[tuple[int, np.ndarray]] = []
        base: tuple[int, int, int] | None = None  # ssrc, timestamp, position
        packets = [p for p in self.audio_packets() if since is None or p.at >= since]
        for packet in packets:
            if base is None or base[0] != packet.ssrc or _jumps(packet, base):
                where = round((packet.at - packets[0].at) * audio.RATE)
                base = (packet.ssrc, packet.timestamp, where)
            where = base[2] + _signed(packet.timestamp - base[1])
            placed.append((where, audio.decode(packet.payload, names[packet.payload_type])))
        return _lay_out(placed)

    def seconds(self, frequency: int, since: float | None = None) -> float:
        """For how long a tone was heard."""
        samples = self.samples(since)
        return audio.seconds_of(samples, frequency) if len(samples) else 0.0

    def digits(self) -> list[Digit]:
        """Telephone-events, joined by source and timestamp (RFC 4733 2.5)."""
        events: dict[tuple[int, int], list[Packet]] = {}
        for packet in list(self.packets):
            if packet.payload_type == EVENT_TYPE and len(packet.payload) >= _EVENT.size:
                events.setdefault((packet.ssrc, packet.timestamp), []).append(packet)
        return [_join(packets) for packets in events.values()]

    @property
    def digits_text(self) -> str:
        return "".join(digit.digit for digit in self.digits())

    def longest_pause(self) -> float:
        """The longest time without an audio packet, seconds."""
        at = np.array([packet.at for packet in self.audio_packets()])
        return float(np.diff(at).max()) if len(at) > 1 else 0.0


def _signed(difference: int) -> int:
    return (difference + 0x80000000) % 0x100000000 - 0x80000000


def _jumps(packet: Packet, base: tuple[int, int, int]) -> bool:
    return abs(_signed(packet.timestamp - base[1])) > 3600 * audio.RATE


def _lay_out(placed: list[tuple[int, np.ndarray]]) -> np.ndarray:
    if not placed:
        return np.zeros(0, np.int16)
    start = min(where for where, _ in placed)
    length = max(where + len(samples) for where, samples in placed) - start
    line = np.zeros(length, np.int16)
    for where, samples in placed:
        line[where - start : where - start + len(samples)] = samples
    return line


def _join(packets: list[Packet]) -> Digit:
    fields = [_EVENT.unpack_from(packet.payload) for packet in packets]
    code = fields[0][0]
    longest = max(duration for _, _, duration in fields)
    return Digit(
        digit=DIGITS[code] if code < len(DIGITS) else "?",
        at=packets[0].at,
        milliseconds=longest / audio.RATE * 1000,
        packets=len(packets),
        ends=sum(1 for _, flags, _ in fields if flags & 0x80),
    )


@dataclass
class _Voice:
    """What goes out: changed by the test's thread, read by the sender's."""

    frequency: int | None = None
    is_sending: bool = True
    digits: deque[str] = field(default_factory=deque)


class Media:
    """One RTP socket (and RTCP beside it) with its thread. Sends once `send_to` is known."""

    def __init__(self, host: str, port: int, codec: str = "PCMA", mangle: Mangle | None = None):
        self.host, self.port, self.codec, self.mangle = host, port, codec, mangle
        self.heard = Recording()
        self.send_to: Address | None = None
        self.event_type: int = EVENT_TYPE
        self.sent = 0
        self._voice = _Voice()
        self._ssrc = random.getrandbits(32)
        self._sequence = random.getrandbits(16)
        self._timestamp = random.getrandbits(32)
        self._phase = 0
        self._frames = self._outgoing()
        self._rtp, self._rtcp = self._bind(port), self._bind(port + 1)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"rtp {port}", daemon=True)
        self._thread.start()

    # --- what the phone does ---

    def say(self, frequency: int | None) -> None:
        """A tone from now on; None is silence, still sent."""
        self._voice.frequency = frequency
        self._voice.is_sending = True

    def mute(self) -> None:
        """Send nothing at all (voice activity detection)."""
        self._voice.is_sending = False

    def press(self, digits: str) -> None:
        """Telephone-events, one after another, without waiting."""
        self._voice.is_sending = True
        self._voice.digits.extend(digits)

    def move(self, port: int) -> None:
        """Go on from another port (a phone whose NAT binding changed)."""
        old, self._rtp, self.port = self._rtp, self._bind(port), port
        old.close()

    def close(self) -> None:
        self._stop.set()
        self._thread.join(5)
        self._rtp.close()
        self._rtcp.close()

    # --- the thread ---

    def _bind(self, port: int) -> socket.socket:
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sock.bind((self.host, port))
        sock.setblocking(False)
        return sock

    def _run(self) -> None:
        due = time.monotonic()
        while not self._stop.is_set():
            now = time.monotonic()
            if now >= due:
                self._send_frame()
                due = due + audio.STEP if now - due < CATCH_UP else now + audio.STEP
            try:
                waiting = [self._rtp, self._rtcp]
                ready, _, _ = select.select(waiting, [], [], max(0.0, due - time.monotonic()))
            except (OSError, ValueError):
                continue  # moved to another port meanwhile
            for sock in ready:
                self._receive(sock)

    def _receive(self, sock: socket.socket) -> None:
        try:
            data, source = sock.recvfrom(2048)
        except OSError:
            return
        if sock is self._rtcp:
            self.heard.reports.append(data)
            return
        packet = parse_packet(data, source, time.monotonic())
        if packet:
            self.heard.packets.append(packet)

    def _send_frame(self) -> None:
        for packet in next(self._frames):
            kept = [packet] if self.mangle is None else self.mangle(self.sent, packet)
            self.sent += 1
            for data in kept:
                self._send(data)

    def _send(self, data: bytes) -> None:
        if self.send_to is None:
            return
        try:
            self._rtp.sendto(data, self.send_to)
        except OSError:
            return  # nobody there (ICMP): a phone goes on talking

    def _outgoing(self) -> Iterator[list[bytes]]:
        """What each 20 ms sends: audio, or the packets of a digit."""
        while True:
            if not self._voice.is_sending or self.send_to is None:
                self._timestamp += audio.FRAME
                yield []
            elif self._voice.digits:
                yield from self._digit(self._voice.digits.popleft())
            else:
                yield [self._audio()]

    def _audio(self) -> bytes:
        at = (np.arange(audio.FRAME) + self._phase) / audio.RATE
        self._phase += audio.FRAME
        amplitude = 8000.0 if self._voice.frequency else 0.0
        wave = amplitude * np.sin(2 * np.pi * (self._voice.frequency or 0) * at)
        payload = audio.encode(np.round(wave).astype(np.int16), self.codec)
        return self._packet(PAYLOAD_TYPES[self.codec], payload)

    def _digit(self, digit: str) -> Iterator[list[bytes]]:
        start, code = self._timestamp, DIGITS.index(digit.upper())
        for frame in range(1, DIGIT_FRAMES + 1):
            is_last = frame == DIGIT_FRAMES
            payload = _EVENT.pack(code, 10 | (0x80 if is_last else 0), frame * audio.FRAME)
            yield [
                self._packet(self.event_type, payload, frame == 1, start)
                for _ in range(DIGIT_ENDS if is_last else 1)
            ]
            self._timestamp += audio.FRAME
        for _ in range(DIGIT_GAP_FRAMES):
            yield [self._audio()]

    def _packet(
        self, payload_type: int, payload: bytes, marker: bool = False, at: int | None = None
    ) -> bytes:
        timestamp = self._timestamp if at is None else at
        data = build_packet(payload_type, self._sequence, timestamp, self._ssrc, payload, marker)
        self._sequence += 1
        if at is None:
            self._timestamp += audio.FRAME
        return data
