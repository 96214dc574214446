"""Telephone events: keys pressed, as RTP payloads, in both directions.

RFC 4733 2.3 (payload), 2.5.1 (sender), 2.5.2 (receiver), 3.2 (events 0-15). Other events are not
digits and are ignored. Time is a parameter; one receiver and one sender belong to one leg.

What a leg hears is a digit once: packets of one press share their RTP timestamp, so repeats,
end packets sent three times and late arrivals add nothing, and a lost marker or a lost beginning
takes nothing away. If every end packet is lost, the press ends by time-out.
"""

import struct
from dataclasses import dataclass
from typing import Final

from media.rtp import timestamp_delta

DIGITS: Final = "0123456789*#ABCD"

# Timestamp units of a millisecond, times `unit`: telephone-event has the clock of the audio beside
# it (RFC 4733 2.1), which is 8000 Hz but for Opus and L16.
SAMPLES_PER_MS: Final = 8
PACKET_MS: Final = 20
# RFC 4733 2.5.1.4: "The final packet for each event ... SHOULD be sent a total of three times".
END_PACKETS: Final = 3
# Update packets come each 20 to 50 ms; three that are missing mean that the key was let go.
MISSING_END_SECONDS: Final = 0.15
# A timestamp a little behind the current press is a late packet of an earlier one; further behind
# it is a sender that started anew. 4 s at 8 kHz: no press waits that long in a network.
LATE_WINDOW: Final = 32_000
# 2.5.1.3: the duration field has 16 bits; a longer press goes on in a new segment.
MAX_DURATION: Final = 0xFFFF
# Longest digit that is sent: within one segment.
MAX_DIGIT_MS: Final = 8_000
# -10 dBm0, within the -3 to -25 dBm of 2.3.3's table for a sending terminal.
DEFAULT_VOLUME: Final = 10

_PAYLOAD: Final = struct.Struct("!BBH")
_END: Final = 0x80


@dataclass(frozen=True, slots=True)
class TelephoneEvent:
    """One payload (RFC 4733 2.3)."""

    event: int
    is_end: bool
    volume: int
    """Power level, dBm0 with the sign left out: 0 to 63."""
    duration: int
    """Timestamp units since the event began."""

    @property
    def digit(self) -> str | None:
        """The key; None for an event that is not one (a flash, a line signal)."""
        return DIGITS[self.event] if self.event < len(DIGITS) else None


@dataclass(frozen=True, slots=True)
class Digit:
    """A key that was pressed and let go."""

    digit: str
    duration_ms: int


def parse_event(payload: bytes | bytearray | memoryview) -> TelephoneEvent | None:
    """The event of a payload; None if it is too short to be one."""
    if len(payload) < _PAYLOAD.size:
        return None
    event, flags, duration = _PAYLOAD.unpack_from(payload)
    return TelephoneEvent(event, bool(flags & _END), flags & 0x3F, duration)


def build_event(event: TelephoneEvent) -> bytes:
    """The 4-byte payload."""
    flags = (_END if event.is_end else 0) | event.volume & 0x3F
    return _PAYLOAD.pack(event.event, flags, min(event.duration, MAX_DURATION))


class DigitReceiver:
    """The digits of one incoming stream.

    `pressed` is the key that is down now: barge-in may begin there, before the digit is complete.
    """

    __slots__ = ("_carried", "_deadline", "_duration", "_timestamp", "pressed", "unit")

    def __init__(self, unit: int = 1) -> None:
        self.pressed: str | None = None
        self.unit = unit  # timestamp units of 1/8000 s
        self._timestamp: int | None = None
        self._duration = 0
        self._carried = 0
        self._deadline: float | None = None

    @property
    def deadline(self) -> float | None:
        """When `tick` has something to do: a press whose end is missing. None: nothing."""
        return self._deadline

    def receive(
        self, payload: bytes | bytearray | memoryview, timestamp: int, now: float
    ) -> tuple[Digit, ...]:
        """Takes one payload with its RTP timestamp; the digits that it completes, oldest first.

        Usually none or one; two when a new press shows that an unended one is over and is itself
        an end packet (everything before it was lost).
        """
        event = parse_event(payload)
        if event is None or event.digit is None:
            return ()
        finished: tuple[Digit, ...] = ()
        if self._timestamp is None or timestamp != self._timestamp:
            if self._is_late(timestamp):
                return ()
            finished = self._begin(event.digit, timestamp)
        elif self.pressed is None:
            return ()
        self._duration = max(self._duration, event.duration)
        if event.is_end:
            return finished + self._end()
        self._deadline = now + MISSING_END_SECONDS
        return finished

    def tick(self, now: float) -> tuple[Digit, ...]:
        """Ends a press whose end packets never came."""
        if self._deadline is None or now < self._deadline:
            return ()
        return self._end()

    def reset(self) -> tuple[Digit, ...]:
        """The stream has another source now: timestamps begin anew. Ends a press that is open."""
        finished = self._end()
        self._timestamp = None
        return finished

    def _is_late(self, timestamp: int) -> bool:
        if self._timestamp is None:
            return False
        return -LATE_WINDOW * self.unit <= timestamp_delta(timestamp, self._timestamp) < 0

    def _begin(self, digit: str, timestamp: int) -> tuple[Digit, ...]:
        if self._goes_on(digit, timestamp):
            self._carried += MAX_DURATION
            finished: tuple[Digit, ...] = ()
        else:
            finished = self._end()
            self._carried = 0
        self.pressed = digit
        self._timestamp = timestamp
        self._duration = 0
        return finished

    def _goes_on(self, digit: str, timestamp: int) -> bool:
        """Whether this is the next segment of the key held down (2.5.1.3)."""
        if self._timestamp is None or self.pressed != digit:
            return False
        return timestamp_delta(timestamp, self._timestamp) == MAX_DURATION

    def _end(self) -> tuple[Digit, ...]:
        pressed, self.pressed, self._deadline = self.pressed, None, None
        if pressed is None:
            return ()
        units = SAMPLES_PER_MS * self.unit
        return (Digit(pressed, (self._carried + self._duration) // units),)


@dataclass(frozen=True, slots=True)
class EventPacket:
    """What to send in this 20 ms step instead of audio."""

    payload: bytes
    timestamp: int
    """The press's beginning: the same in all its packets."""
    marker: bool


class DigitSender:
    """Turns digits into one packet a 20 ms step: growing duration, three ends, a gap.

    The two repeated end packets travel in the gap, a step apart: a short burst of loss does not
    take all three. `is_busy` is true until the last gap is over; audio may be sent in the steps
    that give no packet.
    """

    __slots__ = ("_digits", "_gap", "_press", "_start", "_step", "_units", "_volume")

    def __init__(
        self,
        duration_ms: int = 160,
        gap_ms: int = 80,
        volume: int = DEFAULT_VOLUME,
        unit: int = 1,
    ) -> None:
        self._units = SAMPLES_PER_MS * unit
        longest = min(MAX_DIGIT_MS, MAX_DURATION // self._units)
        self._press = max(1, min(duration_ms, longest) // PACKET_MS)
        # Room for the repeated ends and one silent step, or two presses would touch.
        self._gap = max(END_PACKETS, gap_ms // PACKET_MS)
        self._volume = volume
        self._digits = ""
        self._step = 0
        self._start = 0

    @property
    def is_busy(self) -> bool:
        return bool(self._digits)

    def push(self, digits: str) -> None:
        """Appends digits of `0-9*#A-D`; ValueError names one that is not."""
        for digit in digits:
            if digit.upper() not in DIGITS:
                raise ValueError(f"{digit!r} is not a telephone key")
        self._digits += digits.upper()

    def step(self, timestamp: int) -> EventPacket | None:
        """One 20 ms step; `timestamp` is the audio's for this step. None: send audio."""
        if not self._digits:
            return None
        if self._step == 0:
            self._start = timestamp
        number, self._step = self._step + 1, self._step + 1
        event = DIGITS.index(self._digits[0])
        if number >= self._press + self._gap:
            self._digits, self._step = self._digits[1:], 0
        if number >= self._press + END_PACKETS:
            return None
        duration = min(number, self._press) * PACKET_MS * self._units
        payload = build_event(TelephoneEvent(event, number >= self._press, self._volume, duration))
        return EventPacket(payload, self._start, marker=number == 1)
