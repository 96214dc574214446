"""What a leg's packets hold: the coding, its RTP clock, and at which rate we keep its samples.

RFC 3551 4.5.2 (G.722's RTP clock is 8000 though it samples at 16 kHz), RFC 7587 4 (Opus: always
48000 and two channels in the description, whatever is inside), RFC 3551 4.5.11 (L16).
Knows no packets; what decodes and encodes stands in `stream`.
"""

from dataclasses import dataclass
from typing import Final

# Ticks a second: 20 ms each.
TICKS: Final = 50
NARROW: Final = 8000
WIDE: Final = 16000


@dataclass(frozen=True, slots=True)
class Format:
    """Compared by value: legs of one format may be sent each other's packets as they are."""

    name: str
    clock: int
    """RTP timestamp units a second."""
    rate: int
    """Samples a second in our planes: NARROW or WIDE."""

    @property
    def is_wide(self) -> bool:
        return self.rate > NARROW

    @property
    def is_table(self) -> bool:
        """One octet a sample by a table, nothing remembered: G.711."""
        return self.name in ("PCMA", "PCMU")

    @property
    def is_framed(self) -> bool:
        """20 ms are 160 octets and 160 timestamp units, as the forwarding loop expects."""
        return self.is_table or self.name == "G722"

    @property
    def step(self) -> int:
        """Timestamp units of a tick."""
        return self.clock // TICKS

    @property
    def unit(self) -> int:
        """Timestamp units of 1/8000 s, the grid of the order pass."""
        return self.clock // NARROW


PCMA: Final = Format("PCMA", 8000, NARROW)
PCMU: Final = Format("PCMU", 8000, NARROW)
G722: Final = Format("G722", 8000, WIDE)
OPUS: Final = Format("opus", 48000, WIDE)

_FORMATS: Final = {
    (one.name.lower(), one.clock): one
    for one in (PCMA, PCMU, G722, OPUS, Format("L16", 8000, NARROW), Format("L16", 16000, WIDE))
}


def format_of(name: str, clock: int) -> Format:
    """By the names of an rtpmap, in which case does not matter. Raises ValueError."""
    found = _FORMATS.get((name.lower(), clock))
    if found is None:
        raise ValueError(f"codec {name}/{clock} is not spoken here")
    return found
