"""Whose sound is wanted: sets kept through changes, and rows that are decoded as far as needed."""

import random
from types import SimpleNamespace
from typing import cast

import numpy as np

from media.g722 import Coders
from media.hearing import Hearing
from media.legs import Leg
from media.passes.order import store
from media.rows import BLOCK, FRAME, Rows

ROWS = 6


class Table:
    """A few legs, each saying its own number in every sample, A-law (0xD5 ^ 2 * row)."""

    def __init__(self) -> None:
        self.rows = Rows(ROWS)
        self.legs: dict[int, Leg] = {}
        self.hearing = Hearing(self.rows, Coders(self.rows))
        self.sent = [0] * ROWS
        for row in range(ROWS):
            self.open(row)

    def open(self, row: int) -> None:
        leg = SimpleNamespace(
            number=row,
            row=row,
            is_listened_to=True,
            sends_tones=False,
        )
        self.legs[row] = cast(Leg, leg)
        self.hearing.sort(self.legs[row])

    def say(self, row: int, frames: int) -> None:
        for _ in range(frames):
            packet = np.full((1, 12 + FRAME), 0xD5 ^ 2 * row, np.uint8)
            stamp = np.array([self.sent[row] * FRAME], np.uint32)
            twelve, size = np.array([12]), np.array([FRAME])
            store(self.rows, np.array([row]), stamp, packet, twelve, size)
            self.sent[row] += 1

    def expected(self) -> set[int]:
        tapes = set(np.flatnonzero(self.rows.tapes).tolist())
        return tapes | {row for row, leg in self.legs.items() if leg.sends_tones}


def test_who_is_wanted_late_in_a_block_is_decoded_from_there_on() -> None:
    table = Table()
    rows, hearing = table.rows, table.hearing
    rows.tapes[0] = 1
    hearing.renew(0)
    table.say(0, 8)
    rows.tapes[1] = 1
    hearing.renew(3)
    table.say(1, 8)
    first = rows.play[:2].copy()
    hearing.decode(BLOCK)
    assert (rows.play[:2] - first).tolist() == [BLOCK, BLOCK - 3]
    assert not rows.pcm[1, :3].any()
    hearing.begin_block()
    assert rows.decoded[:2].tolist() == [0, 0]


def test_one_row_may_be_decoded_earlier_than_the_others() -> None:
    table = Table()
    rows, hearing = table.rows, table.hearing
    rows.tapes[:2] = 1
    hearing.renew(0)
    table.say(0, 8)
    table.say(1, 8)
    first = rows.play[:2].copy()
    assert hearing.is_behind((0, 5), 2) and not hearing.is_behind((5,), 2)
    hearing.decode_some((0, 5), 2)
    assert (rows.play[:2] - first).tolist() == [2, 0] and not hearing.is_behind((0,), 2)
    hearing.decode(BLOCK)
    assert (rows.play[:2] - first).tolist() == [BLOCK, BLOCK]
    # The depth of three frames is silence; then each row's own sound, all of it.
    assert (rows.pcm[:2, 3:] != 0).all() and not rows.pcm[:2, :3].any()


def test_a_row_given_back_begins_anew() -> None:
    table = Table()
    rows, hearing = table.rows, table.hearing
    rows.tapes[2] = 1
    hearing.renew(0)
    assert rows.hears[2]
    hearing.forget(table.legs[2])
    rows.release(2)
    table.open(2)
    rows.tapes[2] = 1
    hearing.renew(4)
    assert rows.hears[2] and rows.decoded[2] == 4


def test_sets_are_what_the_reasons_say_through_any_changes() -> None:
    rng = random.Random(4)
    table = Table()
    rows, hearing = table.rows, table.hearing
    for _ in range(300):
        row, what = rng.randrange(ROWS), rng.randrange(5)
        leg = table.legs[row]
        if what == 0:
            rows.tapes[row] += 1
        elif what == 1:
            rows.tapes[row] = max(0, rows.tapes[row] - 1)
        elif what == 2:
            leg.sends_tones = not leg.sends_tones  # type: ignore[misc]
            hearing.sort(leg)
        elif what == 3:
            leg.is_listened_to = not leg.is_listened_to  # type: ignore[misc]
            hearing.sort(leg)
        else:
            hearing.forget(leg)
            rows.release(row)
            table.open(row)
        hearing.renew(rng.randrange(BLOCK))
        expected = table.expected()
        assert set(hearing.rows.tolist()) == expected
        heard = {one for one in expected if table.legs[one].is_listened_to}
        assert set(np.flatnonzero(rows.hears).tolist()) == heard
