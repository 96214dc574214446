"""The decode pass: received frames as samples, with what was lost concealed.

G.711 by tables over all rows at once; a codec that remembers leg by leg, with everything around it
(filters, concealment) in columns again. (G.722: media/g722.py.) A row that is heard at 16 kHz has
its samples so and, if it is recorded, at 8 kHz too.

What is heard of a missing frame stands in media/passes/conceal.py, unless the far side said how
loud its quiet is, or its codec covers what is lost by itself (media/inflow.py).
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from media.codecs.fir import DOUBLE, HALVE, THIRD
from media.codecs.g711 import decode
from media.inflow import CONCEALED
from media.passes.conceal import conceal, merge
from media.passes.order import TO_LINEAR
from media.rows import BLOCK, FRAME, RATE, Index, Rows

# White, of RMS 1, within three of it: quiet that nobody mistakes for a broken line.
NOISE: Final = np.clip(np.random.default_rng(3389).standard_normal(RATE), -3, 3).astype(np.float32)


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
    for law, table in TO_LINEAR.items():
        chosen = rows.has_law(hearing, law)
        if chosen.all():
            rows.pcm[hearing, first : first + count] = decode(table, codes)
        elif chosen.any():
            rows.pcm[hearing[chosen], first : first + count] = decode(table, codes[chosen])
    mend(rows, hearing, first, present)


def mend(rows: Rows, r: Index, first: int, present: NDArray[np.bool_]) -> None:
    """Conceals frames that are not there, and fades in those behind them. present: (n, count)."""
    if present.all() and not rows.conceals[r].any():
        return
    is_high = rows.is_high[r]
    for i in range(present.shape[1]):
        is_here = present[:, i]
        for plane, of_plane in ((rows.wide, is_high), (rows.pcm, ~is_high)):
            merge(rows, plane, r[of_plane & is_here], first + i)
            _cover(rows, plane, r[of_plane & ~is_here], first + i)


def decode_objects(rows: Rows, coded: Index, first: int, plays: Index, count: int) -> None:
    """The same for rows with a decoder of their own; plays: (n,) the first frame of each."""
    rows.was_heard[coded] = True
    for i in range(count):
        _decode_frame(rows, coded, first + i, plays + i)


def _decode_frame(rows: Rows, coded: Index, frame: int, plays: Index) -> None:
    high: dict[int, NDArray[np.int16]] = {}
    is_here = np.ones((coded.size, 1), np.bool_)
    started = rows.is_started[coded].tolist()
    for i, (row, play) in enumerate(zip(coded.tolist(), plays.tolist(), strict=True)):
        inflow = rows.inflows[row]
        samples = inflow.frame(play) if started[i] else None
        if samples is None:
            is_here[i] = False
            # The codec has covered it as long as anybody should.
            rows.conceals[row] = CONCEALED if inflow.covered else rows.conceals[row]
            continue
        if inflow.covered and not inflow.is_quiet:
            rows.concealed[row] += 1
        if inflow.needs_past:
            high[row] = samples
        else:
            plane = rows.wide if inflow.rate > RATE else rows.pcm
            plane[row, frame] = samples
    if high:
        rows.wide[list(high), frame] = THIRD.apply(np.stack(list(high.values())))
    mend(rows, coded, frame, is_here)


def narrow(rows: Rows, wide: Index, frame: int) -> None:
    """The frame of rows at 16 kHz at 8 kHz too, for recordings and those who hear no more."""
    if wide.size:
        past = rows.wide[wide, (frame - 1) % BLOCK, -HALVE.history :]
        whole = np.concatenate([past, rows.wide[wide, frame]], axis=1)
        rows.pcm[wide, frame] = HALVE.apply(whole)


def widen(rows: Rows, plain: Index, frame: int) -> None:
    """The frame of narrow rows at 16 kHz, for those in a bridge with somebody wideband."""
    if plain.size:
        past = rows.pcm[plain, (frame - 1) % BLOCK, -DOUBLE.history :]
        whole = np.concatenate([past, rows.pcm[plain, frame]], axis=1)
        rows.wide[plain, frame] = DOUBLE.apply(whole)


def convert_heard(rows: Rows, r: Index, heard: NDArray[np.int16]) -> NDArray[np.int16]:
    """What is heard of a bridge that is mixed at the other rate than the listener's: narrow ones'
    (n, 320) -> (n, 160), wideband ones' (n, 160) -> (n, 320).
    """
    fir = HALVE if heard.shape[1] > FRAME else DOUBLE
    whole = np.concatenate([rows.heard_past[r, -fir.history :], heard], axis=1)
    rows.heard_past[r, -fir.history :] = heard[:, -fir.history :]
    return fir.apply(whole)


def _cover(rows: Rows, plane: NDArray[np.int16], missing: Index, frame: int) -> None:
    """What is heard of rows that have no frame; plane: rows.pcm, or rows.wide."""
    noisy = rows.noise[missing] > 0
    if noisy.any():
        _fill_with_noise(rows, plane, missing[noisy], frame)
        missing = missing[~noisy]
    conceal(rows, plane, missing, frame)


def _fill_with_noise(rows: Rows, plane: NDArray[np.int16], noisy: Index, frame: int) -> None:
    """RFC 3389 4: the far side says how loud its quiet is, and sends nothing until it speaks."""
    size = plane.shape[2]
    # A second of noise is as good as any: each row and frame begins elsewhere in it.
    places = (noisy * 997 + rows.play[noisy] * 1777) % (NOISE.size - size)
    piece = NOISE[places[:, None] + np.arange(size)]
    plane[noisy, frame] = (piece * rows.noise[noisy][:, None]).astype(np.int16)


def noise_amplitude(octet: int) -> float:
    """RFC 3389 3.1: the level of the first octet of a SID frame, in -dBov, as an RMS amplitude."""
    return float(32768 * 10 ** (-(octet & 0x7F) / 20))
