"""The order pass: received frames into a ring by their timestamp, out of it one a tick.

A row starts FIRST_DEPTH frames behind its first packet, so packets may come that late or out of
order. One that comes later still makes the row deeper at once, by as much as it was late, so that
the next like it is heard; a row whose packets come evenly gets shallower, a frame in ten seconds.
What is given up is a frame in which nothing is said, or one that is lost, as long as there is one.
The ring is addressed by samples, so a far phone may send 10, 20 or 30 ms a packet; the usual
20 ms on a 20 ms grid take the way in columns, the others one by one. Packets of a codec that
remembers wait as they are (media/inflow.py); the ring then only says which frames they cover.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from media.codecs.format import TICKS
from media.codecs.g711 import PCMA_TO_LINEAR, PCMU_TO_LINEAR, decode
from media.inflow import Inflow
from media.passes.conceal import break_off
from media.rows import BLOCK, FRAME, HEADER, PACKET, SLOTS, Index, Law, Rows

# Frames of 20 ms. Beyond the deepest, two people interrupt each other (ITU-T G.114).
SHALLOWEST: Final = 1
DEEPEST: Final = 10
# So many times the mean deviation of RFC 3550's jitter covers what is not a rare exception.
SPREAD: Final = 3.0
# A frame that was heard; its packet's copy is not late.
HEARD: Final = 255
# A packet this far from what is heard now is another beginning, not an early or late frame.
MAX_AHEAD: Final = SLOTS - 4
# So many packets in a row too late: the sender's clock or the path changed; begin again.
LATE_LIMIT: Final = 5
# How often the depth is looked at: a sender's crystal gains a frame in minutes, not seconds.
TRIM_TICKS: Final = 100
# So many looks without a late packet before the depth gives up a frame: 10 s. Each frame given up
# too soon is a word that stumbles (benchmarks/loss_lab.py).
CALM_LOOKS: Final = 5
# Looks that a frame too many waits for a pause: people pause within seconds.
PATIENT_LOOKS: Final = 3
# -40 dBFS: nobody speaks in such a frame.
QUIET: Final = 330
# Digital silence by law: of both tables, of an object (none), of a coder of G.722.
SILENCE: Final = np.array([0xD5, 0xFF, 0, 0xFA], np.uint8)
TO_LINEAR: Final = {Law.PCMA: PCMA_TO_LINEAR, Law.PCMU: PCMU_TO_LINEAR}


def store(
    rows: Rows,
    r: Index,
    timestamps: NDArray[np.uint32],
    packets: NDArray[np.uint8],
    starts: NDArray[np.intp],
    sizes: NDArray[np.intp],
) -> None:
    """Puts n payloads into the rings of their rows. packets: (n, size) uint8; others (n,)."""
    rows.noise[r] = 0  # whoever sends sound again is not quiet any more
    is_object = rows.has_law(r, Law.OBJECT)
    if is_object.any():
        some = np.flatnonzero(is_object)
        _store_objects(rows, r[some], timestamps[some], packets[some], starts[some], sizes[some])
        others = np.flatnonzero(~is_object)
        r, timestamps, packets = r[others], timestamps[others], packets[others]
        starts, sizes = starts[others], sizes[others]
    frame, is_usual, _ = _frames(rows, r, timestamps, sizes)
    is_usual &= starts == HEADER
    if is_usual.all():
        _store_usual(rows, r, frame, packets)
        return
    _store_usual(rows, r[is_usual], frame[is_usual], packets[is_usual])
    for i in np.flatnonzero(~is_usual):
        payload = packets[i, starts[i] : starts[i] + sizes[i]]
        place(rows, int(r[i]), int(timestamps[i]), payload)


def _frames(
    rows: Rows, r: Index, timestamps: NDArray[np.uint32], sizes: NDArray[np.intp]
) -> tuple[NDArray[np.int64], NDArray[np.bool_], NDArray[np.int64]]:
    """The frame that each of n payloads begins in, whether it is just that frame and still to be
    heard, and its first sample. sizes: in samples.
    """
    offset = (timestamps - rows.origin[r]).view(np.int32).astype(np.int64)
    unit = rows.unit[r]
    if (unit > 1).any():
        offset //= unit
    frame, rest = np.divmod(offset, FRAME)
    ahead = frame - rows.play[r]
    is_usual = (sizes == FRAME) & (rest == 0) & rows.is_started[r]
    is_usual &= (ahead >= 0) & (ahead < MAX_AHEAD)
    return frame, is_usual, offset


def _store_usual(
    rows: Rows, r: Index, frame: NDArray[np.int64], packets: NDArray[np.uint8]
) -> None:
    rows.ring[r, frame % SLOTS] = packets[:, HEADER:PACKET]
    _take_note(rows, r, frame)


def _take_note(rows: Rows, r: Index, frame: NDArray[np.int64]) -> None:
    """These frames are there, whole."""
    rows.filled[r, frame % SLOTS] = FRAME
    # The same row may come twice in a batch, oldest first: the second look sees the first's head.
    rows.head[r] = np.maximum(rows.head[r], frame)
    rows.late_streak[r] = 0


def _store_objects(
    rows: Rows,
    r: Index,
    timestamps: NDArray[np.uint32],
    packets: NDArray[np.uint8],
    starts: NDArray[np.intp],
    sizes: NDArray[np.intp],
) -> None:
    """The same for codecs that remember: the ring only says which frames are there."""
    inflows = [rows.inflows[row] for row in r.tolist()]
    ends = (starts + sizes).tolist()
    payloads = [
        packet[start:end].tobytes()
        for packet, start, end in zip(packets, starts.tolist(), ends, strict=True)
    ]
    units = [inflow.units(octets) for inflow, octets in zip(inflows, payloads, strict=True)]
    frame, is_usual, offset = _frames(rows, r, timestamps, np.array(units, np.intp))
    _take_note(rows, r[is_usual], frame[is_usual])
    places = zip(is_usual.tolist(), frame.tolist(), offset.tolist(), strict=True)
    for i, (is_this_usual, number, first) in enumerate(places):
        if is_this_usual:
            inflows[i].put(number, first, payloads[i])
        else:
            place(rows, int(r[i]), int(timestamps[i]), np.frombuffer(payloads[i], np.uint8))


def place(rows: Rows, row: int, timestamp: int, payload: NDArray[np.uint8]) -> None:
    """One payload of any length at any sample; starts the row, or starts it anew."""
    inflow = rows.inflows.get(row)
    octets = payload.tobytes() if inflow is not None else b""
    size = payload.size if inflow is None else inflow.units(octets)
    if not 0 < size <= (MAX_AHEAD - DEEPEST) * FRAME:
        return
    offset = _settle(rows, row, timestamp, size)
    if offset is None:
        return
    rows.late_streak[row] = 0
    if inflow is not None:
        _put(rows, row, inflow, offset, size, octets)
    else:
        skipped = max(0, int(rows.play[row]) * FRAME - offset)
        _write(rows, row, offset + skipped, payload[skipped:])


def _settle(rows: Rows, row: int, timestamp: int, size: int) -> int | None:
    """At which sample of the row's stream a payload begins; None: it is too late to be heard."""
    if not rows.is_started[row]:
        _start(rows, row, timestamp)
    offset = _offset(rows, row, timestamp)
    behind = int(rows.play[row]) * FRAME - offset
    if size - behind > MAX_AHEAD * FRAME or behind > MAX_AHEAD * FRAME:
        _start(rows, row, timestamp)
        return 0
    if behind < size:
        return offset
    if rows.filled[row, (offset // FRAME) % SLOTS] == HEARD:
        return None
    rows.late[row] += 1
    if _deepen(rows, row, -(-behind // FRAME)):
        return offset
    # By frames, since nothing here knows its number: packets are 20 ms nearly always.
    rows.reception.bursts.discard(row, int(rows.head[row]) - offset // FRAME)
    rows.late_streak[row] += 1
    if rows.late_streak[row] < LATE_LIMIT:
        return None
    _start(rows, row, timestamp)
    return 0


def _deepen(rows: Rows, row: int, frames: int) -> bool:
    """Wait so much longer from now on, the time covered as a loss is; False: not that long."""
    rows.is_strained[row] = True
    if rows.depth[row] + frames > DEEPEST:
        return False
    rows.depth[row] += frames
    rows.play[row] -= frames
    return True


def _offset(rows: Rows, row: int, timestamp: int) -> int:
    offset = (timestamp - int(rows.origin[row])) & 0xFFFFFFFF
    offset = offset - (1 << 32) if offset >= 1 << 31 else offset
    return offset // int(rows.unit[row])


def _start(rows: Rows, row: int, timestamp: int) -> None:
    rows.is_started[row] = True
    rows.origin[row] = timestamp
    rows.play[row] = -rows.depth[row]
    rows.head[row] = 0
    rows.low_water[row] = SLOTS
    rows.late_streak[row] = 0
    rows.filled[row] = 0
    inflow = rows.inflows.get(row)
    if inflow is not None:
        inflow.clear()


def _put(rows: Rows, row: int, inflow: Inflow, offset: int, size: int, octets: bytes) -> None:
    """A packet waits for its frame; those that it reaches into are covered by it."""
    first, last = offset // FRAME, (offset + size - 1) // FRAME
    play = int(rows.play[row])
    inflow.put(max(first, play), offset, octets)
    for frame in range(max(first, play), last + 1):
        rows.filled[row, frame % SLOTS] = FRAME
    rows.head[row] = max(int(rows.head[row]), last)


def _write(rows: Rows, row: int, offset: int, payload: NDArray[np.uint8]) -> None:
    done = 0
    while done < payload.size:
        frame, begin = divmod(offset + done, FRAME)
        count = min(FRAME - begin, payload.size - done)
        slot = frame % SLOTS
        filled = int(rows.filled[row, slot]) % HEARD
        if not filled:
            rows.ring[row, slot] = SILENCE[rows.law[row]]
        rows.ring[row, slot, begin : begin + count] = payload[done : done + count]
        rows.filled[row, slot] = min(FRAME, filled + count)
        rows.head[row] = max(int(rows.head[row]), frame)
        done += count


def take(rows: Rows, hearing: Index, count: int) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    """The next frames of each row: ((n, count, 160) uint8 codes, (n, count) which there were)."""
    slot, present = pass_by(rows, hearing, count)
    return rows.ring[hearing[:, None], slot], present


def pass_by(rows: Rows, hearing: Index, count: int) -> tuple[Index, NDArray[np.bool_]]:
    """The next frames of each row are heard now: (n, count) their slots, and which there were."""
    row = hearing[:, None]
    play = rows.play[hearing]
    slot = (play[:, None] + np.arange(count)) % SLOTS
    started = rows.is_started[hearing]
    # 0 and HEARD become the two highest numbers of eight bits.
    present = (rows.filled[row, slot] - np.uint8(1) < FRAME) & started[:, None]
    rows.filled[row, slot] = present * np.uint8(HEARD)
    play += count * started
    rows.play[hearing] = play
    depth = rows.head[hearing] - play + 1
    rows.low_water[hearing] = np.minimum(rows.low_water[hearing], depth)
    return slot, present


def trim(rows: Rows, hearing: Index) -> None:
    """Every TRIM_TICKS: a row that was never shallower than needed is to give up a frame."""
    rows.calm_looks[hearing] = np.where(rows.is_strained[hearing], 0, rows.calm_looks[hearing] + 1)
    jitter = rows.reception.jitter[hearing] / rows.reception.clock[hearing]
    needed = SHALLOWEST + np.rint(SPREAD * jitter * TICKS).astype(np.int64)
    needed = np.clip(needed, SHALLOWEST, DEEPEST)
    # Downwards step by step: what was late once comes again sooner than what never was.
    is_calm = rows.calm_looks[hearing] >= CALM_LOOKS
    depth = rows.depth[hearing]
    rows.depth[hearing] = np.maximum(depth - (is_calm & (depth > needed)), needed)
    rows.calm_looks[hearing[is_calm]] = 0
    is_deep = (rows.low_water[hearing] > rows.depth[hearing] + 1) & rows.is_started[hearing]
    rows.excess[hearing] = np.where(is_deep, rows.excess[hearing] + 1, 0)
    rows.low_water[hearing] = SLOTS
    rows.is_strained[hearing] = False


def shed(rows: Rows, hearing: Index, frame: int) -> Index:
    """Rows with a frame too many leave out the one that is due as this frame of the block, if
    nothing is said there or it is lost; after some looks whatever it is. Whose frame was there.
    """
    many = hearing[rows.excess[hearing] > 0]
    if not many.size:
        return many
    slot = rows.play[many] % SLOTS
    is_lost = rows.filled[many, slot] - np.uint8(1) >= FRAME
    is_table = rows.law[many] < int(Law.OBJECT)
    coming = np.zeros(many.size, np.int64)
    for law, table in TO_LINEAR.items():
        of_law = rows.has_law(many, law)
        codes: NDArray[np.uint8] = rows.ring[many[of_law], slot[of_law]]
        coming[of_law] = np.abs(decode(table, codes).astype(np.int64)).max(axis=1, initial=0)
    is_high = rows.is_high[many]
    before = (frame - 1) % BLOCK
    heard = np.zeros(many.size, np.int64)
    for plane, chosen in ((rows.wide, is_high), (rows.pcm, ~is_high)):
        loud = np.abs(plane[many[chosen], before].astype(np.int64))
        heard[chosen] = loud.max(axis=1, initial=0)
    is_quiet = (heard < QUIET) & (~is_table | (coming < QUIET))
    given = is_lost | is_quiet | (rows.excess[many] >= PATIENT_LOOKS)
    many, is_high, is_lost = many[given], is_high[given], is_lost[given]
    for plane, chosen in ((rows.wide, is_high), (rows.pcm, ~is_high)):
        break_off(rows, plane, many[chosen], frame)
    rows.filled[many, rows.play[many] % SLOTS] = 0
    rows.play[many] += 1
    rows.excess[many] = 0
    return many[~is_lost]
