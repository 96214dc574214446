"""The encode pass: samples into payloads, and headers before them.

RFC 3550 5.1: sequence and timestamp go on without a gap, whoever spoke on the row before.
"""

import numpy as np
from numpy.typing import NDArray

from media.codecs.g711 import LINEAR_TO_PCMA, LINEAR_TO_PCMU, Codes, encode
from media.rows import FRAME, HEADER, Index, Law, Rows
from media.rtp import write_headers


def encode_rows(rows: Rows, r: Index, sounds: NDArray[np.int16], which: Index) -> None:
    """sounds: (k, 160), which: (n,) that each row hears -> their payloads, each in its law."""
    alaw = rows.has_law(r, Law.PCMA)
    if alaw.any():
        rows.packets[r[alaw], HEADER:] = _encoded(LINEAR_TO_PCMA, sounds, which[alaw])
    if not alaw.all():
        rows.packets[r[~alaw], HEADER:] = _encoded(LINEAR_TO_PCMU, sounds, which[~alaw])


def _encoded(table: Codes, sounds: NDArray[np.int16], which: Index) -> Codes:
    """What many hear is encoded once."""
    if len(sounds) < which.size:
        return encode(table, sounds)[which]
    return encode(table, sounds[which])


def write_rows(rows: Rows, r: Index, now: float) -> None:
    """Headers of the packets that leave in this tick; their rows step on by one frame."""
    packets = rows.packets[r, :HEADER]
    write_headers(
        packets,
        rows.type_out[r],
        rows.marker_out[r],
        rows.sequence_out[r],
        rows.timestamp_out[r],
        rows.ssrc_out[r],
    )
    rows.packets[r, :HEADER] = packets
    rows.marker_out[r] = False
    rows.sequence_out[r] += 1
    rows.timestamp_out[r] += FRAME * rows.unit[r]
    rows.last_sent[r] = now
    rows.packets_out[r] += 1
    rows.octets_out[r] += FRAME


def resume_rows(rows: Rows, row: int, now: float) -> None:
    """Somebody else speaks on the row now: the timestamp catches up with the time that passed,
    and the next packet carries the marker (RFC 3551 4.1: the first of a talkspurt).
    """
    if rows.packets_out[row]:
        idle = now - float(rows.last_sent[row]) - FRAME / 8000
        step = FRAME * int(rows.unit[row])
        rows.timestamp_out[row] += max(0, round(idle * 8000 / FRAME)) * step
    rows.last_sent[row] = now
    rows.marker_out[row] = True
