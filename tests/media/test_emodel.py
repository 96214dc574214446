"""The E-model against values of the recommendations."""

import numpy as np
import pytest

from media.codecs.format import format_of
from media.emodel import BASE, IMPAIRMENTS, mos, rating


def r_of(delay: float = 0, loss: float = 0, burst: float = 1, ie: float = 0, bpl: float = 25.1):
    columns = (np.array([value], np.float64) for value in (delay, loss, burst, ie, bpl))
    return float(rating(*columns)[0])


def test_nothing_lost_and_nothing_late_is_the_default() -> None:
    assert r_of() == BASE
    assert mos(np.array([BASE]))[0] == pytest.approx(4.41, abs=0.005)


@pytest.mark.parametrize(
    ("r", "opinion"), [(90, 4.34), (80, 4.03), (70, 3.60), (60, 3.10), (50, 2.58)]
)
def test_opinions_of_annex_b(r: float, opinion: float) -> None:
    """G.107 table B.1: the borders of its categories of satisfaction."""
    assert mos(np.array([r], np.float64))[0] == pytest.approx(opinion, abs=0.01)


def test_loss_by_g113() -> None:
    """G.711 with concealment: 95 p / (p + 25.1)."""
    assert BASE - r_of(loss=0.02) == pytest.approx(7.01, abs=0.01)
    assert BASE - r_of(loss=0.10) == pytest.approx(27.07, abs=0.01)
    assert r_of(loss=0.05, burst=3) < r_of(loss=0.05) < r_of(loss=0.01)
    assert r_of(loss=1.0, bpl=4.3) == pytest.approx(BASE - 91.08, abs=0.01)


def test_delay_is_free_up_to_a_tenth_of_a_second() -> None:
    assert r_of(delay=100) == BASE
    falls = [BASE - r_of(delay=delay) for delay in (150, 200, 300, 400)]
    assert falls == sorted(falls) and falls[0] < 1
    assert 20 < falls[3] < 30  # G.114: 400 ms are the most that is borne


def test_what_was_not_measured_is_nothing() -> None:
    column = np.array([np.nan, 0.0])
    made = mos(rating(np.zeros(2), column, np.ones(2), np.zeros(2), np.full(2, 25.1)))
    assert np.isnan(made[0]) and made[1] > 4


def test_every_codec_has_its_values() -> None:
    for name, clock in (("PCMA", 8000), ("PCMU", 8000), ("G722", 8000), ("opus", 48000),
                        ("L16", 16000)):  # fmt: skip
        assert format_of(name, clock).name in IMPAIRMENTS
