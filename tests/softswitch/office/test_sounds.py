"""Sound files: how long, how loud, broken or not."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from softswitch.office.sounds import SoundFileError, length, listen


def write(path: Path, level: float, seconds: float = 1.0) -> Path:
    tone = level * np.sin(np.arange(int(8000 * seconds)) * 2 * np.pi * 440 / 8000)
    soundfile.write(path, tone, 8000)
    return path


def test_a_sound(tmp_path: Path) -> None:
    path = write(tmp_path / "a.wav", 0.1, 1.5)
    assert length(path) == 1.5
    assert listen(path).seconds == 1.5
    assert listen(path).loudness == pytest.approx(-23, abs=0.2)
    assert not listen(path).is_silent


def test_silence(tmp_path: Path) -> None:
    assert listen(write(tmp_path / "a.wav", 0)).is_silent
    assert listen(write(tmp_path / "b.wav", 0.0005)).is_silent


def test_a_word_in_much_silence_is_heard(tmp_path: Path) -> None:
    quiet, loud = np.zeros(80_000), 0.1 * np.sin(np.arange(4000))
    soundfile.write(tmp_path / "a.wav", np.concatenate([quiet, loud, quiet]), 8000)
    assert not listen(tmp_path / "a.wav").is_silent


def test_a_changed_file_is_heard_again(tmp_path: Path) -> None:
    assert listen(write(tmp_path / "a.wav", 0)).is_silent
    assert not listen(write(tmp_path / "a.wav", 0.1, 2.0)).is_silent


def test_what_is_no_sound(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    for content in (b"", b"RIFF", b"no sound at all"):
        path.write_bytes(content)
        with pytest.raises(SoundFileError):
            listen(path)
        with pytest.raises(SoundFileError):
            length(path)
    with pytest.raises(SoundFileError, match="No such file"):
        listen(tmp_path / "none.wav")
