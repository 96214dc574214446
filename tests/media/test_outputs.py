"""Who shares a sound, a mix, or neither: each hears his own all the same."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from media.commands import CloseLeg, Music, Play, PlayEnded
from media.outputs import MANY
from tests.media.desk import Desk, Phone, desk, is_continuous, sine


@pytest.fixture
def table():
    with desk() as one:
        yield one


def test_many_hear_one_piece_each_at_his_place(table: Desk, tmp_path: Path) -> None:
    """Also while others come, are told something, and go."""
    path = tmp_path / "music.wav"
    soundfile.write(path, np.concatenate([sine(300 + 100 * i, 0.4) for i in range(5)]), 8000)
    callers: list[tuple[int, Phone]] = []

    def is_on_time() -> bool:
        return all(len(phone.heard) > 40 for _, phone in callers)

    for _ in range(2 * MANY):
        callers.append(table.open())
        table.do(Music(callers[-1][0], str(path), 0.0))
        table.step(3)
    table.until(is_on_time)
    (told, informed), (gone, _) = callers[3], callers[8]
    table.do(Play(told, 6, ("silence:200",)))
    table.do(CloseLeg(gone))
    table.until(lambda: bool(table.of(PlayEnded)))
    del callers[8], callers[3]
    table.step(100)  # more than the piece lasts
    first = callers[0][1].audio()[: 100 * 160]
    for _, phone in callers:
        assert np.array_equal(phone.audio()[: 100 * 160], first)
    assert np.abs(informed.audio()[-1600:]).max() > 5000
    assert is_continuous(informed)
    assert all(is_continuous(phone) for _, phone in callers)
