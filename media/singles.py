"""Legs that are spoken to one by one: those with an encoder, or a packet length, of their own.

RFC 3550 5.1: numbers go on without a gap. RFC 4733 2.5.1.3: a key that passes from one clock to
another keeps its beginning, and its duration is counted in the other's units.
What they hear is decided in media/outputs.py.
"""

import numpy as np
from numpy.typing import NDArray

from media.dtmf import MAX_DURATION, TelephoneEvent, build_event, parse_event
from media.legs import Leg, PassedKey
from media.passes.play import play
from media.rows import HEADER, Law, Rows
from media.rtp import build_header


def play_single(rows: Rows, leg: Leg, now: float) -> bool:
    """The leg's next frame of its sound, sent; True if it was the last one."""
    voice = leg.voice
    if voice is None or leg.outflow is None:
        return False
    if voice.law is Law.OBJECT:
        _send(rows, leg, leg.outflow.encode(voice.softened(leg.tail)), now)
    else:
        play(rows, leg.row, voice, leg.tail)
        pack_single(rows, leg, now)
    leg.tail = None
    return not voice.is_loop and voice.is_over


def say_single(rows: Rows, leg: Leg, heard: NDArray[np.int16], now: float) -> None:
    """A frame of what the leg hears, at its rate."""
    if leg.outflow is None:
        return
    if leg.line.law is Law.OBJECT:
        _send(rows, leg, leg.outflow.encode(heard), now)
    else:
        pack_single(rows, leg, now)


def pack_single(rows: Rows, leg: Leg, now: float) -> None:
    """The same of a leg whose frame stands in its row's packet already."""
    if leg.outflow is not None:
        payloads = leg.outflow.pack(rows.packets[leg.row, HEADER:].tobytes())
        _send(rows, leg, payloads, now)


def _send(rows: Rows, leg: Leg, payloads: list[bytes], now: float) -> None:
    row, outflow, kind = leg.row, leg.outflow, leg.line.type_out
    assert outflow is not None
    for payload in payloads:
        timestamp, marker = int(rows.timestamp_out[row]), bool(rows.marker_out[row])
        _send_one(rows, leg, kind, timestamp, payload, marker)
        rows.marker_out[row] = False
        rows.timestamp_out[row] += outflow.step
        rows.last_sent[row] = now


def _send_one(
    rows: Rows, leg: Leg, kind: int, timestamp: int, payload: bytes, marker: bool
) -> None:
    row = leg.row
    sequence = int(rows.sequence_out[row])
    header = build_header(kind, sequence, timestamp, leg.line.ssrc_out, marker)
    rows.sequence_out[row] += 1
    rows.packets_out[row] += 1
    rows.octets_out[row] += len(payload)
    leg.line.send(header + payload)


def pass_key(rows: Rows, source: Leg, target: Leg, payload: bytes, timestamp: int) -> None:
    """A telephone event of one leg, told to another whose audio is made anew."""
    event = parse_event(payload)
    if event is None or target.line.event_out is None or not target.is_sent_to:
        return
    passed = target.passed_key
    is_new = passed is None or passed.source != timestamp
    if passed is None or is_new:
        passed = PassedKey(timestamp, int(rows.timestamp_out[target.row]))
        target.passed_key = passed
    duration = event.duration * target.receiver.unit // source.receiver.unit
    told = TelephoneEvent(event.event, event.is_end, event.volume, min(duration, MAX_DURATION))
    _send_one(rows, target, target.line.event_out, passed.out, build_event(told), is_new)
