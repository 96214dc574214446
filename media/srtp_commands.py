"""What is told of an encrypted leg: its keys, and how far its stream is (RFC 4568, RFC 3711)."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class SrtpKeys:
    """An SDES suite by its name in RFC 4568, and the master keys with salts, in base64.

    `source` and `rollover`: where the far side's stream was when it was told last (Rolled).
    """

    suite: str
    send: str = field(repr=False)
    receive: str = field(repr=False)
    source: int = 0
    rollover: int = 0


@dataclass(frozen=True, slots=True)
class Rolled:
    """The sequence numbers of an encrypted stream have begun anew so often: each 22 minutes."""

    leg: int
    source: int
    rollover: int
