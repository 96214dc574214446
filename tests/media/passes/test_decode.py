"""The decode pass: samples by law, and what is heard of what was lost."""

import numpy as np

from media.codecs.g711 import LINEAR_TO_PCMA, LINEAR_TO_PCMU
from media.inflow import CONCEALED
from media.passes.decode import decode_rows
from media.rows import Law, Rows


def test_each_row_in_its_law() -> None:
    rows = Rows(2)
    rows.law[1] = Law.PCMU
    wave = (8000 * np.sin(np.arange(160) / 5)).astype(np.int16)
    bits = wave.view(np.uint16)
    codes = np.stack([LINEAR_TO_PCMA[bits], LINEAR_TO_PCMU[bits]])[:, None]
    decode_rows(rows, np.array([0, 1]), 2, codes, np.ones((2, 1), np.bool_))
    assert np.abs(rows.pcm[:, 2].astype(int) - wave).max() < 300
    assert not rows.pcm[:, 1].any()


def test_a_lost_frame_fades_and_then_is_silence() -> None:
    rows = Rows(1)
    row = np.array([0])
    rows.is_started[0] = True
    codes = np.full((1, 5, 160), LINEAR_TO_PCMA[8000], np.uint8)
    decode_rows(rows, row, 0, codes, np.array([[True, False, False, False, False]]))
    loud = rows.pcm[0, :, 0].astype(int).tolist()
    assert loud[0] == loud[1] > loud[2] > loud[3] > loud[4] > 0
    decode_rows(rows, row, 0, codes, np.zeros((1, 5), np.bool_))
    assert not rows.pcm[0, 1:].any()
    assert rows.concealed[0] == CONCEALED
    decode_rows(rows, row, 0, codes, np.ones((1, 5), np.bool_))
    assert (rows.pcm[0] == loud[0]).all()  # a beginning is heard whole


def test_a_row_that_never_began_is_silent_and_not_concealed() -> None:
    rows = Rows(1)
    decode_rows(rows, np.array([0]), 0, np.zeros((1, 2, 160), np.uint8), np.zeros((1, 2), np.bool_))
    assert not rows.pcm[0].any()
    assert rows.concealed[0] == 0
