"""The mix pass: what everybody hears who hears more than one.

A mixing matrix a bridge, in one of two shapes. Where everybody hears all the others (a conference)
it is the sum of all minus oneself, as sums over segments of one array. Where somebody hears only
certain ones (listen, whisper) it is a matrix product; bridges of one size are multiplied at once.
Of a large bridge only the loudest are mixed: fifty open microphones are fifty rooms' noise.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from media.rows import FRAME, WIDE_FRAME, Index, Rows

# Up to so many everybody is mixed; in a larger bridge only the LOUDEST are.
SMALL: Final = 8
LOUDEST: Final = 4
# A word is let in with its first frame, and pauses between words do not end a turn (0.3 s).
_ATTACK: Final = np.float32(0.5)
_RELEASE: Final = np.float32(0.06)
# Whoever is mixed stays so until somebody is clearly louder: turns do not flicker.
_HOLD: Final = np.float32(1.5)

_RISE: Final = {size: np.linspace(0, 1, size, dtype=np.float32) for size in (FRAME, WIDE_FRAME)}

Sound = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class MixRoom:
    """One mixing bridge by rows. `exactly`: whom a row hears, if not all others."""

    rows: tuple[int, ...]
    exactly: Mapping[int, tuple[int, ...]] = field(default_factory=dict)
    muted: frozenset[int] = frozenset()

    def matrix(self) -> Sound:
        """(n, n): [hearer, speaker]."""
        place = {row: i for i, row in enumerate(self.rows)}
        matrix = np.ones((len(place), len(place)), np.float32)
        for row, whom in self.exactly.items():
            matrix[place[row]] = 0
            matrix[place[row], [place[one] for one in whom]] = 1
        np.fill_diagonal(matrix, 0)
        return matrix


class Groups:
    """The rows of all mixing bridges, bridge after bridge: those that need a matrix last."""

    def __init__(self, rooms: list[MixRoom]) -> None:
        plain = [room for room in rooms if not room.exactly]
        special = sorted((room for room in rooms if room.exactly), key=lambda r: len(r.rows))
        self.rooms = plain + special
        self.rows: Index = _index(row for room in self.rooms for row in room.rows)
        sizes = _index(len(room.rows) for room in self.rooms)
        starts = np.cumsum(sizes) - sizes
        self.starts, self.counts = starts[: len(plain)], sizes[: len(plain)]
        self.plain = int(self.counts.sum())
        muted = [row in room.muted for room in self.rooms for row in room.rows]
        self.is_open: NDArray[np.bool_] = ~np.array(muted, np.bool_)
        self.is_muting = not bool(self.is_open.all())
        self.large = [
            slice(int(a), int(a + n)) for a, n in zip(starts, sizes, strict=True) if n > SMALL
        ]
        self.matrices = _stacked(special)

    def __len__(self) -> int:
        return len(self.rooms)


def _index(values: object) -> Index:
    return np.fromiter(values, np.intp)  # type: ignore[call-overload,no-any-return]


def _stacked(rooms: list[MixRoom]) -> list[Sound]:
    """(k, n, n) for each size n, smallest first."""
    sizes = sorted({len(room.rows) for room in rooms})
    return [np.stack([r.matrix() for r in rooms if len(r.rows) == n]) for n in sizes]


def mix(rows: Rows, groups: Groups, frame: int, is_wide: bool = False) -> NDArray[np.int16]:
    """What each row of the groups hears in one frame of the block: (n, 160) int16, clipped.

    `is_wide`: in bridges with somebody wideband all is mixed at 16 kHz: (n, 320).
    """
    plane = rows.wide if is_wide else rows.pcm
    said = plane[groups.rows, frame].astype(np.float32)
    if groups.large:
        _keep_loudest(rows, groups, said)
    if groups.is_muting:
        said[~groups.is_open] = 0
    heard = np.empty_like(said)
    end = groups.plain
    if end:
        total = np.add.reduceat(said[:end], groups.starts, axis=0)
        np.subtract(np.repeat(total, groups.counts, axis=0), said[:end], out=heard[:end])
    for matrix in groups.matrices:
        count, size, _ = matrix.shape
        part = slice(end, end + count * size)
        blocks = said[part].reshape(count, size, -1)
        heard[part] = np.matmul(matrix, blocks).reshape(count * size, -1)
        end = part.stop
    mixed: NDArray[np.int16] = np.clip(heard, -32768, 32767, out=heard).astype(np.int16)
    return mixed


def _keep_loudest(rows: Rows, groups: Groups, said: Sound) -> None:
    """Silences whoever of a large bridge is not among its loudest; who comes or goes is faded."""
    for part in groups.large:
        r = groups.rows[part]
        level = np.abs(said[part]).mean(axis=1)
        before = rows.loudness[r]
        loudness = before + (level - before) * np.where(level > before, _ATTACK, _RELEASE)
        rows.loudness[r] = loudness
        was_mixed = rows.is_mixed[r]
        rank = np.where(was_mixed, loudness * _HOLD, loudness)
        rank[~groups.is_open[part]] = -1  # a muted one takes nobody's place
        is_mixed = np.zeros(r.size, np.bool_)
        is_mixed[np.argpartition(rank, -LOUDEST)[-LOUDEST:]] = True
        is_mixed &= loudness > 0
        rows.is_mixed[r] = is_mixed
        block = said[part]
        rise = _RISE[block.shape[1]]
        block[is_mixed & ~was_mixed] *= rise
        block[was_mixed & ~is_mixed] *= rise[::-1]
        block[~(is_mixed | was_mixed)] = 0
