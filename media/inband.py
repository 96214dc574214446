"""Keys that a phone sends as sound: places of 20 ms with a pair of tones, joined into digits.

ITU-T Q.24: 40 ms are a key and 23 ms none, a pause of 40 ms parts two keys, one of 10 ms does not.
Time is counted in places, 10 ms each; one receiver belongs to one leg. What a place holds is found
in media/passes/tones.py.
"""

from collections.abc import Iterable
from typing import Final

from media.dtmf import Digit
from media.tone import DTMF_KEYS

NO_PAIR: Final = -1
PLACE_MS: Final = 10
# Two places in a row lie within 30 ms of tone: 40 ms always have them, 23 ms never.
SURE: Final = 2
# So many places without the key, and it was let go: a pause of 40 ms touches at least five of
# them, an interruption of 10 ms (or a lost packet, if its concealment sounds like it) at most four.
LET_GO: Final = 5
_PLACE_IS_LONG_MS: Final = 20

_KEYS: Final = "".join(DTMF_KEYS)


class ToneReceiver:
    """The digits of one leg's sound. `pressed`: the key that sounds now."""

    __slots__ = ("_gap", "_heard", "_pair", "_run", "_run_pair", "pressed")

    def __init__(self) -> None:
        self.pressed: str | None = None
        self._pair = NO_PAIR
        # Places from the first to the last of the key, and without it since.
        self._heard = 0
        self._gap = 0
        # Places in a row with the same pair, up to now.
        self._run_pair = NO_PAIR
        self._run = 0

    @property
    def is_idle(self) -> bool:
        """Whether places without any pair would change nothing."""
        return self.pressed is None and self._run_pair == NO_PAIR

    def receive(self, places: Iterable[int]) -> tuple[Digit, ...]:
        """Takes pairs in their order; the digits that are complete now, oldest first."""
        finished: list[Digit] = []
        for pair in places:
            self._run = self._run + 1 if pair == self._run_pair else 1
            self._run_pair = pair
            is_new = pair not in (NO_PAIR, self._pair) and self._run == SURE
            if self.pressed is not None and pair == self._pair:
                self._heard += 1 + self._gap
                self._gap = 0
            elif self.pressed is not None:
                self._gap += 1
                if is_new or self._gap >= LET_GO:
                    finished += self.release()
            if is_new:
                self._pair, self.pressed = pair, _KEYS[pair]
                self._heard, self._gap = SURE, 0
        return tuple(finished)

    def release(self) -> tuple[Digit, ...]:
        """The stream ends, or begins anew: so does the key that sounds."""
        pressed, self.pressed, self._pair = self.pressed, None, NO_PAIR
        if pressed is None:
            return ()
        return (Digit(pressed, (self._heard - 1) * PLACE_MS + _PLACE_IS_LONG_MS),)
