"""Loss and jitter on columns against RFC 3550's appendix A, written down once more as scalars."""

from dataclasses import dataclass, field

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from media.quality import MAX_DROPOUT, Quality, Reception, Verdict, round_trip_ms


@dataclass
class Source:
    """Appendix A.1, A.3 and A.8 as the RFC writes them."""

    max_seq: int = -1
    cycles: int = 0
    base_seq: int = 0
    bad_seq: int = 65537
    probation: int = -1
    received: int = 0
    transit: float | None = None
    jitter: float = 0.0
    seen: list[int] = field(default_factory=list)

    def init(self, seq: int) -> None:
        self.base_seq = self.max_seq = seq
        self.bad_seq, self.cycles, self.received = 65537, 0, 0

    def update(self, seq: int) -> bool:
        if self.probation < 0:
            self.init(seq)
            self.max_seq, self.probation = seq - 1, 2
        if self.probation:
            if seq == (self.max_seq + 1) % 65536:
                self.probation -= 1
                self.max_seq = seq
                if self.probation == 0:
                    self.init(seq)
                    self.received += 1
                    return True
            else:
                self.probation, self.max_seq = 1, seq
            return False
        delta = (seq - self.max_seq) % 65536
        if delta < 3000:
            self.cycles += 65536 * (seq < self.max_seq)
            self.max_seq = seq
        elif delta <= 65536 - 100:
            if seq != self.bad_seq:
                self.bad_seq = (seq + 1) % 65536
                return False
            self.init(seq)
        self.received += 1
        return True


ROW = np.array([0])


def feed(reception: Reception, sequences: list[int], row: int = 0, start: float = 0.0) -> list[int]:
    """Packets 20 ms apart, timestamps to match."""
    numbers = np.array(sequences)
    count = numbers.size
    stamps = (np.array(sequences) * 160) & 0xFFFFFFFF
    arrivals = start + np.arange(count, dtype=np.float64) * 0.02
    verdicts = reception.observe(np.full(count, row), numbers, stamps, arrivals)
    return [int(verdict) for verdict in verdicts]


steps = st.one_of(st.just(1), st.integers(-5, 8), st.integers(-40000, 40000))


@settings(max_examples=200)
@given(st.integers(0, 65535), st.lists(steps, max_size=60), st.integers(1, 20))
def test_sequence_rules_are_the_appendix(start: int, moves: list[int], batch: int) -> None:
    reception, source = Reception(3), Source()
    numbers = [start]
    for move in moves:
        numbers.append((numbers[-1] + move) % 65536)
    for begin in range(0, len(numbers), batch):
        feed(reception, numbers[begin : begin + batch], row=2)
    for number in numbers:
        source.update(number)
    assert reception.received[2] == source.received
    assert reception.probation[2] == source.probation
    if source.probation == 0:
        highest = source.cycles + source.max_seq
        assert reception.highest(np.array([2]))[0] == highest
        lost = highest - source.base_seq + 1 - source.received
        assert reception.lost(np.array([2]))[0] == lost
    assert reception.received[:2].tolist() == [0, 0]


def test_nothing_heard_is_not_measured() -> None:
    reception = Reception(2)
    assert reception.snapshot(0) == Quality(None, None, None)
    assert reception.report(0, ssrc=1) is None
    assert np.isnan(reception.jitter_ms(ROW)[0])
    feed(reception, [7])
    assert reception.snapshot(0) == Quality(None, None, None)


def test_loss_over_the_wrap() -> None:
    reception = Reception(1)
    numbers = [number % 65536 for number in range(65500, 65600) if number % 10 != 5]
    assert set(feed(reception, numbers)) == {Verdict.COUNTED, Verdict.ON_PROBATION}
    report = reception.report(0, ssrc=9)
    assert report is not None
    assert report.highest_sequence == 65536 + 63
    assert report.cumulative_lost == 10
    assert report.fraction_lost == (10 << 8) // 99


def test_fraction_is_of_the_interval() -> None:
    reception = Reception(1)
    feed(reception, list(range(100)))
    assert reception.fraction_lost(ROW)[0] == 0
    feed(reception, list(range(150, 200)))
    assert reception.fraction_lost(ROW)[0] == 128
    assert reception.fraction_lost(ROW)[0] == 0


def test_duplicates_make_loss_negative_and_no_fraction() -> None:
    reception = Reception(1)
    verdicts = feed(reception, [1, 2, 3, 3, 2, 4])
    assert verdicts[3:5] == [Verdict.COUNTED, Verdict.OUT_OF_ORDER]
    report = reception.report(0, ssrc=1)
    assert report is not None
    assert (report.cumulative_lost, report.fraction_lost) == (-2, 0)


def test_a_jump_needs_a_second_packet() -> None:
    reception = Reception(1)
    feed(reception, list(range(10)))
    assert feed(reception, [MAX_DROPOUT + 20]) == [Verdict.JUMPED]
    assert feed(reception, [10]) == [Verdict.COUNTED]
    assert feed(reception, [30000, 30001]) == [Verdict.JUMPED, Verdict.RESTARTED]
    assert reception.snapshot(0).lost == 0
    assert reception.received[0] == 1


def jitter_of(arrivals: np.ndarray, stamps: np.ndarray) -> float:
    transit, jitter = None, 0.0
    for arrival, stamp in zip(arrivals * 8000, stamps, strict=True):
        if transit is not None:
            jitter += (abs((arrival - stamp) - transit) - jitter) / 16
        transit = arrival - stamp
    return jitter / 8


def test_jitter_is_the_appendix_and_survives_the_wrap() -> None:
    random = np.random.default_rng(3)
    count = 400
    stamps = 2**32 - 20_000 + np.arange(count) * 160
    arrivals = 1000 + np.arange(count) * 0.02 + random.uniform(0, 0.01, count)
    reception = Reception(4)
    rows = np.full(count, 3)
    for part in np.array_split(np.arange(count), 57):
        reception.observe(rows[part], part, stamps[part] & 0xFFFFFFFF, arrivals[part])
    measured = reception.jitter_ms(np.array([3]))[0]
    assert measured == pytest.approx(jitter_of(arrivals, stamps), rel=1e-6)
    assert 2 < measured < 5


def test_steady_stream_has_no_jitter() -> None:
    reception = Reception(1)
    feed(reception, list(range(200)))
    assert reception.snapshot(0).jitter_ms == pytest.approx(0, abs=1e-9)


def test_many_rows_in_one_batch_are_independent() -> None:
    reception = Reception(5)
    numbers = {0: [1, 2, 3], 2: [65534, 65535, 0, 1], 4: [100, 101, 103]}
    packets = [(row, number) for row, series in numbers.items() for number in series]
    packets.sort(key=lambda packet: packet[1] % 3)
    packets = [
        (row, series[k]) for k in range(4) for row, series in numbers.items() if k < len(series)
    ]
    rows = np.array([row for row, _ in packets])
    sequences = np.array([number for _, number in packets])
    reception.observe(rows, sequences, sequences * 160, np.zeros(len(packets)))
    assert reception.received.tolist() == [2, 0, 3, 0, 2]
    assert reception.lost(np.arange(5)).tolist() == [0, 0, 0, 0, 1]


def test_empty_batch() -> None:
    nothing = np.zeros(0, np.intp)
    assert Reception(1).observe(nothing, nothing, nothing, np.zeros(0)).size == 0


def test_reset_forgets() -> None:
    reception = Reception(2)
    feed(reception, list(range(50)), row=1)
    reception.reset(np.array([1]))
    assert reception.snapshot(1) == Quality(None, None, None)
    feed(reception, [40000, 40001], row=1)
    assert reception.snapshot(1).lost == 0


def test_round_trip() -> None:
    """RFC 3550 6.4.1's own example: 6.125 s."""
    assert round_trip_ms(0xB710_8000, 0xB705_2000, 0x0005_4000) == pytest.approx(6125)
    assert round_trip_ms(0x0000_8000, 0xFFFF_8000, 0) == pytest.approx(1000)
    assert round_trip_ms(5, 0, 0) is None
    assert round_trip_ms(0x10000, 0x20000, 0) is None
