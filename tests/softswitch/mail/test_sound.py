"""A message as MP3: read back by another decoder, and the WAV where none could be made."""

import io
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile

from softswitch.mail.message import compose
from softswitch.mail.sender import _with_content
from softswitch.mail.sound import to_mp3
from tests.helpers import audio
from tests.softswitch.mail.test_message import NOTICE, RECIPIENTS, sent

SECONDS, HERTZ = 2.0, 440


@pytest.fixture
def message(tmp_path: Path) -> Path:
    path = tmp_path / "m1.wav"
    soundfile.write(path, audio.tone(HERTZ, SECONDS), 8000)
    return path


def test_it_sounds_as_it_did(message: Path) -> None:
    data = to_mp3(message)
    assert len(data) < message.stat().st_size / 4
    with av.open(io.BytesIO(data)) as read:
        frames = [frame.to_ndarray().reshape(-1) for frame in read.decode(audio=0)]
        rate = read.streams.audio[0].rate
    sound = np.concatenate(frames)
    assert len(sound) / rate == pytest.approx(SECONDS, abs=0.2)
    spectrum = np.abs(np.fft.rfft(sound.astype(np.float64)))
    assert np.argmax(spectrum) * rate / len(sound) == pytest.approx(HERTZ, abs=5)


def test_the_mail_has_what_its_name_says(message: Path) -> None:
    mail = compose(
        replace(NOTICE, sound="mp3", message=replace(NOTICE.message, path=str(message))), RECIPIENTS
    )
    told, content = _with_content(mail)
    (part,) = sent(told, content).iter_attachments()
    assert part.get_content_type() == "audio/mpeg"
    assert part.get_filename() == "wiadomosc-2026-11-04-0805-48600100200.mp3"


def test_where_no_mp3_can_be_made_the_file_is_sent_as_it_is(tmp_path: Path) -> None:
    broken = tmp_path / "m1.wav"
    broken.write_bytes(b"no sound at all")
    mail = compose(
        replace(NOTICE, sound="mp3", message=replace(NOTICE.message, path=str(broken))), RECIPIENTS
    )
    told, content = _with_content(mail)
    assert content == broken.read_bytes()
    assert (told.attachment_name or "").endswith(".wav")
