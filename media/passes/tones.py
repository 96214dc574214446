"""The tones pass: keys as two sines in the sound, of all rows that want them at once.

ITU-T Q.23 (the frequencies), Q.24 (what a receiver must take for a key, and what it must not).
10 ms of a row against the eight frequencies is one row of a matrix product; only where two of
them hold most of the sound is looked closer: both sines are fitted to each 10 ms by least squares
(one more product a pair), and by how much their phases turn in 10 ms is how far each is off.

A row of the answer is eleven places of 20 ms a block, 10 ms apart; which keys they make is decided
in media/inband.py. Knows no legs.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from media.inband import NO_PAIR
from media.rows import BLOCK, FRAME, RATE, Index, Rows
from media.tone import DTMF_HIGH, DTMF_LOW, amplitude

# 10 ms: two of them are half of the 40 ms that a key lasts at least (Q.24 table 1).
HOP: Final = 80
HOPS: Final = BLOCK * FRAME // HOP
# Q.24: accepted within 1.5 %, refused from 3.5 % on; between them it is ours to say.
MAX_OFF: Final = 0.02
# Q.24: 0 to -25 dBm0 a tone. Ten more for phones that are quiet; below is the line's noise.
WEAKEST: Final = amplitude(-35.0)
# Q.24: the high group up to 4 dB above the low one, or 8 below. Two more for real telephones.
MAX_TWIST, MIN_TWIST = 10 ** (6 / 20), 10 ** (-10 / 20)
# How much of the sound the two sines are. Noise 12 dB below a key leaves 94 %; of a quarter of an
# hour of our prompts 40 places had 80 % at frequencies up to 2.4 % off, three 90 %, none all this.
PURE: Final = 0.92
# Looked at closer; a sine 1.5 % beside its place keeps 80 % of its power here.
CANDIDATE: Final = 0.5
# In the weaker of two halves: a place that the key only touches is not taken for it, so that
# 23 ms make one place of 20 ms and 40 ms two, wherever they begin.
EVEN: Final = 0.7

_TURNS: Final = np.arange(HOP) / RATE
_FREQUENCIES: Final = np.array(DTMF_LOW + DTMF_HIGH, np.float64)


def _bank() -> NDArray[np.float32]:
    """(HOP, 16): the cosines of the eight frequencies, then their sines."""
    angles = 2 * np.pi * _TURNS[:, None] * _FREQUENCIES
    return np.concatenate([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)


def _fits() -> NDArray[np.float32]:
    """(16 pairs, HOP, 4): samples to the amplitudes of low cosine and sine, high cosine and sine,
    each free of what the other one leaks into it.
    """
    fits = np.empty((16, HOP, 4))
    for pair in range(16):
        two = 2 * np.pi * _TURNS[:, None] * np.array([DTMF_LOW[pair >> 2], DTMF_HIGH[pair & 3]])
        waves = np.stack([np.cos(two), np.sin(two)], axis=2).reshape(HOP, 4)
        fits[pair] = np.linalg.pinv(waves).T
    return fits.astype(np.float32)


_BANK: Final = _bank()
_FITS: Final = _fits()


def find_tones(rows: Rows, r: Index) -> NDArray[np.int8]:
    """The pair of frequencies in each place of the rows' blocks: (n, HOPS) int8, NO_PAIR where
    there is none. A place is the 10 ms before it and its own.
    """
    block = rows.pcm[r].reshape(r.size, BLOCK * FRAME)
    hops = np.concatenate([rows.tone_past[r], block], axis=1).reshape(r.size, HOPS + 1, HOP)
    rows.tone_past[r] = block[:, -HOP:]
    samples = hops.astype(np.float32)
    turned = samples.reshape(-1, HOP) @ _BANK
    power = (turned[:, :8] ** 2 + turned[:, 8:] ** 2).reshape(r.size, HOPS + 1, 8)
    power *= 2 / HOP  # of a whole sine: the energy of its samples
    energy = np.einsum("rhs,rhs->rh", samples, samples)
    both = power[:, 1:] + power[:, :-1]
    whole = energy[:, 1:] + energy[:, :-1]
    low, high = both[..., :4].argmax(axis=2), both[..., 4:].argmax(axis=2)
    found = both[..., :4].max(axis=2) + both[..., 4:].max(axis=2)
    enough = 2 * HOP * WEAKEST**2 / 2
    row, place = np.nonzero((found > CANDIDATE * whole) & (whole > enough))
    pairs = np.full((r.size, HOPS), NO_PAIR, np.int8)
    if row.size:
        pair = low[row, place] * 4 + high[row, place]
        halves = np.stack([samples[row, place], samples[row, place + 1]], axis=1)
        is_key = _are_keys(halves, pair, whole[row, place])
        pairs[row[is_key], place[is_key]] = pair[is_key]
    return pairs


def _are_keys(
    halves: NDArray[np.float32], pair: Index, energy: NDArray[np.float32]
) -> NDArray[np.bool_]:
    """Whether places with most of their sound at a pair are keys by Q.24.

    halves: (m, 2, HOP); pair, energy: (m,).
    """
    fitted = np.matmul(halves, _FITS[pair])  # (m, 2, 4)
    waves = fitted[..., 0::2] - 1j * fitted[..., 1::2]  # (m, half, group)
    frequencies = np.stack([_FREQUENCIES[pair >> 2], _FREQUENCIES[4 + (pair & 3)]], axis=1)
    # A phase turns by a known angle from one half to the next; what is left is how far off it is.
    due = np.exp(-2j * np.pi * frequencies * HOP / RATE)
    off = np.angle(waves[:, 1] * np.conj(waves[:, 0]) * due) * RATE / (2 * np.pi * HOP)
    level = np.abs(waves) / np.sinc(off * HOP / RATE)[:, None, :]
    pure = (level**2).sum(axis=(1, 2)) * HOP / 2 > PURE * energy
    even = (level.min(axis=1) > EVEN * level.max(axis=1)).all(axis=1)
    level = level.mean(axis=1)
    twist = level[:, 1] / np.maximum(level[:, 0], 1e-9)
    is_close = (np.abs(off) <= MAX_OFF * frequencies).all(axis=1)
    is_loud = (level > WEAKEST).all(axis=1)
    fits: NDArray[np.bool_] = (
        pure & even & is_close & is_loud & (twist < MAX_TWIST) & (twist > MIN_TWIST)
    )
    return fits
