"""A far phone that speaks G.722, Opus or L16 by PyAV itself, without our codecs, at 16 kHz."""

import fractions
from typing import Any, cast

import av
import numpy as np
from av.audio.codeccontext import AudioCodecContext
from av.audio.frame import AudioFrame
from av.codec.context import CodecContext
from numpy.typing import NDArray

from media.commands import SetRemote
from tests.media.desk import EVENTS, Phone

RATE = 16000
TYPES = {"G722": 9, "opus": 111, "L16": 112}
CLOCKS = {"G722": 8000, "opus": 48000, "L16": 16000}
_NAMES = {"G722": "g722", "opus": "libopus"}

Samples = NDArray[np.int16]


def tone(frequency: float, seconds: float, amplitude: float = 8000) -> Samples:
    time = np.arange(int(seconds * RATE)) / RATE
    return (amplitude * np.sin(2 * np.pi * frequency * time)).astype(np.int16)


def loudness_of(samples: Samples, frequency: float, rate: int = RATE) -> float:
    """The amplitude of one frequency."""
    wave = np.exp(-2j * np.pi * frequency * np.arange(samples.size) / rate)
    return float(2 * abs(np.dot(samples.astype(np.float64), wave)) / max(1, samples.size))


class CodecPhone(Phone):
    def __init__(self, codec: str, ssrc: int = 0x4321, ptime: int = 20) -> None:
        super().__init__(TYPES[codec], ssrc)
        self.codec = codec
        self.ptime = ptime
        self._encoder = self._context("w") if codec in _NAMES else None
        self._octets = b""  # FFmpeg's G.722 comes in 20 ms only
        self._place = 0

    def _context(self, mode: Any) -> AudioCodecContext:
        context = cast(AudioCodecContext, CodecContext.create(_NAMES[self.codec], mode))
        context.sample_rate = RATE if mode == "w" or self.codec == "G722" else 48000
        context.layout = "mono"
        if mode == "w":
            context.format = "s16"
            context.bit_rate = 64_000
            context.time_base = fractions.Fraction(1, RATE)
            if self.codec == "opus":
                context.options = {"frame_duration": str(self.ptime)}
        context.open()
        return context

    def remote(self, leg: int, **changes: Any) -> SetRemote:
        fields = {
            "codec": self.codec,
            "payload_type": self.payload_type,
            "clock": CLOCKS[self.codec],
            "dtmf_clock": CLOCKS[self.codec],
        }
        return super().remote(leg, **(fields | changes))

    def say(self, samples: Samples, marker: bool = False) -> None:
        """One packet of `ptime` at 16 kHz."""
        for payload in self._encoded(samples):
            self.send(self.payload_type, payload, marker)
            self.timestamp += self.ptime * CLOCKS[self.codec] // 1000

    def _encoded(self, samples: Samples) -> list[bytes]:
        if self._encoder is None:
            return [samples.astype(">i2").tobytes()]
        frame = AudioFrame.from_ndarray(samples.reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate, frame.pts = RATE, self._place
        self._place += samples.size
        packets = [bytes(packet) for packet in self._encoder.encode(frame)]
        return packets if self.codec != "G722" else self._cut(b"".join(packets))

    def _cut(self, octets: bytes) -> list[bytes]:
        self._octets += octets
        size = self.ptime * 8
        full = len(self._octets) // size * size
        cut = [self._octets[i : i + size] for i in range(0, full, size)]
        self._octets = self._octets[full:]
        return cut

    def audio(self) -> Samples:
        """All that was heard, end to end, at 16 kHz."""
        payloads = [one.payload for one in self.heard if one.header.payload_type != EVENTS]
        if self._encoder is None:
            return np.frombuffer(b"".join(payloads), ">i2").astype(np.int16)
        decoder = self._context("r")
        parts = [
            np.frombuffer(memoryview(frame.planes[0]), np.int16, frame.samples)
            for payload in payloads
            for frame in decoder.decode(av.Packet(payload))
        ]
        whole = np.concatenate([np.zeros(0, np.int16), *parts])
        return whole if self.codec == "G722" else whole[::3]
