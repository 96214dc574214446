"""How good the legs sound, asked every five seconds; bad calls are told while they last.

The pass is media/passes/rate.py; here are the far phones' reports beside it, and who is told of.
"""

import math
from collections.abc import Callable
from typing import Final

import numpy as np

from media.commands import Event
from media.legs import Leg
from media.measured import Band, Poor, Rated, Way
from media.passes.rate import SECONDS, STEPS, rate
from media.rows import Rows

TICKS: Final = SECONDS * 50
# G.107 annex B: below R of 60 "nearly all users dissatisfied", MOS 3.1.
POOR, GOOD_AGAIN = 3.1, 3.6
# So many times in a row: a quarter of a minute is no hiccup, and still early enough to be told.
TIMES: Final = 3
# Where a codec has no opinion: what G.114's callers and every codec's concealment have enough of.
MUCH_LOST, LITTLE_LOST = 0.10, 0.05


class Ratings:
    def __init__(self, rows: Rows, legs: dict[int, Leg], emit: Callable[[Event], None]) -> None:
        self._rows = rows
        self._legs = legs
        self._emit = emit
        # Legs that sound badly: how often in a row, by way.
        self._poor: dict[tuple[int, Way], int] = {}

    def tick(self) -> None:
        """Every TICKS; all packets must have been counted before."""
        legs = list(self._legs.values())
        if not legs:
            return
        rows = np.array([leg.row for leg in legs], np.intp)
        loss = np.array([_or_nan(leg.reports.take_loss()) for leg in legs])
        trip = np.array([_or_nan(leg.reports.round_trip) for leg in legs])
        heard = rate(self._rows, rows, loss, trip)
        for number, way in list(self._poor):
            if number not in self._legs:
                del self._poor[number, way]
        is_unrated = np.isnan(heard.opinions)
        is_bad = (heard.opinions < GOOD_AGAIN) | (is_unrated & (heard.loss >= LITTLE_LOST))
        for column, way in enumerate((Way.IN, Way.OUT)):
            named = {legs[i].number for i in np.flatnonzero(is_bad[:, column])}
            named |= {number for number, other in self._poor if other is way}
            for i, leg in enumerate(legs):
                if leg.number in named:
                    value, lost = heard.opinions[i, column], heard.loss[i, column]
                    self._judge(leg, way, float(value), float(lost))

    def _judge(self, leg: Leg, way: Way, value: float, lost: float) -> None:
        key, times = (leg.number, way), self._poor.get((leg.number, way), 0)
        is_unrated = math.isnan(value)
        if is_unrated and math.isnan(lost):
            return
        is_poor = lost >= MUCH_LOST if is_unrated else value < POOR
        is_good = lost < LITTLE_LOST if is_unrated else value >= GOOD_AGAIN
        if is_poor:
            self._poor[key] = times + 1
            if times + 1 == TIMES:
                mos = None if is_unrated else round(value, 2)
                self._emit(Poor(leg.number, way, mos, _known_loss(lost)))
        elif times < TIMES or is_good:
            self._poor.pop(key, None)


def rated_of(rows: Rows, row: int, told: float | None) -> Rated:
    """A row's columns as a value. `told`: what the far phone says itself."""
    doublings = int(rows.doublings[row])
    count = -(-int(rows.rated_times[row]) >> doublings)  # rounded up
    ways = rows.timeline[row, :, :count].tolist()
    lines = [tuple([_known(value / STEPS) for value in way]) for way in ways]
    return Rated(
        SECONDS << doublings,
        _mean(rows, row, 0),
        _mean(rows, row, 1),
        _known(float(rows.mos_worst[row, 0])),
        _known(float(rows.mos_worst[row, 1])),
        lines[0],
        lines[1],
        told,
        Band.WIDE if rows.is_wide[row] else Band.NARROW,
    )


def _mean(rows: Rows, row: int, way: int) -> float | None:
    count = int(rows.mos_count[row, way])
    return round(float(rows.mos_sum[row, way]) / count, 2) if count else None


def _known(value: float) -> float | None:
    return round(value, 2) if value else None


def _or_nan(value: float | None) -> float:
    return math.nan if value is None else value


def _known_loss(value: float) -> float | None:
    return None if math.isnan(value) else round(value, 4)
