"""What the packet loop knows of one leg: how it is spoken with, and whom it feeds.

Must not know commands, bridges or why a leg feeds another.
"""

from media.codecs.format import PCMA, Format
from media.native.pump import ELSEWHERE, NOBODY, SEALED
from media.rows import NO_TYPE, Law
from media.srtp import Receive, Srtp, Transmit


def nowhere(_: bytes | memoryview) -> object:
    """What a leg without a far address sends with."""
    return None


class Line:
    """What the packet loop knows of one leg."""

    __slots__ = (
        *("row", "descriptor", "srtp", "receive", "transmit", "law", "format"),
        *("type_in", "event_in", "noise_in", "others_in"),
        *("type_out", "event_out", "noise_out", "ssrc_out"),
        *("source", "target", "is_aligned", "ssrc", "sequence_shift", "timestamp_shift"),
    )

    def __init__(self, row: int, ssrc_out: int) -> None:
        self.row = row
        # The talker's, if there is one, its cipher, and how Python reads and sends through both.
        self.descriptor = -1
        self.srtp: Srtp | None = None
        self.receive: Receive | None = None
        self.transmit: Transmit = nowhere
        self.law = Law.PCMA
        self.format: Format = PCMA
        self.type_in = self.type_out = NO_TYPE
        self.event_in: int | None = None
        self.noise_in: int | None = None
        self.others_in: frozenset[int] = frozenset()
        self.event_out: int | None = None
        self.noise_out: int | None = None
        self.ssrc_out = ssrc_out
        # Forwarding: who feeds this leg, and whom it feeds.
        self.source: Line | None = None
        self.target: Line | None = None
        self.is_aligned = False
        self.ssrc = -1
        self.sequence_shift = 0
        self.timestamp_shift = 0

    @property
    def way_out(self) -> int:
        """Where its packets go, as a record and `rows.out` say it."""
        if self.descriptor < 0:
            return NOBODY
        if self.srtp is None:
            return self.descriptor
        return ELSEWHERE if self.srtp.sealer is None else SEALED - self.descriptor

    @property
    def sound_law(self) -> Law:
        """How its sounds are kept: encoded by a table, or as samples."""
        return self.law if self.law.is_table else Law.OBJECT

    def send(self, packet: bytes | memoryview) -> None:
        """To its far phone. What cannot be sent is lost, as on any network."""
        try:  # noqa: SIM105 - a context manager a packet costs a tenth of its sending
            self.transmit(packet)
        except OSError:
            pass

    def other_kind(self, kind: int, target: "Line") -> int | None:
        """Under which type what is no audio goes on; NO_TYPE: the target cannot take it; None: it
        is nothing that was agreed on.
        """
        if kind == self.event_in:
            return NO_TYPE if target.event_out is None else target.event_out
        if kind == self.noise_in:
            return NO_TYPE if target.noise_out is None else target.noise_out
        return None

    def takes(self, kind: int) -> bool:
        """Was this payload type agreed on?"""
        return kind in (self.type_in, self.event_in, self.noise_in) or kind in self.others_in
