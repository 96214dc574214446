"""The decode pass: received frames as samples, with what was lost concealed.

A missing frame repeats the one before at falling loudness (after G.711 appendix I's idea, without
its pitch search), and is silence after 80 ms.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from media.codecs.g711 import PCMA_TO_LINEAR, PCMU_TO_LINEAR, decode
from media.rows import BLOCK, Index, Law, Rows

# Each repeated frame has 60 % of the loudness before; behind the last, silence.
DECAY: Final = np.float32(0.6)
MAX_REPEATS: Final = 4

_TABLES: Final = {Law.PCMA: PCMA_TO_LINEAR, Law.PCMU: PCMU_TO_LINEAR}


def decode_rows(
    rows: Rows,
    hearing: Index,
    first: int,
    codes: NDArray[np.uint8],
    present: NDArray[np.bool_],
) -> None:
    """Fills the frames from `first` on of the rows' blocks.

    codes: (n, count, 160); present: (n, count).
    """
    count = codes.shape[1]
    rows.was_heard[hearing] = True
    laws = rows.law[hearing]
    for law, table in _TABLES.items():
        chosen = laws == law
        if chosen.all():
            rows.pcm[hearing, first : first + count] = decode(table, codes)
        elif chosen.any():
            rows.pcm[hearing[chosen], first : first + count] = decode(table, codes[chosen])
    if present.all():
        rows.conceals[hearing] = 0
        return
    for i in range(count):
        rows.conceals[hearing[present[:, i]]] = 0
        conceal(rows, hearing[~present[:, i]], first + i)


def conceal(rows: Rows, missing: Index, frame: int) -> None:
    """Repeats the frame before of rows that have none."""
    repeats = rows.conceals[missing]
    is_audible = (repeats < MAX_REPEATS) & rows.is_started[missing]
    audible = missing[is_audible]
    before = rows.pcm[audible, (frame - 1) % BLOCK]
    rows.pcm[audible, frame] = (before * DECAY).astype(np.int16)
    rows.pcm[missing[~is_audible], frame] = 0
    # A pause longer than that is the far phone's silence, not a loss that we cover.
    rows.concealed[audible] += 1
    rows.conceals[missing] = np.minimum(repeats + 1, MAX_REPEATS)
