"""The decode pass: this tick's frames as samples, with what was lost concealed.

A missing frame repeats the one before at falling loudness (after G.711 appendix I's idea, without
its pitch search), and is silence after 80 ms.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from media.codecs.g711 import PCMA_TO_LINEAR, PCMU_TO_LINEAR, decode
from media.rows import Index, Law, Rows

# Each repeated frame has 60 % of the loudness before; behind the last, silence.
DECAY: Final = 0.6
MAX_REPEATS: Final = 4

_TABLES: Final = {Law.PCMA: PCMA_TO_LINEAR, Law.PCMU: PCMU_TO_LINEAR}


def decode_rows(
    rows: Rows, hearing: Index, codes: NDArray[np.uint8], present: NDArray[np.bool_]
) -> None:
    """Fills rows.pcm of the hearing rows. codes: (n, 160); present: (n,)."""
    rows.was_heard[hearing] = True
    laws = rows.law[hearing]
    for law, table in _TABLES.items():
        chosen = (laws == law) & present
        if chosen.all():
            rows.pcm[hearing] = decode(table, codes)
            rows.conceals[hearing] = 0
            return
        if chosen.any():
            rows.pcm[hearing[chosen]] = decode(table, codes[chosen])
    rows.conceals[hearing[present]] = 0
    conceal(rows, hearing[~present])


def conceal(rows: Rows, missing: Index) -> None:
    """Repeats the last frame of rows that have none."""
    repeats = rows.conceals[missing]
    audible = missing[(repeats < MAX_REPEATS) & rows.is_started[missing]]
    faded = missing[repeats == MAX_REPEATS]
    rows.pcm[audible] = (rows.pcm[audible] * np.float32(DECAY)).astype(np.int16)
    rows.pcm[faded] = 0
    # A pause longer than that is the far phone's silence, not a loss that we cover.
    rows.concealed[audible] += 1
    rows.conceals[missing] = np.minimum(repeats + 1, MAX_REPEATS + 1)
