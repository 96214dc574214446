"""The E-model against values of the recommendations."""

import numpy as np
import pytest

from media.codecs.format import format_of
from media.emodel import BASE, WIDE_BASE, impairment_of, mos, rating

NARROW, WIDE = np.zeros(1, np.bool_), np.ones(1, np.bool_)


def r_of(
    delay: float = 0, loss: float = 0, burst: float = 1, ie: float = 0, bpl: float = 25.1,
    is_wide: bool = False,
) -> float:  # fmt: skip
    columns = (np.array([value], np.float64) for value in (delay, loss, burst, ie, bpl))
    return float(rating(*columns, np.array([is_wide]))[0])


def opinion(r: float, is_wide: bool = False) -> float:
    return float(mos(np.array([r], np.float64), np.array([is_wide]))[0])


def test_nothing_lost_and_nothing_late_is_the_default() -> None:
    assert r_of() == BASE
    assert opinion(BASE) == pytest.approx(4.41, abs=0.005)


@pytest.mark.parametrize(
    ("r", "said"), [(90, 4.34), (80, 4.03), (70, 3.60), (60, 3.10), (50, 2.58)]
)
def test_opinions_of_annex_b(r: float, said: float) -> None:
    """G.107 table B.1: the borders of its categories of satisfaction."""
    assert opinion(r) == pytest.approx(said, abs=0.01)


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
    narrow = np.zeros(2, np.bool_)
    made = mos(
        rating(np.zeros(2), column, np.ones(2), np.zeros(2), np.full(2, 25.1), narrow), narrow
    )
    assert np.isnan(made[0]) and made[1] > 4


@pytest.mark.parametrize(
    ("ie", "said"),
    [(0, 4.5), (1, 4.494), (8, 4.421), (13, 4.337), (36, 3.694), (41, 3.512), (56, 2.922)],
)
def test_wideband_codecs_of_g113_on_the_scale_of_g107_1(ie: float, said: float) -> None:
    """Ie,wb of tables IV.1 and IV.3: 13 is G.722 at 64 kbit/s, 36 G.711; others AMR-WB's modes."""
    r = r_of(ie=ie, is_wide=True)
    assert r == WIDE_BASE - ie
    assert opinion(r, is_wide=True) == pytest.approx(said, abs=0.001)


def test_wideband_loss_by_g107_1_eq_7_15() -> None:
    """AMR-WB at 12.65 kbit/s, diotic: Ie,wb 20 and Bpl,wb 4.3; 95 is the narrowband constant."""
    r = r_of(loss=0.02, ie=20, bpl=4.3, is_wide=True)
    assert WIDE_BASE - r == pytest.approx(43.8095, abs=0.001)
    assert opinion(r, is_wide=True) == pytest.approx(3.406, abs=0.001)
    bursty = r_of(loss=0.02, burst=3, ie=20, bpl=4.3, is_wide=True)
    assert bursty == r, "G.107.1 knows loss by chance alone"
    assert r_of(delay=300, is_wide=True) == WIDE_BASE - (BASE - r_of(delay=300))


def test_what_our_codecs_are_rated_by() -> None:
    narrow = {impairment_of(format_of(name, 8000)) for name in ("PCMA", "PCMU", "L16")}
    assert {(one.ie, one.bpl) for one in narrow} == {(0.0, 25.1)}
    g722 = impairment_of(format_of("G722", 8000))
    assert (g722.ie, impairment_of(format_of("L16", 16000)).ie) == (13.0, 0.0)
    assert 4.3 <= g722.bpl <= 4.9, "what G.113 has of any wideband codec"
    assert np.isnan(r_of(ie=impairment_of(format_of("opus", 48000)).ie, is_wide=True))
