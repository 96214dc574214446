"""Bursts and gaps: against RFC 3611's definition, packet by packet, and its sample algorithm."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from media.bursts import GMIN, WINDOW, BurstMetrics, Bursts
from media.quality import Reception

ROW = np.zeros(1, np.intp)
# Enough packets behind the last loss that all before are judged.
TAIL = WINDOW + GMIN


def by_definition(lost: list[bool], packet_ms: float) -> BurstMetrics:
    """4.7.2: bursts are the longest runs that begin and end with a loss and have fewer than Gmin
    packets that came between any two losses of theirs, and more than one loss."""
    places = [i for i, one in enumerate(lost) if one]
    groups: list[list[int]] = []
    for place in places:
        if groups and place - groups[-1][-1] - 1 < GMIN:
            groups[-1].append(place)
        else:
            groups.append([place])
    bursts = [one for one in groups if len(one) > 1]
    inside = sum(one[-1] - one[0] + 1 for one in bursts)
    outside = len(lost) - inside
    alone = sum(len(one) == 1 for one in groups)
    return BurstMetrics(
        sum(map(len, bursts)) / inside if inside else 0.0,
        alone / outside if outside else 0.0,
        inside * packet_ms / len(bursts) if bursts else 0.0,
        outside * packet_ms / max(1, len(bursts)),
    )


def by_sample_algorithm(lost: list[bool], packet_ms: float) -> BurstMetrics:
    """Appendix A.2, its own names. It counts a loss when the next one comes, so it is given one
    more far behind the last; and a burst before the first, which is taken off."""
    c11 = c13 = c14 = c22 = c23 = c33 = pkt = run = 0
    for is_lost in [*lost, True]:
        if not is_lost:
            pkt += 1
            continue
        if pkt >= GMIN:
            if run == 1:
                c14 += 1
            elif run:
                c13 += 1
            run, c11 = 1, c11 + pkt
        else:
            run += 1
            if pkt == 0:
                c33 += 1
            else:
                c23, c22 = c23 + 1, c22 + pkt - 1
        pkt = 0
    p32 = c23 / (c13 + c23 + c33)
    p23 = 1.0 if c22 + c23 < 1 else 1 - c22 / (c22 + c23)
    total = c11 + c14 + c13 + c22 + c23 + c13 + c23 + c33
    gap_ms = (c11 + c14 + c13) * packet_ms / c13
    density = p23 / (p23 + p32)
    return BurstMetrics(density, c14 / (c11 + c14), total * packet_ms / c13 - gap_ms, gap_ms)


def streamed(lost: list[bool], bursts: Bursts | None = None) -> Bursts:
    """The first packet comes always: with it the stream begins."""
    bursts = bursts or Bursts(1)
    missing = 0
    for is_lost in lost[1:]:
        if is_lost:
            missing += 1
        else:
            bursts.skip(ROW, np.array([missing + 1]))
            missing = 0
    return bursts


losses = st.lists(st.booleans(), max_size=150) | st.lists(
    st.integers(0, 40).map(lambda n: n == 0), max_size=150
)


@settings(max_examples=30)
@given(losses)
def test_as_the_definition_says(pattern: list[bool]) -> None:
    lost = [False, *pattern, *[False] * TAIL]
    judged = lost[: len(lost) - WINDOW]
    found, wanted = streamed(lost).metrics(0, 20.0), by_definition(judged, 20.0)
    for name in BurstMetrics.__slots__:
        assert getattr(found, name) == pytest.approx(getattr(wanted, name)), name


@pytest.mark.parametrize("seed", range(2))
def test_as_the_sample_algorithm_says_of_a_bursty_line(seed: int) -> None:
    """Its densities are those of a Markov chain with as many steps from state to state; of a long
    stream they are the same within what one burst more or less makes."""
    chance = np.random.default_rng(seed)
    lost, bad = [False], False
    for one in chance.random(12_000):
        bad = one < 0.7 if bad else one < 0.004
        lost.append(bool(bad and chance.random() < 0.8))
    lost += [False] * TAIL
    found = streamed(lost).metrics(0, 20.0)
    wanted = by_sample_algorithm(lost[: len(lost) - WINDOW], 20.0)
    assert found.burst_density == pytest.approx(wanted.burst_density, abs=0.05)
    assert found.gap_density == pytest.approx(wanted.gap_density, rel=0.05)
    assert found.burst_ms == pytest.approx(wanted.burst_ms, rel=0.1, abs=20)
    assert found.gap_ms == pytest.approx(wanted.gap_ms, rel=0.05)


def test_rfc_3611s_own_picture() -> None:
    """4.7.2's figure: 1 is a packet that came; both bursts, and the loss that stands alone."""
    burst = [True, False, True, True, False, False, True]
    lost = [False] * 20 + burst + [False] * 20 + [True] + [False] * 20 + burst + [False] * TAIL
    found = streamed(lost).metrics(0, 20.0)
    assert found.burst_density == pytest.approx(4 / 7) and found.burst_ms == 140
    assert found.gap_density == pytest.approx(1 / (61 + TAIL - WINDOW))


def test_a_packet_that_was_overtaken_is_not_lost_and_one_too_late_is() -> None:
    bursts = Bursts(1)
    for _ in range(50):
        bursts.skip(ROW, np.array([1]))
    bursts.skip(ROW, np.array([3]))
    bursts.come_late(np.zeros(2, np.intp), np.array([1, 2]))
    streamed([False] * 100, bursts)
    assert bursts.missed[0] == 0
    bursts.discard(0, 3)
    bursts.discard(0, 4)
    bursts.discard(0, -1)
    bursts.come_late(ROW, np.array([WINDOW + 5]))
    streamed([False] * 100, bursts)
    assert (bursts.missed[0], bursts.runs[0]) == (2, 1)


@settings(max_examples=30)
@given(losses, st.data())
def test_many_packets_at_once_are_as_one_by_one(pattern: list[bool], data: st.DataObject) -> None:
    lost = [False, *pattern, *[False] * TAIL]
    at_once, rest = Bursts(1), lost[1:]
    while rest:
        came = rest.index(True) if True in rest else len(rest)
        if came:
            count = data.draw(st.integers(1, came))
            at_once.go_on(ROW, np.array([count]))
            rest = rest[count:]
        else:
            missing = rest.index(False)
            at_once.skip(ROW, np.array([missing + 1]))
            rest = rest[missing + 1 :]
    one_by_one = streamed(lost)
    for name in Bursts.__slots__:
        assert getattr(at_once, name)[0] == getattr(one_by_one, name)[0], name


def test_a_long_silence_is_one_burst() -> None:
    bursts = streamed([False] * 50 + [True] * 2500 + [False] * TAIL)
    assert (bursts.missed[0], bursts.runs[0]) == (2500, 1)
    assert bursts.metrics(0, 20.0).burst_ms == 50_000
    assert bursts.metrics(0, 20.0).burst_density == 1.0


def numbers_of(lost: list[bool]) -> NDArray[np.int64]:
    return np.array([i for i, one in enumerate(lost) if not one])


def test_through_the_statistics_over_the_wrap() -> None:
    chance = np.random.default_rng(3611)
    lost = [*[False] * 3, *(chance.random(4000) < 0.05).tolist(), *[False] * TAIL]
    numbers = numbers_of(lost) + 64_000
    # Every tenth packet is overtaken by the next one: that is no loss.
    for i in range(40, numbers.size - 40, 10):
        numbers[i], numbers[i + 1] = numbers[i + 1], numbers[i]
    reception = Reception(2)
    row = np.ones(numbers.size, np.intp)
    reception.observe(row, numbers % 65536, numbers * 160, numbers * 0.02)
    found = reception.bursts.metrics(1, 20.0)
    # Two packets prove the source; counting begins with the second.
    wanted = by_definition(lost[1 : len(lost) - WINDOW], 20.0)
    assert reception.bursts.missed[1] == sum(lost)
    assert found.burst_density == pytest.approx(wanted.burst_density)
    assert found.burst_ms == pytest.approx(wanted.burst_ms)
    reception.reset(np.ones(1, np.intp))
    assert reception.bursts.metrics(1, 20.0) == BurstMetrics()
