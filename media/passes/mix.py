"""The mix pass: what everybody hears who hears more than one.

A mixing matrix a bridge, in one of two shapes. Where everybody hears all the others (a conference)
it is the sum of all minus oneself, as sums over segments of one array. Where somebody hears only
certain ones (listen, whisper) it is a matrix product; bridges of one size are multiplied at once.
Of a large bridge only the loudest are mixed: fifty open microphones are fifty rooms' noise. So
most of its members hear the very same, which is made - and encoded - once.
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


@dataclass(frozen=True, slots=True)
class Heard:
    """Few sounds, and who hears which."""

    sounds: NDArray[np.int16]
    """(k, 160), or (k, 320) at 16 kHz."""
    which: Index
    """(n,): by row of the groups, its sound."""


class Groups:
    """The rows of all mixing bridges, bridge after bridge: those that need a matrix last."""

    def __init__(self, rooms: list[MixRoom]) -> None:
        plain = [room for room in rooms if not room.exactly]
        special = sorted((room for room in rooms if room.exactly), key=lambda r: len(r.rows))
        self.rooms = plain + special
        self.rows: Index = _index(row for room in self.rooms for row in room.rows)
        sizes = _index(len(room.rows) for room in self.rooms)
        starts = np.cumsum(sizes) - sizes
        self.starts = starts[: len(plain)]
        self.plain = int(sizes[: len(plain)].sum())
        muted = [row in room.muted for room in self.rooms for row in room.rows]
        self.is_open: NDArray[np.bool_] = ~np.array(muted, np.bool_)
        self.is_muting = not bool(self.is_open.all())
        self.matrices = _stacked(special)
        # Whom each row hears, if all bridges are of two: nothing is to be mixed then.
        is_pairs = not special and not self.is_muting and bool((sizes == 2).all())
        self.partners = self.rows.reshape(-1, 2)[:, ::-1].reshape(-1) if is_pairs else None
        self._find_crowds(sizes, starts, len(plain))

    def _find_crowds(self, sizes: Index, starts: Index, plain: int) -> None:
        """The members of large bridges, by place, and whom each row has its sound from."""
        is_large = sizes > SMALL
        # The bridge of each row; the place of each row in its bridge.
        self.room: Index = np.repeat(np.arange(sizes.size), sizes)
        rank = np.arange(self.rows.size) - starts[self.room]
        self.crowd = np.flatnonzero(is_large[self.room])
        self.crowd_rank = rank[self.crowd]
        # Of large bridges that need no matrix: what all hear who are not heard themselves.
        self.common = np.flatnonzero(is_large[:plain])
        self.common_of = np.cumsum(is_large)[self.room] - 1
        self.hears_own: NDArray[np.bool_] = ~is_large[self.room] | (self.room >= plain)

    def __len__(self) -> int:
        return len(self.rooms)


def _index(values: object) -> Index:
    return np.fromiter(values, np.intp)  # type: ignore[call-overload,no-any-return]


def _stacked(rooms: list[MixRoom]) -> list[Sound]:
    """(k, n, n) for each size n, smallest first."""
    sizes = sorted({len(room.rows) for room in rooms})
    return [np.stack([r.matrix() for r in rooms if len(r.rows) == n]) for n in sizes]


def mix(rows: Rows, groups: Groups, frame: int, is_wide: bool = False) -> Heard:
    """What the rows of the groups hear in one frame of the block, clipped.

    `is_wide`: in bridges with somebody wideband all is mixed at 16 kHz.
    """
    plane = rows.wide if is_wide else rows.pcm
    if groups.partners is not None:
        return Heard(plane[groups.partners, frame], np.arange(groups.partners.size))
    said = plane[groups.rows, frame].astype(np.float32)
    own = groups.hears_own
    if groups.crowd.size:
        own = own.copy()
        own[groups.crowd] |= _keep_loudest(rows, groups, said)
    if groups.is_muting:
        said[~groups.is_open] = 0
    made, end = [], groups.plain
    if end:
        total = np.add.reduceat(said[:end], groups.starts, axis=0)
        alone = np.flatnonzero(own[:end])
        made += [total[groups.common], total[groups.room[alone]] - said[alone]]
    for matrix in groups.matrices:
        count, size, _ = matrix.shape
        blocks = said[end : end + count * size].reshape(count, size, -1)
        made.append(np.matmul(matrix, blocks).reshape(count * size, -1))
        end += count * size
    heard = np.concatenate(made)
    sounds: NDArray[np.int16] = np.clip(heard, -32768, 32767, out=heard).astype(np.int16)
    # In the order in which they were made.
    alone = np.flatnonzero(own)
    which = groups.common_of.copy()
    which[alone] = groups.common.size + np.arange(alone.size)
    return Heard(sounds, which)


def _keep_loudest(rows: Rows, groups: Groups, said: Sound) -> NDArray[np.bool_]:
    """Silences whoever of a large bridge is not among its loudest; who comes or goes is faded.
    Returns who of the crowd is heard.
    """
    crowd = groups.crowd
    r = groups.rows[crowd]
    level = np.abs(said[crowd]).mean(axis=1)
    before = rows.loudness[r]
    loudness = before + (level - before) * np.where(level > before, _ATTACK, _RELEASE)
    rows.loudness[r] = loudness
    was_mixed = rows.is_mixed[r]
    rank = np.where(was_mixed, loudness * _HOLD, loudness)
    rank[~groups.is_open[crowd]] = -1  # a muted one takes nobody's place
    # Bridge by bridge, the loudest first.
    order = np.lexsort((-rank, groups.room[crowd]))
    is_mixed = np.empty(r.size, np.bool_)
    is_mixed[order] = groups.crowd_rank < LOUDEST
    is_mixed &= loudness > 0
    rows.is_mixed[r] = is_mixed
    rise = _RISE[said.shape[1]]
    said[crowd[is_mixed & ~was_mixed]] *= rise
    said[crowd[was_mixed & ~is_mixed]] *= rise[::-1]
    is_heard = is_mixed | was_mixed
    said[crowd[~is_heard]] = 0
    return is_heard
