"""What came of one leg in a codec that remembers: packets by their frame, samples out in order.

The order pass says which frame a packet begins in and when a frame is heard; here the packets wait
for their turn, are decoded one after the other, and what a long packet holds beyond its frame is
kept for the next ones. What is lost is covered here where the codec can do it better than whoever
listens: Opus, out of the next packet or out of its own state (media/codecs/libopus.py). Knows
nothing of clocks, headers or rows.
"""

from typing import Final

import numpy as np

from media.codecs.fir import THIRD
from media.codecs.format import TICKS, WIDE, Format
from media.codecs.stream import Decoder, Samples, decoder_rate, make_decoder, payload_units

# More decoded sound than a packet holds: the sender's timestamps do not fit its packets.
MAX_KEPT_FRAMES: Final = 7
# Frames that a loss is concealed, by a codec or by whoever listens: 100 ms. Behind them, and before
# a row is heard, is silence.
CONCEALED: Final = 5
# Frames of a silence that is not sent. RFC 7587 3.1.3: it is told of anew every 400 ms, by packets
# of two octets at most.
MAX_QUIET: Final = 50
_QUIET: Final = 2


class Inflow:
    """`rate`: of the samples that `frame` gives; above WIDE they come with `THIRD`'s past.

    `covered`: so many frames before now never came and were made here. `is_quiet`: the far side
    said that it is silent, and nothing is lost.
    """

    __slots__ = (
        "_decoder",
        "_format",
        "_past",
        "_rest",
        "_size",
        "_waiting",
        "covered",
        "is_quiet",
        "needs_past",
        "rate",
    )

    def __init__(self, format: Format) -> None:
        self._format = format
        # Made with the first packet that is heard: legs that are only forwarded need none.
        self._decoder: Decoder | None = None
        self.rate = decoder_rate(format)
        self.needs_past = self.rate > WIDE
        self._size = self.rate // TICKS
        # By frame and place: a packet that comes twice is one.
        self._waiting: dict[int, dict[int, bytes]] = {}
        self._rest = np.zeros(0, np.int16)
        # The filter that brings 48 kHz down looks this far back.
        self._past = np.zeros(THIRD.history, np.int16)
        # Before anything was heard there is nothing to go on from.
        self.covered = CONCEALED
        self.is_quiet = False

    def units(self, payload: bytes) -> int:
        """Length of a payload in 1/8000 s; 0: it is not of this codec."""
        return payload_units(self._format, payload)

    def put(self, frame: int, offset: int, payload: bytes) -> None:
        """A packet that begins in this frame, at this place of the whole stream."""
        self._waiting.setdefault(frame, {})[offset] = payload

    def clear(self) -> None:
        """The stream begins anew; the decoder finds its way by itself within milliseconds."""
        self._waiting.clear()
        self._rest = np.zeros(0, np.int16)
        self.covered = CONCEALED

    def frame(self, number: int) -> Samples | None:
        """20 ms at `rate`, with the filter's past before them at 48 kHz; None: nothing came."""
        if self._waiting:
            self._decode(number)
        if not self._rest.size and self._decoder is not None:
            self._cover(self._decoder, number)
        rest, size = self._rest, self._size
        if not rest.size:
            return None
        if rest.size < size:
            rest = np.concatenate([rest, np.zeros(size - rest.size, np.int16)])
        frame, self._rest = rest[:size], rest[size : (MAX_KEPT_FRAMES + 1) * size]
        if not self.needs_past:
            return frame
        whole = np.concatenate([self._past, frame])
        self._past = frame[-self._past.size :]
        return whole

    def _decode(self, number: int) -> None:
        if self._decoder is None:
            self._decoder = make_decoder(self._format)
        due = [frame for frame in self._waiting if frame <= number]
        for frame in sorted(due) if len(due) > 1 else due:
            packets = self._waiting.pop(frame)
            for place in sorted(packets) if len(packets) > 1 else packets:
                payload = packets[place]
                samples = self._decoder.decode(payload)
                # A frame that was passed over is decoded too: the next one builds upon it.
                if frame == number:
                    rest = self._rest
                    self._rest = np.concatenate([rest, samples]) if rest.size else samples
                    self.covered, self.is_quiet = 0, len(payload) <= _QUIET

    def _cover(self, decoder: Decoder, number: int) -> None:
        if self.covered < (MAX_QUIET if self.is_quiet else CONCEALED):
            following = self._waiting.get(number + 1)
            self._rest = decoder.missing(following[min(following)] if following else None)
            self.covered += bool(self._rest.size)
