"""Own sounds of any format, at one loudness, made once."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
import soundfile
from av.audio.frame import AudioFrame

from softswitch import resources
from softswitch.office.loudness import SILENCE, Meter
from softswitch.office.models import Office
from softswitch.office.prepared import PreparedSounds, Use, own_sounds, prepare
from softswitch.office.sound_header import SoundFileError
from softswitch.office.sounds import listen

RATE = 44100


def speech(level: float, seconds: float = 3.0, rate: int = RATE) -> Any:
    """Syllables of a voice, as far as a meter can tell."""
    time = np.arange(int(rate * seconds)) / rate
    voice = sum(np.sin(2 * np.pi * 140 * k * time + k * k) / k for k in range(1, 20))
    return (level * voice * (np.sin(2 * np.pi * 2 * time) > -0.3) / 3).astype(np.float32)


def write(path: Path, wave: Any, rate: int = RATE) -> Path:
    if path.suffix == ".m4a":
        with av.open(str(path), "w") as container:
            stream: Any = container.add_stream("aac", rate=rate, layout="mono")
            for start in range(0, wave.size, 1024):
                piece = wave[start : start + 1024].reshape(1, -1)
                frame = AudioFrame.from_ndarray(piece, "fltp", "mono")
                frame.sample_rate, frame.pts = rate, start
                container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
    else:
        kinds = {".ogg": ("OGG", "VORBIS"), ".opus": ("OGG", "OPUS")}
        kind, subtype = kinds.get(path.suffix, (path.suffix[1:].upper(), None))
        soundfile.write(path, wave, 48000 if path.suffix == ".opus" else rate, subtype, format=kind)
    return path


def loudness(path: Path) -> float:
    wave, rate = soundfile.read(path, dtype="float32")
    meter = Meter(rate)
    meter.add(wave)
    return meter.loudness()


@pytest.fixture
def sounds(tmp_path: Path) -> Iterator[PreparedSounds]:
    one = PreparedSounds(tmp_path / "sounds")
    yield one
    one.close()


def test_the_meter_knows_the_standards_tone() -> None:
    """EBU Tech 3341, case 1: a stereo tone of -23 dBFS is -23 LUFS; of one channel 3 dB less."""
    for rate in (8000, 16000, 48000):
        meter = Meter(rate)
        tone = 10 ** (-23 / 20) * np.sin(2 * np.pi * 1000 * np.arange(rate * 20) / rate)
        for piece in np.array_split(tone.astype(np.float32), 37):
            meter.add(piece)
        assert meter.loudness() == pytest.approx(-26.0, abs=0.1)


def test_pauses_do_not_make_a_voice_quieter() -> None:
    plain, paused = Meter(16000), Meter(16000)
    voice = speech(0.2, 4.0, 16000)
    plain.add(voice)
    for _ in range(3):
        paused.add(voice)
        paused.add(np.zeros(64000, np.float32))
    assert paused.loudness() == pytest.approx(plain.loudness(), abs=0.5)
    assert Meter(16000).loudness() == SILENCE


@pytest.mark.parametrize("language", ["pl", "en"])
def test_the_shipped_prompts_have_the_level_that_own_ones_get(language: str) -> None:
    files = sorted((resources.shipped("prompts") / language).glob("*.flac"))[::10]
    assert np.median([loudness(path) for path in files]) == pytest.approx(-23.0, abs=1.0)


def test_so_has_the_music() -> None:
    for path in (resources.shipped("prompts") / "music").glob("*.flac"):
        assert loudness(path) == pytest.approx(Use.MUSIC.value, abs=1.0)


@pytest.mark.parametrize("suffix", [".wav", ".flac", ".ogg", ".opus", ".mp3", ".m4a"])
@pytest.mark.parametrize("level", [0.05, 0.9])
def test_any_format_at_one_level(tmp_path: Path, suffix: str, level: float) -> None:
    rate = 48000 if suffix == ".opus" else RATE
    path = write(tmp_path / f"welcome{suffix}", speech(level, rate=rate), rate)
    made = prepare(path, tmp_path / "sounds", Use.PROMPT)
    assert loudness(made) == pytest.approx(-23.0, abs=1.0)
    information = soundfile.info(made)
    assert (information.samplerate, information.channels) == (16000, 1)
    assert information.duration == pytest.approx(3.0, abs=0.1)
    assert listen(path).seconds == pytest.approx(3.0, abs=0.1)


def test_peaks_are_bent_and_never_cut(tmp_path: Path) -> None:
    wave = speech(0.01)
    wave[5000:5050] = 0.9
    made = prepare(write(tmp_path / "a.wav", wave), tmp_path / "sounds", Use.PROMPT)
    peak = np.abs(soundfile.read(made)[0]).max()
    assert 0.5 < peak < 0.75


def test_a_sound_is_made_once_and_again_when_it_changed(
    tmp_path: Path, sounds: PreparedSounds
) -> None:
    path = write(tmp_path / "a.wav", speech(0.1))
    assert sounds.ready(path, Use.PROMPT) is None
    assert sounds.as_heard(path, Use.PROMPT) == str(path)
    sounds.settle().result(60)
    made = sounds.ready(path, Use.PROMPT)
    assert made is not None
    assert sounds.as_heard(path, Use.PROMPT) == str(made)
    same = tmp_path / "b.wav"
    same.write_bytes(path.read_bytes())
    assert prepare(same, tmp_path / "sounds", Use.PROMPT) == made
    assert prepare(same, tmp_path / "sounds", Use.MUSIC) != made
    write(path, speech(0.1, 2.0))
    assert sounds.ready(path, Use.PROMPT) is None
    sounds.settle().result(60)
    assert sounds.ready(path, Use.PROMPT) not in (None, made)
    assert not list((tmp_path / "sounds").glob(".*"))


@pytest.mark.parametrize("content", [b"", b"RIFF", b"no sound at all" * 100])
def test_a_broken_file_is_named_with_what_to_do(
    tmp_path: Path, sounds: PreparedSounds, content: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.mp3"
    path.write_bytes(content)
    with pytest.raises(SoundFileError):
        prepare(path, tmp_path / "sounds", Use.PROMPT)
    assert sounds.ready(path, Use.PROMPT) is None
    sounds.settle().result(60)
    assert sounds.ready(path, Use.PROMPT) is None
    told = capsys.readouterr()
    assert "a.mp3" in told.out + told.err
    assert "Save it again as WAV" in told.out + told.err


def test_the_folder_is_bounded_and_keeps_what_is_used(tmp_path: Path) -> None:
    folder = tmp_path / "sounds"
    old = prepare(write(tmp_path / "old.wav", speech(0.1, 2.0)), folder, Use.PROMPT)
    one = PreparedSounds(folder, most_bytes=old.stat().st_size)
    for number in range(3):
        one.ready(write(tmp_path / f"{number}.wav", speech(0.1, 2.5 + number)), Use.PROMPT)
    one.settle().result(60)
    assert not old.exists()
    assert len(list(folder.glob("*.flac"))) == 3
    one.close()


def test_an_emptied_folder_is_filled_again(tmp_path: Path, sounds: PreparedSounds) -> None:
    path = write(tmp_path / "a.wav", speech(0.1))
    for _ in range(2):
        assert sounds.as_heard(path, Use.PROMPT) == str(path)
        sounds.settle().result(60)
        made = Path(sounds.as_heard(path, Use.PROMPT))
        assert made != path
        made.unlink()


def test_all_of_an_office_is_made_ready_before_a_call(
    tmp_path: Path, sounds: PreparedSounds
) -> None:
    (tmp_path / "own" / "pl").mkdir(parents=True)
    (tmp_path / "own" / "music").mkdir()
    for name in ("own/welcome.wav", "own/pl/menu_main.wav", "own/music/calm.flac", "jazz.wav"):
        write(tmp_path / name, speech(0.1, 1.0 + len(name) / 10))
    office = Office.model_construct(prompts="own", music={"jazz": "jazz.wav"})
    assert {use for _, use in own_sounds(office, tmp_path)} == {Use.PROMPT, Use.MUSIC}
    sounds.use(office, tmp_path)
    for _ in range(2):  # the walk first, then what it found
        sounds.settle().result(60)
    assert len(list((tmp_path / "sounds").glob("*.flac"))) == 4
    assert sounds.dump() == {"known": 4}


def test_a_shipped_sound_is_played_as_it_is(sounds: PreparedSounds) -> None:
    path = resources.shipped("prompts").absolute() / "pl" / "absent_on.flac"
    assert sounds.as_heard(path, Use.PROMPT) == str(path)
    assert sounds.dump() == {"known": 0}
