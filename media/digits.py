"""Keys of the legs, in and out: as telephone events, or as tones in the sound.

RFC 4733 where it was agreed on; else in-band (ITU-T Q.23, Q.24). Whoever hears a leg alone is told
its keys in the way that he takes. A leg is asked for one of the two only, so a phone that sends
both is heard once.
"""

from collections.abc import Callable, Iterable

import numpy as np
from numpy.typing import NDArray

from media import dtmf
from media.codecs.format import TICKS
from media.commands import Digit, Event, SendDigits
from media.inband import NO_PAIR
from media.legs import PAUSE_STEPS, Keys, Leg, checked_keys
from media.outputs import Outputs
from media.passes.play import Voice, encode_sound
from media.passes.receive import TelephoneEvent
from media.passes.tones import find_tones
from media.rows import Rows
from media.tone import dtmf_tone

# A key that passes from a phone with telephone events to one without: longer than the 40 ms that a
# receiver must have (Q.24), shorter than the finger that follows.
PASSED_MS, PASSED_GAP_MS = 120, 60

Barge = Callable[[Leg, float], None]


class Digits:
    """`legs`: the engine's table by row; `barge` is told of a leg whose key goes down."""

    def __init__(
        self,
        rows: Rows,
        outputs: Outputs,
        legs: dict[int, Leg],
        emit: Callable[[Event], None],
        barge: Barge,
    ) -> None:
        self._rows = rows
        self._outputs = outputs
        self._legs = legs
        self._emit = emit
        self._barge = barge
        # Few: whose far phone holds a key down.
        self._pressing = set[Leg]()

    # --- out ---

    def send(self, leg: Leg, command: SendDigits, now: float) -> None:
        """As events, or as tones over all that the leg hears. ValueError: no such keys."""
        if leg.line.event_out is not None:
            if leg.keys is None:
                leg.keys = Keys(command.duration_ms, command.gap_ms, leg.receiver.unit)
            leg.keys.push(command.digits)
        else:
            self._sound(leg, checked_keys(command.digits), command.duration_ms, command.gap_ms)
        self._outputs.route((leg.number,), now)

    def _sound(self, leg: Leg, digits: str, duration_ms: int, gap_ms: int) -> None:
        """Tones behind those that sound already."""
        rate, before = leg.line.format.rate, leg.key_voice
        samples = key_sound(digits, duration_ms, gap_ms, rate)
        codes = encode_sound(samples, leg.line.sound_law)
        if before is not None:
            codes = np.concatenate([before.codes[before.place :], codes])
        leg.key_voice = Voice(codes, leg.line.sound_law, False, rate // TICKS)

    def _pass_on(self, leg: Leg, key: str, now: float) -> None:
        """A key of a phone with telephone events, to one without that hears it alone."""
        if leg.line.event_in is None:
            return  # it was a tone, and is heard
        for hearer in self._outputs.hearers(leg):
            if hearer.line.event_out is None and hearer.is_sent_to:
                self._sound(hearer, key, PASSED_MS, PASSED_GAP_MS)
                self._outputs.route((hearer.number,), now)

    def sent(self, now: float) -> None:
        """Legs whose events are all sent hear what they heard before."""
        for leg in self._outputs.keyed_out():
            leg.keys = None
            self._outputs.route((leg.number,), now)

    # --- in ---

    def receive(self, events: Iterable[TelephoneEvent], now: float) -> None:
        """Telephone events of any legs, in the order of their arrival."""
        for event in events:
            leg = self._legs.get(event.row)
            if leg is None or not leg.is_listened_to:
                continue
            self._outputs.pass_key(leg, event.payload, event.timestamp)
            was_pressed = leg.receiver.pressed
            digits = leg.receiver.receive(event.payload, event.timestamp, event.arrival)
            self._told(leg, was_pressed, leg.receiver.pressed, digits, now)
            if leg.receiver.deadline is not None:
                self._pressing.add(leg)

    def listen(self, now: float) -> None:
        """For keys in the sound of a whole block, on the legs that send them so."""
        r = self._outputs.toned
        if not r.size:
            return
        places = find_tones(self._rows, r)
        found = {int(i) for i in np.flatnonzero(places.max(axis=1) != NO_PAIR)}
        for i, row in enumerate(r.tolist()):
            leg, heard = self._legs.get(row), places[i]
            if leg is None or (i not in found and leg.tones.is_idle):
                continue
            was_pressed = leg.tones.pressed
            digits = leg.tones.receive(heard.tolist())
            self._told(leg, was_pressed, leg.tones.pressed, digits, now)

    def _told(
        self,
        leg: Leg,
        before: str | None,
        pressed: str | None,
        digits: tuple[dtmf.Digit, ...],
        now: float,
    ) -> None:
        self._tell(leg, digits)
        # Whose beginning was not seen: its end packet came first, or it was short.
        fresh = [digit.digit for digit in digits[1 if before else 0 :]]
        if pressed is not None and (before is None or digits):
            fresh.append(pressed)
        for key in fresh:
            self._pass_on(leg, key, now)
        if fresh or digits:
            self._barge(leg, now)

    def _tell(self, leg: Leg, digits: tuple[dtmf.Digit, ...]) -> None:
        for digit in digits:
            self._emit(Digit(leg.number, digit.digit, digit.duration_ms))

    def tick(self, now: float) -> None:
        """Ends presses whose end packets never came."""
        for leg in list(self._pressing):
            self._tell(leg, leg.receiver.tick(now))
            if leg.receiver.deadline is None:
                self._pressing.discard(leg)

    def end(self, leg: Leg) -> None:
        """Another source speaks on the leg, or it closes: a key that is down is complete."""
        self._pressing.discard(leg)
        self._tell(leg, leg.receiver.reset())
        self._tell(leg, leg.tones.release())


def key_sound(digits: str, duration_ms: int, gap_ms: int, rate: int) -> NDArray[np.int16]:
    """Keys as (n,) int16 at `rate`, each with its gap; a comma is a pause."""
    parts: list[NDArray[np.int16]] = []
    gap = np.zeros(gap_ms * rate // 1000, np.int16)
    for digit in digits:
        if digit == ",":
            parts.append(np.zeros(PAUSE_STEPS * rate // TICKS, np.int16))
        else:
            parts += [dtmf_tone(digit, duration_ms, rate=rate), gap]
    return np.concatenate(parts) if parts else gap[:0]
