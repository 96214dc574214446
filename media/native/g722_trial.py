"""What the trial (media/native/trial.py) looks at of G.722's coders."""

from collections.abc import Iterator

import numpy as np

from media.native import g722
from media.native.functions import DECODE_G722, ENCODE_G722, Loops
from media.native.g722_tables import inverses, tables


def coded(loops: Loops) -> Iterator[object]:
    """Two coders; what is decoded at 8 and at 16 kHz changes in between. Frames of noise.
    (Interpreted this takes 10 ms a frame, so it is few.)
    """
    size = 2 * g722.FRAME
    noise = np.random.default_rng(722).integers(-32768, 32768, (3, 2, size)).astype(np.int16)
    jobs, count = np.zeros((2, g722.JOB), np.int64), np.array([2], np.int64)
    octets, sounds = np.zeros((2, g722.FRAME), np.uint8), np.zeros((2, size), np.int16)
    work, other = np.zeros(g722.WORK, np.int32), np.zeros((2, size), np.int16)
    words = np.zeros((2, 2, g722.STATE), np.int32)
    columns = (tables(), inverses(), work, octets, sounds, count)
    encode = loops.bind(ENCODE_G722, (jobs, words[0], *columns))
    decoded = (jobs, words[1], tables(), work, octets, sounds, other, count)
    decode = loops.bind(DECODE_G722, decoded)
    for loudness, turn in ((0, 0), (5, 0), (14, 1)):
        for row in range(2):
            how = (g722.NARROW, g722.WIDE)[row ^ turn]
            jobs[row] = (row, row * g722.FRAME, row * size, how)
        sounds[:] = noise[turn] >> loudness
        yield encode()
        yield decode()
        yield from (column.tobytes() for column in (octets, sounds, other, words, work))
