"""What the header of a sound file says, without a library: for FLAC, as which all prompts ship.

RFC 9639, sections 6 and 8.2. The libraries that decode sound bring numpy with them, which is a
tenth of a switch's memory; an office without sounds of its own is served by this.
"""

from pathlib import Path

MAGIC = b"fLaC"
# The mark, the header of the first block (STREAMINFO, always) and its first 18 octets.
_NEEDED = 4 + 4 + 18


class SoundFileError(Exception):
    """The file cannot be decoded; the text says why."""


def flac_seconds(path: Path) -> float | None:
    """Its length; None when it is no FLAC file or does not say. Raises `SoundFileError`."""
    try:
        with path.open("rb") as file:
            head = file.read(_NEEDED)
    except OSError as error:
        raise SoundFileError(str(error.strerror)) from error
    if len(head) < _NEEDED or not head.startswith(MAGIC) or head[4] & 0x7F:
        return None
    # 20 bits of rate, 3 of channels, 5 of width, 36 of samples a channel.
    packed = int.from_bytes(head[18:26])
    rate, samples = packed >> 44, packed & 0xF_FFFF_FFFF
    return samples / rate if rate and samples else None
