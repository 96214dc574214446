"""A sealed recording as WAV and FLAC: the sound, the gaps that are heard, and what is refused."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from media.sealed import Sealer
from softswitch.commands.exporting import ExportError, export
from tests.helpers import audio

KEY = bytes(range(32))
VOICE, MARK = 440, 880


def sealed(path: Path, *, cut: int = 0) -> Path:
    """A second of voice, a pause, half a second that the disk lost, and a second of voice."""
    sealer = Sealer(KEY, "r1", bytes(16), 2, 8000)
    tone = np.repeat(audio.tone(VOICE, 1.0)[:, None], 2, axis=1).astype("<i2").tobytes()
    parts = [sealer.head, sealer.sound(tone), sealer.gap("paused", None)]
    parts += [sealer.gap("paused", 30.0), sealer.gap("lost", 0.5), sealer.sound(tone), sealer.end()]
    content = b"".join(parts)
    path.write_bytes(content[: len(content) - cut])
    return path


@pytest.mark.parametrize("suffix", ["wav", "flac"])
def test_the_sound_and_its_gaps(tmp_path: Path, suffix: str) -> None:
    to = tmp_path / f"call.{suffix}"
    told = export(sealed(tmp_path / "r1.sealed"), KEY, to)
    assert (told.seconds, told.gaps, told.is_whole) == (3.0, 2, True)
    samples, rate = soundfile.read(to, dtype="int16")
    assert rate == 8000 and samples.shape == (24000, 2)
    left = samples[:, 0]
    assert audio.seconds_of(left, VOICE) == pytest.approx(2.0, abs=0.1)
    assert audio.seconds_of(left, MARK) == pytest.approx(0.5, abs=0.1)
    assert not left[12200:15800].any()
    assert to.stat().st_mode & 0o077 == 0


def test_what_was_cut_off_is_told(tmp_path: Path) -> None:
    told = export(sealed(tmp_path / "r1.sealed", cut=60), KEY, tmp_path / "a.wav")
    assert not told.is_whole and told.seconds == 1.0


@pytest.mark.parametrize(
    ("name", "key", "why"),
    [
        ("a.mp3", KEY, "becomes a .wav or a .flac"),
        ("there.wav", KEY, "is there already"),
        ("a.wav", bytes(32), "cannot be opened with this key"),
        ("none/a.wav", KEY, "a.wav: "),
    ],
)
def test_what_cannot_be_exported(tmp_path: Path, name: str, key: bytes, why: str) -> None:
    (tmp_path / "there.wav").write_bytes(b"precious")
    with pytest.raises(ExportError, match=why):
        export(sealed(tmp_path / "r1.sealed"), key, tmp_path / name)
    assert (tmp_path / "there.wav").read_bytes() == b"precious"
