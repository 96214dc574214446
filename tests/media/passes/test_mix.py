"""The mix pass: everybody hears the others."""

from media.passes.mix import Groups, mix
from media.rows import Rows


def test_two_bridges_at_once_and_nobody_hears_himself() -> None:
    rows = Rows(8)
    for row in range(8):
        rows.pcm[row, 3] = 10**row if row < 4 else row
    heard = mix(rows, Groups.of([[0, 1, 2], [4, 5, 6, 7]]), 3)
    assert heard[:, 0].tolist() == [110, 101, 11, 18, 17, 16, 15]


def test_the_sum_is_clipped() -> None:
    rows = Rows(3)
    rows.pcm[:, 0] = -30000
    assert (mix(rows, Groups.of([[0, 1, 2]]), 0) == -32768).all()
