"""G.722 at 64 kbit/s: frames of 20 ms of many rows, decoded and encoded.

ITU-T G.722 (09/2012) 3 and 4, RFC 3551 4.5.2. The names of the blocks are the recommendation's.
Two bands of 8 kHz, each coded as what differs from what a filter of two poles and six zeros
foretells; the filter follows the voice at either end alike. The low band alone is a telephone's
voice at 8 kHz, and decoding it costs two fifths: so a row is NARROW where nobody hears more.
(Encoding the low band alone would mirror the voice into the high one: PESQ wb 1.9 instead of 2.8.)

Written for two readers, as media/native/pump.py is; but interpreted it takes 10 ms a frame, so a
worker whose loops are not compiled asks libg722 (media/subbands.py), which makes the same octets
and samples. What a coder remembers stands in 32-bit words that begin as zeros.
"""

from typing import Final

from media.native.g722_tables import (
    ABOVE,
    BELOW,
    COARSE,
    FAR,
    FILTER,
    FINE,
    GROWTH,
    HIGH,
    HIGH_GROWTH,
    HIGH_MOST,
    HIGH_STEP,
    INTERVAL,
    INVERSE_BITS,
    LOW_MOST,
    LOW_STEP,
)

FRAME: Final = 160  # octets of 20 ms, and samples of each band
TAPS: Final = 24
ZEROS: Final = 6

# What a coder remembers, by word: how its last frame was coded (NARROW, WIDE; 0: it had none), the
# last samples of its filter between two bands and one signal, and each of the bands.
STATE: Final = 64
MODE: Final = 0
NARROW: Final = 1
WIDE: Final = 2
PAST: Final = 1
LOW: Final = PAST + TAPS - 2
BAND: Final = 20
HIGH_BAND: Final = LOW + BAND
# Of a band: what is foretold, by the zeros alone, the poles, the last two sums of zeros and
# difference, the last sample, the logarithm of the step, the zeros, the last six differences.
FORETOLD: Final = 0
BY_ZEROS: Final = 1
POLE_1: Final = 2
POLE_2: Final = 3
PARTIAL_1: Final = 4
PARTIAL_2: Final = 5
SAMPLE: Final = 6
LOGARITHM: Final = 7
ZERO: Final = 8
DIFFERENCE: Final = ZERO + ZEROS

# Where a frame is worked on: the differences of both bands, and the filter's samples, each behind
# those of the frame before.
WORKED_LOW: Final = 0
WORKED_HIGH: Final = ZEROS + FRAME
WORKED: Final = 2 * WORKED_HIGH
WORK: Final = WORKED + TAPS - 2 + 2 * FRAME

# A job is one frame of a row: whose, the first octet, the first sample, and how it is decoded.
JOB: Final = 4
ROW: Final = 0
OCTET: Final = 1
SOUND: Final = 2
HOW: Final = 3


def limit(number: int) -> int:
    """To 16 bits, as the recommendation's arithmetic does."""
    return min(max(number, -32768), 32767)


def foretell(words: memoryview, band: int, work: memoryview, at: int, difference: int) -> None:
    """The filter follows the difference, and foretells the next sample (block 4)."""
    partial_1, sample_1 = words[band + PARTIAL_1], words[band + SAMPLE]
    partial = limit(words[band + BY_ZEROS] + difference)
    sample = limit(words[band + FORETOLD] + difference)
    pole_1, pole_2 = words[band + POLE_1], words[band + POLE_2]
    is_alike = (partial ^ partial_1) >= 0
    # UPPOL2, UPPOL1: the poles lean towards the signs of what came last.
    lean = limit(pole_1 << 2)
    lean = min(-lean, 32767) if is_alike else lean
    turn = 128 if (partial ^ words[band + PARTIAL_2]) >= 0 else -128
    pole_2 = min(max((pole_2 * 32512 >> 15) + (lean >> 7) + turn, -12288), 12288)
    most = 15360 - pole_2
    pole_1 = (pole_1 * 32640 >> 15) + (192 if is_alike else -192)
    pole_1 = min(max(pole_1, -most), most)
    # UPZERO, DELAYA, FILTEZ
    work[at] = difference
    step, total = (128 if difference != 0 else 0), 0
    for i in range(ZEROS):
        turn = step if (work[at - 1 - i] ^ difference) >= 0 else -step
        zero = (words[band + ZERO + i] * 32640 >> 15) + turn
        words[band + ZERO + i] = zero
        total += zero * work[at - i] >> 14
    by_zeros = limit(total)
    # FILTEP, PREDIC
    by_poles = (pole_1 * limit(2 * sample) >> 15) + (pole_2 * limit(2 * sample_1) >> 15)
    words[band + FORETOLD] = limit(limit(by_poles) + by_zeros)
    words[band + BY_ZEROS], words[band + SAMPLE] = by_zeros, sample
    words[band + POLE_1], words[band + POLE_2] = pole_1, pole_2
    words[band + PARTIAL_1], words[band + PARTIAL_2] = partial, partial_1


def follow_low(
    words: memoryview, band: int, tables: memoryview, work: memoryview, at: int, code: int
) -> None:
    """The low band goes on behind this code word (blocks 2L and 3L)."""
    logarithm, coarse = words[band + LOGARITHM], code >> 2
    step = tables[LOW_STEP + (logarithm >> 6)]
    logarithm = (logarithm * 127 >> 7) + tables[GROWTH + coarse]
    words[band + LOGARITHM] = min(max(logarithm, 0), LOW_MOST)
    foretell(words, band, work, at, step * tables[COARSE + coarse] >> 15)


def follow_high(
    words: memoryview, band: int, tables: memoryview, work: memoryview, at: int, code: int
) -> int:
    """And the high one (blocks 2H and 3H); its sample."""
    logarithm = words[band + LOGARITHM]
    difference = tables[HIGH_STEP + (logarithm >> 6)] * tables[HIGH + code] >> 15
    sample = words[band + FORETOLD] + difference
    logarithm = (logarithm * 127 >> 7) + tables[HIGH_GROWTH + code]
    words[band + LOGARITHM] = min(max(logarithm, 0), HIGH_MOST)
    foretell(words, band, work, at, difference)
    return min(max(sample, -16384), 16383)


def decode_low(
    words: memoryview, band: int, tables: memoryview, work: memoryview, at: int, code: int
) -> int:
    """Blocks 5L and 6L: all six bits."""
    step = tables[LOW_STEP + (words[band + LOGARITHM] >> 6)]
    sample = words[band + FORETOLD] + (step * tables[FINE + code] >> 15)
    follow_low(words, band, tables, work, at, code)
    return min(max(sample, -16384), 16383)


def encode_low(
    words: memoryview, band: int, tables: memoryview, inverses: memoryview, work: memoryview,
    at: int, sample: int,
) -> int:  # fmt: skip
    """Blocks SUBTRA and QUANTL."""
    step = tables[LOW_STEP + (words[band + LOGARITHM] >> 6)]
    error = limit(sample - words[band + FORETOLD])
    size = error if error >= 0 else -1 - error
    # The least end of an interval, in 1/4096 of the step, that the error is below: divided by the
    # step, and rounded up. An error of a whole step is in the last interval already.
    part = (min(size, step) + 1 << 12) + step - 1
    end = part * inverses[words[band + LOGARITHM] >> 6] >> INVERSE_BITS
    interval = tables[INTERVAL + min(end, FAR)]
    code = tables[(ABOVE if error >= 0 else BELOW) + interval]
    follow_low(words, band, tables, work, at, code)
    return code


def encode_high(
    words: memoryview, band: int, tables: memoryview, work: memoryview, at: int, sample: int
) -> int:
    """Blocks SUBTRA and QUANTH."""
    step = tables[HIGH_STEP + (words[band + LOGARITHM] >> 6)]
    error = limit(sample - words[band + FORETOLD])
    size = error if error >= 0 else -1 - error
    code = (2 if error >= 0 else 0) + (0 if size >= 564 * step >> 12 else 1)
    follow_high(words, band, tables, work, at, code)
    return code


def begin(words: memoryview, at: int, work: memoryview, how: int) -> None:
    """What a frame needs of the one before it, in front of where it is worked on.

    Who was narrow knows nothing of the high band: it begins anew.
    """
    if how == WIDE and words[at + MODE] != WIDE:
        for i in range(PAST, LOW):
            words[at + i] = 0
        for i in range(HIGH_BAND, HIGH_BAND + BAND):
            words[at + i] = 0
    words[at + MODE] = how
    for i in range(ZEROS):
        work[WORKED_LOW + i] = words[at + LOW + DIFFERENCE + i]
        work[WORKED_HIGH + i] = words[at + HIGH_BAND + DIFFERENCE + i]
    for i in range(TAPS - 2):
        work[WORKED + i] = words[at + PAST + i]


def end(words: memoryview, at: int, work: memoryview, how: int) -> None:
    """And what the next one will need of it."""
    for i in range(ZEROS):
        words[at + LOW + DIFFERENCE + i] = work[WORKED_LOW + FRAME + i]
    if how == WIDE:
        for i in range(ZEROS):
            words[at + HIGH_BAND + DIFFERENCE + i] = work[WORKED_HIGH + FRAME + i]
        for i in range(TAPS - 2):
            words[at + PAST + i] = work[WORKED + 2 * FRAME + i]


def filtered(work: memoryview, at: int, tables: memoryview, first: int, step: int) -> int:
    """Every other one of the 24 samples from there on, by the filter forwards or backwards."""
    total = 0
    for i in range(TAPS // 2):
        total += work[at + 2 * i] * tables[first + step * i]
    return total


def decode_g722(
    jobs: memoryview, words: memoryview, tables: memoryview, work: memoryview, octets: memoryview,
    narrow: memoryview, wide: memoryview, count: memoryview,
) -> int:  # fmt: skip
    """So many jobs: octets to samples at 8 or at 16 kHz."""
    last = FILTER + TAPS // 2 - 1
    for job in range(0, count[0] * JOB, JOB):
        row, octet = jobs[job + ROW] * STATE, jobs[job + OCTET]
        sound, how = jobs[job + SOUND], jobs[job + HOW]
        begin(words, row, work, how)
        for i in range(FRAME):
            code, at = octets[octet + i], WORKED_LOW + ZEROS + i
            low = decode_low(words, row + LOW, tables, work, at, code & 63)
            if how == NARROW:
                narrow[sound + i] = low << 1
                continue
            at += WORKED_HIGH
            high = follow_high(words, row + HIGH_BAND, tables, work, at, code >> 6)
            at = WORKED + 2 * i
            work[at + TAPS - 2], work[at + TAPS - 1] = low + high, low - high
            wide[sound + 2 * i] = limit(filtered(work, at + 1, tables, last, -1) >> 11)
            wide[sound + 2 * i + 1] = limit(filtered(work, at, tables, FILTER, 1) >> 11)
        end(words, row, work, how)
    return 0


def encode_g722(
    jobs: memoryview, words: memoryview, tables: memoryview, inverses: memoryview,
    work: memoryview, octets: memoryview, sounds: memoryview, count: memoryview,
) -> int:  # fmt: skip
    """So many jobs: samples at 16 kHz to octets."""
    last = FILTER + TAPS // 2 - 1
    for job in range(0, count[0] * JOB, JOB):
        row, octet, sound = jobs[job + ROW] * STATE, jobs[job + OCTET], jobs[job + SOUND]
        begin(words, row, work, WIDE)
        for i in range(FRAME):
            at, place = WORKED_LOW + ZEROS + i, WORKED + 2 * i
            work[place + TAPS - 2] = sounds[sound + 2 * i]
            work[place + TAPS - 1] = sounds[sound + 2 * i + 1]
            odd = filtered(work, place, tables, FILTER, 1)
            even = filtered(work, place + 1, tables, last, -1)
            code = encode_low(words, row + LOW, tables, inverses, work, at, even + odd >> 14)
            at += WORKED_HIGH
            high = encode_high(words, row + HIGH_BAND, tables, work, at, even - odd >> 14)
            octets[octet + i] = high << 6 | code
        end(words, row, work, WIDE)
    return 0
