"""What is heard of packets that a network lost or delayed: by our passes, and by a plain buffer.

Both take payloads of 20 ms and when each arrives (infinite: never), and give samples at the codec's
rate. Time is virtual.
"""

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from media.codecs.format import G722, OPUS, PCMA, WIDE, Format
from media.codecs.g711 import LINEAR_TO_PCMA, PCMA_TO_LINEAR
from media.codecs.stream import decoder_rate, make_decoder, make_encoder
from media.inflow import Inflow
from media.passes.decode import decode_objects, decode_rows
from media.passes.order import TRIM_TICKS, place, shed, take, trim
from media.rows import BLOCK, FRAME, RATE, Law, Rows

TICK: Final = FRAME / RATE
FIXED: Final = 0.060
FORMATS: Final = {"G.711": PCMA, "G.722": G722, "Opus": OPUS}

Samples = NDArray[np.int16]
Times = NDArray[np.float64]
Receiver = Callable[[Format, list[bytes], Times], Samples]


def coded(format: Format, samples: Samples) -> list[bytes]:
    """Payloads of 20 ms."""
    size = round(format.rate * TICK)
    pieces = [samples[i : i + size] for i in range(0, samples.size - size + 1, size)]
    if format.is_table:
        return [LINEAR_TO_PCMA[one.view(np.uint16)].tobytes() for one in pieces]
    encoder = make_encoder(format, 20)
    return [payload for one in pieces for payload in encoder.encode(one)]


def decoded(format: Format, payloads: list[bytes], there: NDArray[np.bool_]) -> Samples:
    """Frame after frame, silence for those that are not there."""
    if format.is_table:
        frames = PCMA_TO_LINEAR[np.frombuffer(b"".join(payloads), np.uint8)].reshape(-1, FRAME)
        return np.where(there[:, None], frames, 0).astype(np.int16).reshape(-1)
    assert decoder_rate(format) == WIDE, "without libopus nothing is measured"
    decoder = make_decoder(format)
    quiet = np.zeros(round(WIDE * TICK), np.int16)
    pairs = zip(payloads, there.tolist(), strict=True)
    return np.concatenate([decoder.decode(one) if is_there else quiet for one, is_there in pairs])


def ours(format: Format, payloads: list[bytes], arrivals: Times) -> Samples:
    """What our passes make of the packets, tick by tick."""
    rows, r, heard = _row(format), np.zeros(1, np.intp), []
    plane = rows.wide if format.is_wide else rows.pcm
    order, following = np.argsort(arrivals, kind="stable"), 0
    for tick in range(len(payloads) + 15):
        while following < order.size and arrivals[order[following]] <= tick * TICK:
            number = int(order[following])
            at, stamp = arrivals[number : number + 1], format.step * number
            rows.reception.observe(r, np.array([number % 65536]), np.array([stamp]), at)
            place(rows, 0, stamp, np.frombuffer(payloads[number], np.uint8))
            following += 1
        frame = tick % BLOCK
        shed(rows, r, frame)
        plays = rows.play[r].copy()
        codes, present = take(rows, r, 1)
        if format.is_table:
            decode_rows(rows, r, frame, codes, present)
        else:
            decode_objects(rows, r, frame, plays, 1)
        heard.append(plane[0, frame].copy())
        if tick % TRIM_TICKS == TRIM_TICKS - 1:
            trim(rows, r)
    return np.concatenate(heard)


def _row(format: Format) -> Rows:
    rows = Rows(1)
    rows.unit[0], rows.reception.clock[0] = format.unit, format.clock
    if not format.is_table:
        rows.law[0], rows.is_wide[0] = Law.OBJECT, format.is_wide
        rows.inflows[0] = Inflow(format)
    return rows


def fixed(format: Format, payloads: list[bytes], arrivals: Times) -> Samples:
    """60 ms behind the first packet, silence for what is not there by then."""
    start = arrivals[np.isfinite(arrivals)][0] + FIXED
    there = arrivals <= start + np.arange(len(payloads)) * TICK
    wait = np.zeros(round(start * format.rate), np.int16)
    return np.concatenate([wait, decoded(format, payloads, there)])


RECEIVERS: Final[dict[str, Receiver]] = {"ours": ours, "fixed": fixed}
