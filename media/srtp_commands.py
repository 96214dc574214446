"""What is told of an encrypted leg: its keys, and how far its stream is (RFC 4568, RFC 3711)."""

from media.words import Value, Word, told_without


class SrtpKeys(Value, frozen=True):
    """An SDES suite by its name in RFC 4568, and the master keys with salts, in base64.

    `source` and `rollover`: where the far side's stream was when it was told last (Rolled).
    """

    suite: str
    send: str
    receive: str
    source: int = 0
    rollover: int = 0

    def __repr__(self) -> str:
        return told_without(self, "send", "receive")


class Rolled(Word, frozen=True):
    """The sequence numbers of an encrypted stream have begun anew so often: each 22 minutes."""

    leg: int
    source: int
    rollover: int
