"""What is measured of a leg's sound, as words that pass the door. Does nothing."""

from collections.abc import Iterable
from enum import StrEnum

from media.words import Value, Word


class Band(StrEnum):
    """Of a leg's codec, and so the scale of its opinions (media/emodel.py)."""

    NARROW = "nb"
    WIDE = "wb"


class Way(StrEnum):
    """Of a leg's sound: from its far phone, or to it."""

    IN = "in"
    OUT = "out"


class Rated(Value, frozen=True):
    """How good a leg sounded (MOS by the E-model, 1 to 4.5, on the scale of its `band`), both ways.
    None = not measured.

    `timeline_in`, `timeline_out`: each value the worst of `seconds`. `told`: what the far phone
    says itself of what it hears (RFC 3611).
    """

    seconds: int = 5
    mos_in: float | None = None
    mos_out: float | None = None
    worst_in: float | None = None
    worst_out: float | None = None
    timeline_in: tuple[float | None, ...] = ()
    timeline_out: tuple[float | None, ...] = ()
    told: float | None = None
    band: Band = Band.NARROW

    def after(self, before: "Rated") -> "Rated":
        """Both one after the other: the leg has moved to another worker."""
        if before.band is not self.band:
            return self
        return Rated(
            max(self.seconds, before.seconds),
            _mean((before.mos_in, before.timeline_in), (self.mos_in, self.timeline_in)),
            _mean((before.mos_out, before.timeline_out), (self.mos_out, self.timeline_out)),
            _least(before.worst_in, self.worst_in),
            _least(before.worst_out, self.worst_out),
            before.timeline_in + self.timeline_in,
            before.timeline_out + self.timeline_out,
            before.told if self.told is None else self.told,
            self.band,
        )


class Poor(Word, frozen=True):
    """For a quarter of a minute the leg has sounded badly, this way. Said once until it is good.

    `mos`: None where its codec has none, and so much was lost that nobody is content with it.
    """

    leg: int
    way: Way
    mos: float | None
    loss: float | None = None
    """A fraction."""


def _mean(*parts: tuple[float | None, Iterable[float | None]]) -> float | None:
    """Each part counts as often as it was measured."""
    known = [(mos, sum(one is not None for one in line)) for mos, line in parts if mos is not None]
    whole = sum(count for _, count in known)
    return round(sum(mos * count for mos, count in known) / whole, 2) if whole else None


def _least(*values: float | None) -> float | None:
    return min((one for one in values if one is not None), default=None)
