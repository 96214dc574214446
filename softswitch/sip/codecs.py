"""The codecs that a description may name, and what is said of each (RFC 3551, 7587, 3389).

What decodes them is the media engine's; here they are names, clocks and numbers.
"""

from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Codec:
    """One way to code sound, under one payload type. `clock` in Hz."""

    name: str
    clock: int
    payload_type: int
    channels: int = 1
    fmtp: str | None = None

    @property
    def is_wideband(self) -> bool:
        """More than the 3.4 kHz of the old telephone."""
        return self.clock > 8000 or self.name.lower() == "g722"

    def is_same_coding(self, other: "Codec") -> bool:
        """Equal but for the number it goes by (RFC 8866 6.6: encoding names ignore case)."""
        return (self.name.lower(), self.clock, self.channels) == (
            other.name.lower(),
            other.clock,
            other.channels,
        )


PCMA = Codec("PCMA", 8000, 8)
PCMU = Codec("PCMU", 8000, 0)
# RFC 3551 4.5.2: it samples at 16000, and its clock is 8000 for ever by an old mistake.
G722 = Codec("G722", 8000, 9)
# RFC 7587 7: always opus/48000/2. We play 16 kHz, mono, and like FEC: 48 kbit/s leave room for it.
OPUS = Codec(
    "opus",
    48000,
    111,
    2,
    "maxplaybackrate=16000;sprop-maxcapturerate=16000;maxaveragebitrate=48000;useinbandfec=1",
)
L16 = Codec("L16", 16000, 112)
# RFC 3389 4: its number is 13 beside codecs of 8000.
COMFORT_NOISE = 13

CODECS = MappingProxyType({one.name: one for one in (PCMA, PCMU, G722, OPUS, L16)})
# What phones and providers are offered unless the office says otherwise.
USUAL_CODECS = ("PCMA", "PCMU", "G722", "opus")
