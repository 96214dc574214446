"""The play pass: sounds that are encoded already, copied a frame a tick into the payloads.

For a leg with an encoder of its own a sound is kept as samples at the leg's rate.

A prompt or a piece of music is encoded once when it begins (music once for all who hear it), so
a tick costs one copy of 160 octets a row; of those who hear the same piece all at once. Prompts of
one play are one array: no gap between them.
"""

from array import array
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from media.codecs.g711 import (
    LINEAR_TO_PCMA,
    LINEAR_TO_PCMU,
    encode,
)
from media.codecs.g711 import decode as g711_decode
from media.passes.order import SILENCE, TO_LINEAR
from media.rows import FRAME, HEADER, WIDE_FRAME, Index, Law, Rows

# 5 ms at 8 kHz, a quarter of a frame: no click, and no word is lost.
RAMP: Final = FRAME // 4


def _rise(size: int) -> NDArray[np.float32]:
    ramp = size * RAMP // FRAME
    return np.concatenate([np.linspace(0, 1, ramp), np.ones(size - ramp)]).astype(np.float32)


_RISE: Final = {size: _rise(size) for size in (FRAME, WIDE_FRAME)}
_FALL: Final = {
    size: np.concatenate([rise[: size // 4][::-1], np.zeros_like(rise[size // 4 :])])
    for size, rise in _RISE.items()
}

_ENCODE: Final = {Law.PCMA: LINEAR_TO_PCMA, Law.PCMU: LINEAR_TO_PCMU}


def encode_sound(samples: NDArray[np.int16], law: Law) -> NDArray[np.uint8 | np.int16]:
    """(n,) int16 -> (n,) uint8, or as it is for a leg with an encoder of its own."""
    return samples if law is Law.OBJECT else encode(_ENCODE[law], samples)


class Voice:
    """One sound on its way to one leg, and a place in it.

    codes: (n,) uint8 in a table's law, or int16 samples at the leg's rate; `step`: of a frame.
    """

    __slots__ = (
        *("_at", "_places", "_view", "codes", "is_faded_in", "is_loop", "law", "size", "step"),
    )

    def __init__(
        self, codes: NDArray[np.uint8 | np.int16], law: Law, is_loop: bool, step: int = FRAME
    ) -> None:
        self.codes = np.ascontiguousarray(codes)
        self._view = memoryview(self.codes.data)
        self.size = codes.size
        self.step = step
        self.law = law
        self.is_loop = is_loop and codes.size > 0
        # Where its place stands: in a column, where many hear the same sound.
        self._places, self._at = memoryview(array("q", [0])), 0
        # A sound that begins at its beginning needs no ramp; music that goes on does.
        self.is_faded_in = True

    @property
    def place(self) -> int:
        """Of the next frame."""
        return self._places[self._at]

    @place.setter
    def place(self, place: int) -> None:
        self._places[self._at] = place

    def move_place(self, places: memoryview, at: int) -> None:
        """It stands in this column from now on, and nowhere else."""
        places[at] = self.place
        self._places, self._at = places, at

    @property
    def is_shared(self) -> bool:
        """Whether a look-up gives its next frames, but where it begins anew."""
        return self.is_loop and self.is_faded_in and self.size >= FRAME

    @property
    def is_over(self) -> bool:
        return not self.is_loop and self.place >= self.size

    def frame(self) -> NDArray[np.uint8 | np.int16]:
        """The next `step` codes; silence behind the end."""
        start, end = self.place, self.place + self.step
        self.place = end
        if end <= self.size:
            return self.codes[start:end]
        if not self.is_loop:
            rest = self.codes[start:]
            quiet = 0 if self.law is Law.OBJECT else SILENCE[self.law]
            silence = np.full(self.step - rest.size, quiet, rest.dtype)
            return np.concatenate([rest, silence])
        self.place = end % self.size
        return self.codes[np.arange(start, end) % self.size]

    def copy(self, payload: memoryview) -> bool:
        """The next 160 codes into a payload, if none of them needs a closer look: the usual case,
        and five times as fast as by arrays.
        """
        end = self.place + FRAME
        if end > self.size or not self.is_faded_in:
            return False
        payload[:] = self._view[self.place : end]
        self.place = end
        return True

    def falling(self) -> NDArray[np.int16]:
        """A last frame that ramps down, for a sound that is cut off. The place stays."""
        place = self.place
        falling: NDArray[np.int16] = (self.samples() * _FALL[self.step]).astype(np.int16)
        self.place = place
        return falling

    def samples(self) -> NDArray[np.int16]:
        """The next frame, decoded."""
        codes = self.frame()
        if self.law is Law.OBJECT:
            return codes.astype(np.int16, copy=False)
        return g711_decode(TO_LINEAR[self.law], codes.astype(np.uint8, copy=False))

    def softened(self, tail: NDArray[np.int16] | None) -> NDArray[np.int16]:
        """The next frame as samples, over the tail of what it interrupted."""
        samples = self.samples()
        if tail is None and self.is_faded_in:
            return samples
        made = samples.astype(np.float32)
        if not self.is_faded_in:
            made *= _RISE[self.step]
            self.is_faded_in = True
        if tail is not None and tail.size == made.size:
            made += tail
        clipped: NDArray[np.int16] = np.clip(made, -32768, 32767).astype(np.int16)
        return clipped


class Shared:
    """One piece of music and all who hear it, each at a place of his own: one look-up a frame.

    voices: (n,) of the same codes, which `is_shared`; r: (n,) whose they are.
    """

    def __init__(self, r: Index, voices: Sequence[Voice]) -> None:
        self._r, self._voices = r, voices
        codes = voices[0].codes
        self._windows = np.ndarray((codes.size - FRAME + 1, FRAME), np.uint8, codes, 0, (1, 1))
        self._places = np.zeros(r.size, np.int64)
        for at, voice in enumerate(voices):
            voice.move_place(self._places.data, at)

    def play(self, rows: Rows) -> None:
        """The next frame of each into its payload."""
        inside = np.flatnonzero(self._places < len(self._windows))
        if inside.size < self._r.size:
            self._begin_anew(rows)
        rows.packets[self._r[inside], HEADER:] = self._windows[self._places[inside]]
        self._places[inside] += FRAME

    def _begin_anew(self, rows: Rows) -> None:
        """Those whose next frame has the end and the beginning in it."""
        for at in np.flatnonzero(self._places >= len(self._windows)).tolist():
            play(rows, int(self._r[at]), self._voices[at], None)


def lay_over(heard: NDArray[np.int16], voice: Voice) -> None:
    """One frame of the voice over what is heard, at half its loudness. heard: (n,), changed."""
    total = heard.astype(np.int32) // 2 + voice.samples()
    heard[:] = np.clip(total, -32768, 32767)


def play(rows: Rows, row: int, voice: Voice, tail: NDArray[np.int16] | None) -> None:
    """One frame of the voice into the row's payload, over the tail of what it interrupted."""
    if tail is None and voice.is_faded_in:
        rows.packets[row, HEADER:] = voice.frame()
    else:
        rows.packets[row, HEADER:] = encode(_ENCODE[voice.law], voice.softened(tail))
