"""FLAC headers read by ourselves say what libsndfile says."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from softswitch import resources
from softswitch.office.sound_header import MAGIC, SoundFileError, flac_seconds
from softswitch.office.sounds import length


@pytest.mark.parametrize("rate", [8000, 16000, 44100, 48000, 96000])
def test_it_agrees_with_the_library(tmp_path: Path, rate: int) -> None:
    path = tmp_path / "a.flac"
    soundfile.write(path, np.zeros((rate + 17, 2)), rate)
    assert flac_seconds(path) == soundfile.info(path).duration == length(path)


def test_every_shipped_sound_says_its_length() -> None:
    for path in resources.shipped("prompts").rglob("*.flac"):
        assert flac_seconds(path) == soundfile.info(path).duration, path


@given(st.binary(max_size=40), st.booleans())
def test_anything_else_is_none_or_a_length(
    tmp_path_factory: pytest.TempPathFactory, rest: bytes, is_flac: bool
) -> None:
    path = Path(str(tmp_path_factory.getbasetemp())) / "any"
    path.write_bytes(MAGIC * is_flac + rest)
    seconds = flac_seconds(path)
    assert seconds is None or seconds > 0


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(SoundFileError, match="No such file"):
        flac_seconds(tmp_path / "none.flac")


def test_the_switch_needs_no_numpy() -> None:
    """A tenth of its memory, for nothing in an office whose sounds are the shipped ones."""
    code = """
import sys
import softswitch.cli, softswitch.server
from softswitch.office_files import Source
from softswitch.reload import prove
from softswitch.resources import shipped
assert prove(Source(shipped("config") / "office.yaml", "test", None)).office is not None
print(*(name for name in ("numpy", "soxr", "soundfile", "av", "alembic") if name in sys.modules))
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (run.stdout, run.stderr) == ("\n", "")
