"""The bridges that are mixed, and who hears them: index sets, made after a change.

Knows nothing of samples: what is mixed and encoded by these stands in media/outputs.py.
"""

import numpy as np

from media.legs import Leg
from media.passes.mix import Groups
from media.rows import Index, Law


def each(which: Index) -> Index:
    """Everybody hears something of his own."""
    return np.arange(which.size)


class Hearers:
    """Who hears a mix at one rate. `place`: of each row in what is mixed."""

    def __init__(self, legs: list[Leg], place: dict[int, int]) -> None:
        self.legs = legs
        self.rows: Index = np.array([leg.row for leg in legs], np.intp)
        self.places: Index = np.array([place[leg.row] for leg in legs], np.intp)
        # With a play over it.
        self.covered = [(i, leg) for i, leg in enumerate(legs) if leg.voice is not None]
        # Encoded in columns, by tables and as G.722; sent one by one.
        laws = [leg.line.law for leg in legs]
        self.tables: Index = np.array([i for i, law in enumerate(laws) if law.is_table], np.intp)
        self.banded: Index = np.array([i for i, law in enumerate(laws) if law is Law.G722], np.intp)
        self.singles = [(i, leg) for i, leg in enumerate(legs) if leg.outflow is not None]


class Mix:
    """The bridges that are mixed at one rate, and who hears them, by place in what is mixed."""

    def __init__(self, groups: Groups, hearers: list[Leg], is_wide: bool) -> None:
        self.groups = groups
        self.is_wide = is_wide
        place = {int(row): i for i, row in enumerate(groups.rows)}
        alike = [leg for leg in hearers if leg.line.format.is_wide is is_wide]
        others = [leg for leg in hearers if leg.line.format.is_wide is not is_wide]
        # Those at this rate, and those at the other one.
        self.alike, self.others = Hearers(alike, place), Hearers(others, place)
        # Sent in columns.
        self.plain = [leg for leg in hearers if leg.outflow is None]
