"""The mix pass: in a bridge of three or more everybody hears the sum of the others."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from media.rows import Index, Rows


@dataclass(frozen=True, slots=True)
class Groups:
    """The rows of all mixing bridges, bridge after bridge."""

    rows: Index  # (n,)
    starts: Index  # (bridges,) where each begins in `rows`
    counts: Index  # (bridges,)

    @classmethod
    def of(cls, bridges: list[list[int]]) -> "Groups":
        counts = np.array([len(members) for members in bridges], np.intp)
        rows = np.array([row for members in bridges for row in members], np.intp)
        return cls(rows, np.cumsum(counts) - counts, counts)


def mix(rows: Rows, groups: Groups, frame: int) -> NDArray[np.int16]:
    """What each row of the groups hears in one frame of the block: (n, 160) int16, clipped."""
    said = rows.pcm[groups.rows, frame].astype(np.int32)
    total = np.add.reduceat(said, groups.starts, axis=0)
    heard = np.repeat(total, groups.counts, axis=0) - said
    mixed: NDArray[np.int16] = np.clip(heard, -32768, 32767).astype(np.int16)
    return mixed
