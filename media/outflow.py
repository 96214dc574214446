"""What goes to one leg that is not 20 ms of G.711 or G.722: encoded, and cut to the packets that it
likes.

RFC 3551 4.2 (packets of `ptime`), RFC 7587 4.1 (Opus counts 48000 a second). G.711 and G.722 come
as octets that are encoded already, all others as samples. Knows nothing of headers or sockets.
"""

from media.codecs.format import Format
from media.codecs.stream import Encoder, Packer, Samples, make_encoder, packet_ms

# What a tick makes, and what nearly every phone wants.
USUAL_PTIME = 20
# Of G.711 and G.722 in a millisecond.
OCTETS = 8


class Outflow:
    """`step`: RTP timestamp units of one packet. `most_bits` a second, where a codec can save."""

    __slots__ = ("_encoder", "_most_bits", "_packer", "format", "ptime", "step")

    def __init__(self, format: Format, ptime: int, most_bits: int | None = None) -> None:
        self.format = format
        self._most_bits = most_bits
        self.ptime = packet_ms(format, ptime)
        self.step = format.clock * self.ptime // 1000
        # Made when it is first spoken to: legs that are only forwarded to need none.
        self._encoder: Encoder | None = None
        self._packer = Packer(OCTETS * ptime)

    def pack(self, octets: bytes) -> list[bytes]:
        """20 ms of G.711 or G.722; the payloads that are full now."""
        return self._packer.pack(octets)

    def encode(self, samples: Samples) -> list[bytes]:
        """20 ms at the format's rate; the payloads that are full now."""
        if self._encoder is None:
            self._encoder = make_encoder(self.format, self.ptime, self._most_bits)
        return self._encoder.encode(samples)


def outflow_of(format: Format, ptime: int, most_bits: int | None) -> Outflow | None:
    """None: the passes make this leg's packets in columns."""
    if format.is_framed and ptime == USUAL_PTIME:
        return None
    return Outflow(format, ptime, most_bits)
