"""The codecs that a description may name, and what is said of each (RFC 3551, 7587, 3389).

What decodes them is the media engine's; here they are names, clocks and numbers.
"""

from types import MappingProxyType

import msgspec


class Codec(msgspec.Struct, frozen=True):
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
        """Equal but for the number it goes by."""
        return self.is_coding(other.name, other.clock, other.channels)

    def is_coding(self, name: str, clock: int, channels: int) -> bool:
        """RFC 8866 6.6: encoding names ignore case."""
        is_like = self.clock == clock and self.channels == channels
        return is_like and self.name.lower() == name.lower()

    def numbered(self, payload_type: int) -> "Codec":
        """The same under another number."""
        if payload_type == self.payload_type:
            return self
        return Codec(self.name, self.clock, payload_type, self.channels, self.fmtp)


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
