"""The order pass: frames in any order in, one after the other out."""

import numpy as np
import pytest
from numpy.typing import NDArray

from media.codecs import PCMA
from media.codecs.format import format_of
from media.inflow import Inflow
from media.passes.decode import decode_rows
from media.passes.order import (
    CALM_LOOKS,
    DEEPEST,
    LATE_LIMIT,
    PATIENT_LOOKS,
    TRIM_TICKS,
    place,
    shed,
    store,
    take,
    trim,
)
from media.rows import FIRST_DEPTH, FRAME, Law, Rows

ROW = np.array([0])


def frame(value: int, samples: int = 160) -> NDArray[np.uint8]:
    return np.full(samples, value, np.uint8)


def played(rows: Rows, count: int) -> list[int | None]:
    codes, present = take(rows, ROW, count)
    return [int(codes[0, i, 0]) if present[0, i] else None for i in range(count)]


def test_a_row_starts_behind_its_first_packet() -> None:
    rows = Rows(1)
    for i in range(4):
        place(rows, 0, 160 * i, frame(i + 1))
    assert played(rows, 7) == [None] * FIRST_DEPTH + [1, 2, 3, 4]


def test_order_is_restored_over_the_wrap_of_timestamps() -> None:
    rows = Rows(1)
    for i in (0, 2, 1, 3):
        place(rows, 0, (2**32 - 160 + 160 * i) & 0xFFFFFFFF, frame(i + 1))
    assert played(rows, 7)[FIRST_DEPTH:] == [1, 2, 3, 4]


def test_columns_do_what_single_packets_do() -> None:
    one, many = Rows(2), Rows(2)
    rows = np.array([0, 1, 0, 1, 0])
    stamps = np.array([0, 1000, 160, 1160, 320], np.uint32)
    packets = np.arange(5, dtype=np.uint8)[:, None] * np.ones((5, 172), np.uint8)
    starts, sizes = np.full(5, 12), np.full(5, 160)
    for _ in range(2):
        store(many, rows, stamps, packets, starts, sizes)
        for i in range(5):
            place(one, int(rows[i]), int(stamps[i]), packets[i, 12:])
        stamps = stamps + np.uint32(480)
    both = np.array([0, 1])
    for a, b in zip(take(one, both, 9), take(many, both, 9), strict=True):
        assert (a == b).all()


def coded_rows() -> Rows:
    """Two rows of L16 and one of Opus, whose decoders only remember what came when."""
    rows = Rows(3)
    formats = [format_of("L16", 8000), format_of("L16", 16000), format_of("opus", 48000)]
    for row, one in enumerate(formats):
        rows.law[row], rows.unit[row] = Law.OBJECT, one.unit
        rows.inflows[row] = Inflow(one)
    return rows


def test_columns_do_what_single_packets_do_where_a_codec_remembers() -> None:
    """Packets of 20 and 10 ms, a late one, some from far ahead, and one that is none."""
    steps = [0, 1, 3, 2, 4, 4, 5, 60, 61, 63, 62]
    payloads = {0: bytes(320), 1: bytes(640), 2: b"\xf8opus"}
    one, many = coded_rows(), coded_rows()
    for number, step in enumerate(steps):
        for row, whole in payloads.items():
            payload = b"" if number == 4 else whole[: len(whole) // 2] if number == 5 else whole
            stamp = np.array([1000 + step * 160 * int(one.unit[row])], np.uint32)
            packet = np.zeros((1, 700), np.uint8)
            packet[0, 12 : 12 + len(payload)] = np.frombuffer(payload, np.uint8)
            r, starts, sizes = np.array([row]), np.array([12]), np.array([len(payload)])
            store(many, r, stamp, packet, starts, sizes)
            place(one, row, int(stamp[0]), np.frombuffer(payload, np.uint8))
    for name in ("filled", "head", "play", "late", "late_streak", "is_started", "origin"):
        assert np.array_equal(getattr(one, name), getattr(many, name)), name
    for row in payloads:
        assert one.inflows[row]._waiting == many.inflows[row]._waiting
        assert sum(map(len, one.inflows[row]._waiting.values())) >= 4


def test_ten_and_thirty_milliseconds_a_packet() -> None:
    rows = Rows(1)
    for i in range(6):
        place(rows, 0, 80 * i, frame(i + 1, 80))
    codes, present = take(rows, ROW, FIRST_DEPTH + 3)
    assert present[0, FIRST_DEPTH:].all()
    assert codes[0, FIRST_DEPTH, 0] == 1 and codes[0, FIRST_DEPTH, 159] == 2
    rows = Rows(1)
    for i in range(2):
        place(rows, 0, 240 * i, frame(i + 1, 240))
    assert played(rows, FIRST_DEPTH + 3)[FIRST_DEPTH:] == [1, 1, 2]


def test_a_late_packet_makes_room_for_the_next_like_it() -> None:
    rows = Rows(1)
    place(rows, 0, 0, frame(1))
    take(rows, ROW, FIRST_DEPTH + 3)  # frames 1 and 2 were due and did not come
    place(rows, 0, 160, frame(2))
    place(rows, 0, 320, frame(3))
    assert (rows.late[0], rows.depth[0]) == (1, FIRST_DEPTH + 2)
    assert played(rows, 3) == [2, 3, None]


def test_a_copy_of_what_was_heard_is_not_late() -> None:
    rows = Rows(1)
    place(rows, 0, 0, frame(1))
    take(rows, ROW, FIRST_DEPTH + 1)
    place(rows, 0, 0, frame(1))
    assert (rows.late[0], rows.depth[0]) == (0, FIRST_DEPTH)
    assert played(rows, 1) == [None]


def test_what_is_too_late_is_counted_and_a_late_stream_begins_again() -> None:
    rows = Rows(1)
    place(rows, 0, 0, frame(1))
    take(rows, ROW, DEEPEST + 12)
    for i in range(LATE_LIMIT - 1):
        place(rows, 0, 160 * (i + 1), frame(2))
    assert (rows.late[0], rows.depth[0]) == (LATE_LIMIT - 1, FIRST_DEPTH)
    assert played(rows, 1) == [None]
    place(rows, 0, 160 * LATE_LIMIT, frame(7))
    assert played(rows, FIRST_DEPTH + 1)[-1] == 7


def test_a_jump_of_the_timestamp_begins_again() -> None:
    rows = Rows(1)
    place(rows, 0, 0, frame(1))
    place(rows, 0, 5_000_000, frame(9))
    assert played(rows, FIRST_DEPTH + 1)[-1] == 9


def deep_row(*levels: int) -> Rows:
    """A row with frames of these amplitudes, three heard, and more waiting than it needs."""
    rows = Rows(1)
    for i, level in enumerate(levels):
        codes = PCMA.encode(np.full(FRAME, level, np.int16))
        place(rows, 0, FRAME * i, codes)
    decode_rows(rows, ROW, 0, *take(rows, ROW, FIRST_DEPTH + 2))
    rows.low_water[0] = 8
    trim(rows, ROW)
    return rows


def heard_next(rows: Rows) -> int:
    """The amplitude that is heard next, after a look at what may be left out."""
    shed(rows, ROW, 0)
    return int(PCMA.decode(take(rows, ROW, 1)[0])[0, 0, 0])


def test_a_deep_row_gives_up_a_frame_in_a_pause() -> None:
    rows = deep_row(50, 50, 50, 8000, *[5000] * 8)
    assert heard_next(rows) == 8064
    assert rows.excess[0] == 0


def test_while_somebody_speaks_it_waits_for_the_pause() -> None:
    rows = deep_row(5000, 5000, 5000, 8000, *[5000] * 8)
    assert heard_next(rows) == 4992  # the third
    assert rows.excess[0] == 1


def test_it_waits_for_some_looks_and_no_longer() -> None:
    rows = deep_row(5000, 5000, 5000, 8000, *[5000] * 8)
    for _ in range(PATIENT_LOOKS - 1):
        rows.low_water[0] = 8
        trim(rows, ROW)
    assert heard_next(rows) == 8064
    assert rows.conceals[0] == 1  # so the next one is faded in


def test_a_lost_frame_is_left_out_first() -> None:
    rows = deep_row(*[5000] * 12)
    rows.filled[0, rows.play[0] % 32] = 0
    before = int(rows.play[0])
    heard_next(rows)
    assert rows.play[0] == before + 2


def stream(
    seconds: int, jitter: float, seed: int = 1, drift: float = 0.0
) -> tuple[Rows, NDArray[np.bool_], NDArray[np.int64]]:
    """A row that hears packets with so much deviation; which ticks had sound, and the depths.

    jitter: seconds, the standard deviation of a packet's delay; drift: of the sender's clock.
    """
    chance, rows = np.random.default_rng(seed), Rows(1)
    sent = np.arange(seconds * 50) * 0.02 * (1 + drift)
    arrivals = sent + np.abs(chance.normal(0, jitter, sent.size)) + 0.005
    order = np.argsort(arrivals, kind="stable")
    heard, depths, next_ = np.zeros(sent.size, np.bool_), [], 0
    for tick in range(sent.size):
        while next_ < order.size and arrivals[order[next_]] <= tick * 0.02:
            number = int(order[next_])
            stamp, at = np.array([160 * number]), arrivals[order[next_], None]
            rows.reception.observe(ROW, np.array([number % 65536]), stamp, at)
            place(rows, 0, 160 * number, frame(1 + number % 100))
            next_ += 1
        shed(rows, ROW, tick % 5)
        heard[tick] = take(rows, ROW, 1)[1][0, 0]
        if tick % TRIM_TICKS == TRIM_TICKS - 1:
            trim(rows, ROW)
            depths.append(int(rows.depth[0]))
    return rows, heard, np.array(depths)


def test_an_even_stream_waits_little() -> None:
    rows, heard, depths = stream(40, 0.001)
    assert rows.late[0] == 0 and depths[-1] == 1
    assert heard[FIRST_DEPTH + 2 :].all()


def test_an_uneven_stream_finds_its_depth() -> None:
    """Up to 150 ms late: after some seconds hardly a frame is missing, and no more is waited."""
    for jitter, most in ((0.01, 4), (0.03, 8), (0.05, DEEPEST)):
        rows, heard, depths = stream(40, jitter)
        assert heard[1000:].mean() > 0.99, jitter
        assert 1 < depths[5:].mean() <= most, jitter


def test_after_a_bad_minute_it_gets_shallower_again() -> None:
    rows, _, _ = stream(20, 0.05)
    assert rows.depth[0] > 5
    rows.reception.jitter[0] = 0
    for _ in range(DEEPEST * CALM_LOOKS):
        trim(rows, ROW)
    assert rows.depth[0] == 1


def test_clocks_that_differ_are_followed() -> None:
    """Ten times what crystals do: dropped or covered one frame at a time, never a jump."""
    for drift in (2e-3, -2e-3):
        rows, heard, depths = stream(40, 0.002, drift=drift)
        assert heard[200:].mean() > 0.99
        assert depths.max() <= FIRST_DEPTH + 2
        assert int(rows.head[0] - rows.play[0]) <= FIRST_DEPTH + 3


def test_an_hour_of_clocks_that_differ() -> None:
    """Senders 200 ppm slow, true and fast for an hour: 0.72 s is made up for a frame at a time,
    nobody waits longer for it, and next to nothing is missing.
    """
    drifts, looks, frames = np.array([2e-4, 0.0, -2e-4]), 18_000, 10
    rows, r = Rows(3), np.arange(3)
    next_, given, heard = np.zeros(3, np.int64), np.zeros(3, np.int64), np.zeros(3, np.int64)
    starts, sizes = np.full(64, 12, np.intp), np.full(64, FRAME, np.intp)
    packets = np.full((64, 12 + FRAME), 0xD5, np.uint8)  # a pause: frames may go at any time
    for look in range(looks):
        due = np.ceil(look * 0.02 * frames / (0.02 * (1 + drifts)) + 0.5).astype(np.int64)
        of = np.repeat(r, due - next_)
        numbers = np.concatenate([np.arange(next_[i], due[i]) for i in r])
        next_, n = due, of.size
        stamps = ((numbers * FRAME - 80_000) % 2**32).astype(np.uint32)  # they wrap
        store(rows, of, stamps, packets[:n], starts[:n], sizes[:n])
        before = rows.play.copy()
        shed(rows, r, 0)
        given += rows.play - before
        heard += take(rows, r, frames)[1].sum(axis=1)
        if look % (TRIM_TICKS // frames) == 0:
            trim(rows, r)
    assert (heard > 0.998 * looks * frames).all()
    slow, true, fast = given.tolist()
    assert fast - true == pytest.approx(36, abs=3) and slow <= true
    assert (rows.head - rows.play < DEEPEST).all()
