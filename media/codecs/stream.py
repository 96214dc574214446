"""Codecs that remember: one object a leg and a direction.

RFC 3551 4.5.11 (L16: network octet order), RFC 7587 (Opus), RFC 6716 3.1 (how long an Opus packet
is). Payloads in and out; what a packet's header says is not known here. Opus is encoded by FFmpeg,
with in-band FEC, and decoded by libopus, which covers what is lost by itself; what other codecs
lose is concealed by the rows' own pass. (G.722 remembers too, but in columns: media/g722.py.)
"""

import fractions
from typing import Final, Protocol, cast

import av
import numpy as np
from av.audio.codeccontext import AudioCodecContext
from av.audio.frame import AudioFrame
from av.codec.context import CodecContext
from av.error import FFmpegError
from numpy.typing import NDArray

from media.codecs import libopus
from media.codecs.format import WIDE, Format

Samples = NDArray[np.int16]

# The least with which the quickest complexity leaves room for FEC: at 32 kbit/s it sends none at
# all. PESQ wb 3.5 without loss (3.4 at 32), 2.7 instead of 1.9 where a tenth is lost.
OPUS_BITS: Final = 48_000
# Of 0 to 10: the best that costs little more than the least (72 us a packet, 120 to 150 above).
OPUS_COMPLEXITY: Final = 1
# What the encoder protects itself against by FEC.
OPUS_LOSS_PERCENT: Final = 5
# Longer packets of 16 bits a sample would not fit an Ethernet frame.
L16_PTIME: Final = 40
# RFC 6716 3.1: packets of these lengths exist, in ms; 30 is none of them.
OPUS_PTIMES: Final = (10, 20, 40, 60)
_OPUS_RATE: Final = 48000
# RFC 6716 2.1.4: nothing longer than 120 ms.
_MAX_OPUS_MS: Final = 120
# Frame lengths in tenths of a millisecond by the upper five bits of the first octet (table 2).
_SILK: Final = (100, 200, 400, 600)
_HYBRID: Final = (100, 200)
_CELT: Final = (25, 50, 100, 200)


class Decoder(Protocol):
    """One incoming stream."""

    def decode(self, payload: bytes) -> Samples:
        """(n,) int16 at `decoder_rate`; empty if it cannot be read."""

    def missing(self, following: bytes | None) -> Samples:
        """20 ms that did not come; `following` is the packet behind them, if it is there already.
        Empty: whoever listens conceals it.
        """


class Encoder(Protocol):
    """One outgoing stream."""

    def encode(self, samples: Samples) -> list[bytes]:
        """Takes samples of the format's rate; the payloads that are complete now."""


class _Plain:
    """A decoder that knows nothing of losses."""

    def missing(self, following: bytes | None) -> Samples:
        return np.zeros(0, np.int16)


class _L16Decoder(_Plain):
    def decode(self, payload: bytes) -> Samples:
        whole = payload[: len(payload) & ~1]
        return np.frombuffer(whole, ">i2").astype(np.int16)


class _AvOpusDecoder(_Plain):
    """Where no libopus can be called. Mono: FFmpeg mixes the two channels down."""

    def __init__(self) -> None:
        context = CodecContext.create("libopus", "r")
        context.sample_rate = _OPUS_RATE
        context.layout = "mono"
        context.open()
        self._context = context

    def decode(self, payload: bytes) -> Samples:
        try:
            frames = self._context.decode(av.Packet(payload))
        except FFmpegError:
            return np.zeros(0, np.int16)
        parts = [np.frombuffer(memoryview(one.planes[0]), np.int16, one.samples) for one in frames]
        return parts[0] if len(parts) == 1 else np.concatenate([np.zeros(0, np.int16), *parts])


def decoder_rate(format: Format) -> int:
    """Of the samples that its decoder gives: FFmpeg's of Opus knows 48 kHz alone."""
    return _OPUS_RATE if format.name == "opus" and not libopus.IS_HERE else format.rate


def payload_units(format: Format, payload: bytes) -> int:
    """How long a payload is, in 1/8000 s; 0: it is none of this codec."""
    match format.name:
        case "opus":
            return opus_units(payload)
        case _:
            return len(payload) // 2 * 8000 // format.rate


def opus_units(payload: bytes) -> int:
    """Length of an Opus packet in 1/8000 s (RFC 6716 3.1, 3.2); 0: it is none."""
    if not payload:
        return 0
    configuration, code = payload[0] >> 3, payload[0] & 3
    if configuration < 12:
        tenths = _SILK[configuration & 3]
    elif configuration < 16:
        tenths = _HYBRID[configuration & 1]
    else:
        tenths = _CELT[configuration & 3]
    # 3.2: one frame, two, two, or as many as the next octet says.
    many = payload[1] & 0x3F if len(payload) > 1 else 0
    tenths *= (1, 2, 2, many)[code]
    return tenths * 8 // 10 if tenths <= _MAX_OPUS_MS * 10 else 0


class _Pieces:
    """Samples gathered until a packet is full."""

    def __init__(self, size: int) -> None:
        self.size = size
        self._rest = np.zeros(0, np.int16)

    def take(self, samples: Samples) -> list[Samples]:
        if not self._rest.size and samples.size == self.size:
            return [samples]
        whole = np.concatenate([self._rest, samples])
        full = whole.size // self.size * self.size
        self._rest = whole[full:]
        return [whole[i : i + self.size] for i in range(0, full, self.size)]


class _L16Encoder:
    def __init__(self, samples: int) -> None:
        self._pieces = _Pieces(samples)

    def encode(self, samples: Samples) -> list[bytes]:
        return [piece.astype(">i2").tobytes() for piece in self._pieces.take(samples)]


class Packer:
    """Octets of one size a millisecond gathered into packets of another length than a tick's."""

    def __init__(self, octets: int) -> None:
        self._size = octets
        self._rest = b""

    def pack(self, octets: bytes) -> list[bytes]:
        whole = self._rest + octets
        full = len(whole) // self._size * self._size
        self._rest = whole[full:]
        return [whole[i : i + self._size] for i in range(0, full, self._size)]


class _AvEncoder:
    """FFmpeg's encoder of one stream; it wants exactly a packet's worth of samples."""

    def __init__(self, name: str, samples: int, bits: int, options: dict[str, str]) -> None:
        context = cast(AudioCodecContext, CodecContext.create(name, "w"))
        context.sample_rate = WIDE
        context.layout = "mono"
        context.format = "s16"
        context.time_base = fractions.Fraction(1, WIDE)
        context.bit_rate = bits
        context.options = options
        context.open()
        self._context = context
        self._pieces = _Pieces(samples)
        self._place = 0
        # One frame for all: the encoder is done with it when it returns.
        self._frame = AudioFrame(format="s16", layout="mono", samples=samples)
        self._frame.sample_rate = WIDE
        self._fill = self._frame.planes[0].update

    def encode(self, samples: Samples) -> list[bytes]:
        payloads = []
        for piece in self._pieces.take(samples):
            self._fill(piece.tobytes())
            self._frame.pts = self._place
            self._place += piece.size
            payloads += [bytes(packet) for packet in self._context.encode(self._frame)]
        return payloads


def make_decoder(format: Format) -> Decoder:
    """For a format that is coded by an object."""
    match format.name:
        case "opus":
            return libopus.Decoder() if libopus.IS_HERE else _AvOpusDecoder()
        case _:
            return _L16Decoder()


def packet_ms(format: Format, ptime: int) -> int:
    """The packet length that is sent where the far phone wants `ptime`."""
    if format.name == "opus":
        return max((ms for ms in OPUS_PTIMES if ms <= ptime), default=OPUS_PTIMES[0])
    return min(ptime, L16_PTIME) if format.name == "L16" else ptime


def make_encoder(format: Format, ptime: int, most_bits: int | None = None) -> Encoder:
    """For a format coded by an object; packets of `packet_ms`; `most_bits` a second, of Opus."""
    ptime = packet_ms(format, ptime)
    samples = format.rate * ptime // 1000
    match format.name:
        case "opus":
            options = {
                "application": "voip",
                "frame_duration": str(ptime),
                "compression_level": str(OPUS_COMPLEXITY),
                "fec": "1",
                "packet_loss": str(OPUS_LOSS_PERCENT),
            }
            bits = min(OPUS_BITS, most_bits or OPUS_BITS)
            return _AvEncoder("libopus", samples, bits, options)
        case _:
            return _L16Encoder(samples)
