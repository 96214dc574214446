"""The encode pass: payloads by law, headers without a gap."""

import numpy as np

from media.codecs.g711 import LINEAR_TO_PCMA, LINEAR_TO_PCMU
from media.passes.encode import encode_rows, resume_rows, write_rows
from media.rows import FRAME, Law, Rows
from media.rtp import parse_header


def test_headers_go_on_and_wrap() -> None:
    rows = Rows(2)
    rows.type_out[1] = 8
    rows.ssrc_out[1] = 77
    rows.sequence_out[1] = 65535
    rows.timestamp_out[1] = 2**32 - 160
    rows.marker_out[1] = True
    heads = []
    for i in range(2):
        write_rows(rows, np.array([1]), i * 0.02)
        heads.append(parse_header(rows.packets[1].tobytes()))
    assert [(h.sequence, h.timestamp, h.marker, h.ssrc) for h in heads if h] == [
        (65535, 2**32 - 160, True, 77),
        (0, 0, False, 77),
    ]
    assert rows.packets_out[1] == 2


def test_a_pause_moves_the_timestamp_by_whole_frames() -> None:
    rows = Rows(1)
    write_rows(rows, np.array([0]), 1.0)
    before = int(rows.timestamp_out[0])
    resume_rows(rows, 0, 2.005)
    assert rows.timestamp_out[0] == before + 49 * FRAME
    assert rows.marker_out[0]


def test_both_laws_in_one_go() -> None:
    rows = Rows(2)
    rows.law[1] = Law.PCMU
    r = np.array([0, 1])
    encode_rows(rows, r, np.zeros((2, 160), np.int16), r)
    assert rows.packets[0, 12] == 0xD5
    assert rows.packets[1, 12] == 0xFF


def test_what_many_hear_is_in_each_ones_packet() -> None:
    rows = Rows(4)
    rows.law[2] = Law.PCMU
    sounds = np.stack([np.full(160, 1000, np.int16), np.zeros(160, np.int16)])
    encode_rows(rows, np.arange(4), sounds, np.array([1, 0, 0, 0]))
    codes = rows.packets[:, 12].tolist()
    assert codes[0] == 0xD5 and codes[1] == codes[3] == LINEAR_TO_PCMA[1000]
    assert (
        codes[2] == LINEAR_TO_PCMU[1000] and (rows.packets[:, 12:] == rows.packets[:, 12:13]).all()
    )
