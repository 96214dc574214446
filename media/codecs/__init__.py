"""Codecs by their SDP name, all with one shape: uint8 codes to int16 samples and back.

One `Codec` value is what the rows keep; the passes look only at its tables.
Knows nothing of packets or rows.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from media.codecs import g711


@dataclass(frozen=True, slots=True, eq=False)
class Codec:
    """A codec of one byte a sample at 8 kHz. Compared by identity: there is one of each."""

    name: str
    """The SDP encoding name (RFC 3551 6)."""
    payload_type: int
    """The static RTP payload type (RFC 3551 6)."""
    to_linear: g711.Samples
    """(256,) int16."""
    from_linear: g711.Codes
    """(65536,) uint8, indexed by the sample's bits as uint16."""
    silence: int
    """The code of digital silence."""

    def decode(self, codes: g711.Codes, out: g711.Samples | None = None) -> g711.Samples:
        """(..., samples) uint8 -> (..., samples) int16."""
        return g711.decode(self.to_linear, codes, out)

    def encode(self, samples: g711.Samples, out: g711.Codes | None = None) -> g711.Codes:
        """(..., samples) int16 -> (..., samples) uint8."""
        return g711.encode(self.from_linear, samples, out)


PCMA: Final = Codec("PCMA", 8, g711.PCMA_TO_LINEAR, g711.LINEAR_TO_PCMA, g711.PCMA_SILENCE)
PCMU: Final = Codec("PCMU", 0, g711.PCMU_TO_LINEAR, g711.LINEAR_TO_PCMU, g711.PCMU_SILENCE)

CODECS: Final[Mapping[str, Codec]] = MappingProxyType({"PCMA": PCMA, "PCMU": PCMU})


def transcode_table(source: Codec, target: Codec) -> g711.Codes | None:
    """The (256,) uint8 table from one codec to another; None when they are the same."""
    if source is target:
        return None
    return g711.PCMA_TO_PCMU if source is PCMA else g711.PCMU_TO_PCMA
