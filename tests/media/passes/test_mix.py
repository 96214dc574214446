"""The mix pass: everybody hears the others, certain ones, or the loudest."""

import numpy as np

from media.passes.mix import LOUDEST, Groups, MixRoom, mix
from media.rows import FRAME, Rows


def mixed(rows: Rows, groups: Groups, frame: int) -> np.ndarray:
    """(n, 160): what each row of the groups hears."""
    heard = mix(rows, groups, frame)
    return heard.sounds[heard.which]


def heard_by(rows: Rows, *rooms: MixRoom, frame: int = 0) -> dict[int, int]:
    """The first sample that each row hears."""
    groups = Groups(list(rooms))
    heard = mixed(rows, groups, frame)
    return dict(zip(groups.rows.tolist(), heard[:, 0].tolist(), strict=True))


def decimal_rows() -> Rows:
    """Row n says 10**n, so that a sum names who is in it."""
    rows = Rows(8)
    for row in range(5):
        rows.pcm[row, :] = 10**row
    return rows


def test_two_bridges_at_once_and_nobody_hears_himself() -> None:
    rows = Rows(8)
    for row in range(8):
        rows.pcm[row, 3] = 10**row if row < 4 else row
    rooms = MixRoom((0, 1, 2)), MixRoom((4, 5, 6, 7))
    expected = {0: 110, 1: 101, 2: 11, 4: 18, 5: 17, 6: 16, 7: 15}
    assert heard_by(rows, *rooms, frame=3) == expected


def test_two_hear_each_other_to_the_bit_as_in_a_sum() -> None:
    rows = Rows(8)
    chance = np.random.default_rng(1)
    for plane in (rows.pcm, rows.wide):
        plane[:] = chance.integers(-32768, 32768, plane.shape)
    pairs, third = [MixRoom((3, 1)), MixRoom((0, 6))], MixRoom((2, 4, 5))
    for is_wide in (False, True):
        alone = mix(rows, Groups(pairs), 2, is_wide)
        beside = mix(rows, Groups([*pairs, third]), 2, is_wide)
        expected = (rows.wide if is_wide else rows.pcm)[[1, 3, 6, 0], 2]
        assert (alone.sounds[alone.which] == expected).all()
        assert (beside.sounds[beside.which][:4] == expected).all()


def test_two_of_whom_one_is_muted_are_no_pair() -> None:
    assert heard_by(decimal_rows(), MixRoom((0, 1), {}, frozenset({1}))) == {0: 0, 1: 1}
    assert heard_by(decimal_rows(), MixRoom((0, 1), {0: ()})) == {0: 0, 1: 1}


def test_the_sum_is_clipped() -> None:
    rows = Rows(3)
    rows.pcm[:, 0] = -30000
    assert (mixed(rows, Groups([MixRoom((0, 1, 2))]), 0) == -32768).all()


def test_a_matrix_says_whom_each_hears() -> None:
    listen = MixRoom((0, 1, 2), {0: (1,), 1: (0,)})
    whisper = MixRoom((0, 1, 2), {0: (1,)})
    deaf = MixRoom((0, 1, 2), {2: ()})
    assert heard_by(decimal_rows(), listen) == {0: 10, 1: 1, 2: 11}
    assert heard_by(decimal_rows(), whisper) == {0: 10, 1: 101, 2: 11}
    assert heard_by(decimal_rows(), deaf) == {0: 110, 1: 101, 2: 0}


def test_matrices_of_several_sizes_stand_beside_plain_sums() -> None:
    rows = Rows(16)
    for row in range(16):
        rows.pcm[row, 0] = row + 1
    rooms = [
        MixRoom((0, 1, 2, 3), {0: (3,)}),
        MixRoom((4, 5, 6)),
        MixRoom((7, 8, 9), {8: (7,)}),
        MixRoom((10, 11, 12), {10: ()}),
    ]
    heard = heard_by(rows, *rooms)
    assert [heard[r] for r in range(4)] == [4, 8, 7, 6]
    assert [heard[r] for r in (4, 5, 6)] == [13, 12, 11]
    assert [heard[r] for r in (7, 8, 9)] == [19, 8, 17]
    assert [heard[r] for r in (10, 11, 12)] == [0, 24, 23]


def test_nobody_hears_a_muted_one_who_hears_as_before() -> None:
    muted = frozenset({1})
    assert heard_by(decimal_rows(), MixRoom((0, 1, 2), muted=muted)) == {0: 100, 1: 101, 2: 1}
    special = MixRoom((0, 1, 2, 3), {3: (0, 1)}, muted)
    assert heard_by(decimal_rows(), special) == {0: 1100, 1: 1101, 2: 1001, 3: 1}


def large(loud: list[int]) -> tuple[Rows, MixRoom]:
    """Twelve in a room; the named ones say 1000, all others 10."""
    rows = Rows(12)
    rows.pcm[:] = 10
    rows.pcm[loud] = 1000
    return rows, MixRoom(tuple(range(12)))


def test_of_a_large_bridge_the_loudest_are_mixed() -> None:
    rows, room = large([2, 3, 5])
    groups = Groups([room])
    mix(rows, groups, 0)
    heard = mixed(rows, groups, 1)[:, -1]
    assert np.count_nonzero(rows.is_mixed) == LOUDEST
    assert heard[0] in (3000, 3010) and heard[2] in (2000, 2010)


def test_a_turn_is_faded_and_does_not_flicker() -> None:
    rows, room = large([0, 1, 2, 3])
    groups = Groups([room])
    first = mixed(rows, groups, 0)[11]
    assert first[0] == 0 and first[-1] == 4000 and (np.diff(first) >= 0).all()
    rows.pcm[0], rows.pcm[4] = 900, 1000  # hardly louder: nobody is shut out for that
    for frame in range(5):
        mix(rows, groups, frame)
    assert rows.is_mixed[:5].tolist() == [True, True, True, True, False]
    rows.pcm[0], rows.pcm[4] = 10, 9000
    heard = mixed(rows, groups, 0)[11]
    assert not rows.is_mixed[0] and rows.is_mixed[4]
    assert heard[0] > 3000 and heard.size == FRAME


def test_silence_and_the_muted_take_nobodys_place() -> None:
    rows, _ = large([0, 1, 2, 3, 4])
    rows.pcm[5:] = 0
    room = MixRoom(tuple(range(12)), muted=frozenset({0, 1, 2}))
    groups = Groups([room])
    mix(rows, groups, 0)
    assert np.flatnonzero(rows.is_mixed).tolist() == [3, 4]
    assert mixed(rows, groups, 1)[0, -1] == 2000


def test_who_is_not_heard_in_a_large_bridge_hears_what_all_hear() -> None:
    """Beside a small bridge, and a large one with a listener of his own."""
    rows = Rows(32)
    rows.pcm[:] = 10
    rows.pcm[[1, 2, 20]] = 1000
    rooms = [
        MixRoom(tuple(range(16, 28)), {27: (16,)}),
        MixRoom(tuple(range(12))),
        MixRoom((28, 29, 30)),
    ]
    groups = Groups(rooms)
    mix(rows, groups, 0)
    heard = mix(rows, groups, 1)
    by_row = dict(zip(groups.rows.tolist(), heard.sounds[heard.which, -1].tolist(), strict=True))
    # Two speak and two places are left for whoever; these hear all but themselves.
    assert (
        by_row[1] == by_row[2] == 1020 and sorted(by_row[r] for r in range(12))[2:4] == [2010] * 2
    )
    assert [by_row[r] for r in range(12)].count(2020) == 8
    assert [by_row[r] for r in (28, 29, 30)] == [20, 20, 20]
    assert by_row[27] in (0, 10) and by_row[20] == 30
    # One for the eight, four of the large bridge, three of the small one, twelve of the special.
    assert len(heard.sounds) == 1 + 4 + 3 + 12
