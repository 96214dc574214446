"""The play pass: sounds that are encoded already, copied a frame a tick into the payloads.

A prompt or a piece of music is encoded once when it begins (music once for all who hear it), so
a tick costs one copy of 160 octets a row. Prompts of one play are one array: no gap between them.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from media.codecs.g711 import (
    LINEAR_TO_PCMA,
    LINEAR_TO_PCMU,
    PCMA_TO_LINEAR,
    PCMU_TO_LINEAR,
    encode,
)
from media.passes.order import SILENCE
from media.rows import FRAME, HEADER, Law, Rows

# 5 ms: no click, and no word is lost.
RAMP: Final = 40
_FALL: Final = np.concatenate([np.linspace(1, 0, RAMP), np.zeros(FRAME - RAMP)]).astype(np.float32)
_RISE: Final = np.concatenate([np.linspace(0, 1, RAMP), np.ones(FRAME - RAMP)]).astype(np.float32)

_ENCODE: Final = {Law.PCMA: LINEAR_TO_PCMA, Law.PCMU: LINEAR_TO_PCMU}
_DECODE: Final = {Law.PCMA: PCMA_TO_LINEAR, Law.PCMU: PCMU_TO_LINEAR}


def encode_sound(samples: NDArray[np.int16], law: Law) -> NDArray[np.uint8]:
    """(n,) int16 -> (n,) uint8"""
    return encode(_ENCODE[law], samples)


class Voice:
    """One sound on its way to one leg: encoded samples and a place in them."""

    __slots__ = ("_view", "codes", "is_faded_in", "is_loop", "law", "place", "size")

    def __init__(self, codes: NDArray[np.uint8], law: Law, is_loop: bool) -> None:
        self.codes = np.ascontiguousarray(codes)
        self._view = memoryview(self.codes.data)
        self.size = codes.size
        self.law = law
        self.is_loop = is_loop and codes.size > 0
        self.place = 0
        # A sound that begins at its beginning needs no ramp; music that goes on does.
        self.is_faded_in = True

    @property
    def is_over(self) -> bool:
        return not self.is_loop and self.place >= self.size

    def frame(self) -> NDArray[np.uint8]:
        """The next 160 codes; silence behind the end."""
        start, end = self.place, self.place + FRAME
        self.place = end
        if end <= self.size:
            return self.codes[start:end]
        if not self.is_loop:
            rest = self.codes[start:]
            silence = np.full(FRAME - rest.size, SILENCE[self.law], np.uint8)
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
        samples = _DECODE[self.law][self.frame()]
        self.place = place
        return (samples * _FALL).astype(np.int16)


def lay_over(heard: NDArray[np.int16], voice: Voice) -> None:
    """One frame of the voice over what is heard, at half its loudness. heard: (160,), changed."""
    frame = _DECODE[voice.law][voice.frame()]
    total = heard.astype(np.int32) // 2 + frame
    heard[:] = np.clip(total, -32768, 32767)


def play(rows: Rows, row: int, voice: Voice, tail: NDArray[np.int16] | None) -> None:
    """One frame of the voice into the row's payload, over the tail of what it interrupted."""
    codes = voice.frame()
    if tail is None and voice.is_faded_in:
        rows.packets[row, HEADER:] = codes
        return
    samples = _DECODE[voice.law][codes].astype(np.float32)
    if not voice.is_faded_in:
        samples *= _RISE
        voice.is_faded_in = True
    if tail is not None:
        samples += tail
    clipped = np.clip(samples, -32768, 32767).astype(np.int16)
    rows.packets[row, HEADER:] = encode(_ENCODE[voice.law], clipped)
