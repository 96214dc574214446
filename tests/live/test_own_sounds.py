"""Whatever sound file somebody puts into the office's folder is heard, at one loudness.

Who is put on hold is baresip; the files are what people have: an M4A of a telephone's recorder,
much too quiet, an MP3 that is much too loud, and one that is broken.
"""

import subprocess
import sys
import time
from pathlib import Path

import pytest
import soundfile

from tests.helpers import audio
from tests.live.mailserver import MailServer
from tests.live.office_files import LEAVE_MESSAGE, MAILBOX, MUSIC
from tests.live.office_under_test import OfficeUnderTest
from tests.live.process import until
from tests.live.shared_office import BuildOffice
from tests.softswitch.office.test_prepared import write

LISTEN = 2.0
RATE = 44100


def build(folder: Path, mail_server: MailServer) -> OfficeUnderTest:
    office = OfficeUnderTest(folder)
    prompts = office.office_file.parent / "prompts"
    (prompts / "leave_message.wav").unlink()
    (prompts / "music" / "calm.wav").unlink()
    quiet = audio.tone(LEAVE_MESSAGE, 2.0, 900, RATE) / 32768
    write(prompts / "leave_message.m4a", quiet.astype("float32"), RATE)
    soundfile.write(prompts / "music" / "calm.mp3", audio.tone(MUSIC, 10.0, 32000, RATE), RATE)
    (prompts / "closed.mp3").write_bytes(b"this was a recording once" * 100)
    return office


@pytest.fixture(scope="module")
def build_office() -> BuildOffice:
    return build


def test_any_file_is_heard_at_one_loudness(office: OfficeUnderTest) -> None:
    made = office.data / "sounds"
    until(lambda: len(list(made.glob("*.flac"))) >= 6, "the sounds are ready")
    anna = office.baresip("101")
    piotr = office.baresip("102", account=";answermode=auto")
    anna.dial("102")
    piotr.wait_established()
    piotr.hold()
    time.sleep(LISTEN)
    anna.hang_up()
    piotr.wait_closed()
    anna.wait_closed()
    music = loudest(anna.heard(), MUSIC)
    call = office.provider().dial(MAILBOX, number="+48600100200")
    call.wait_heard(LEAVE_MESSAGE, LISTEN / 2)
    call.hang_up()
    call.wait_over()
    prompt = loudest(call.heard.samples(), LEAVE_MESSAGE)
    # As they were, one was 35 times as loud as the other. A prompt is 4 dB above the music, and
    # the ear hears 2200 Hz some 3 dB louder than 700.
    assert 0.6 < prompt / music < 2.0
    assert 1000 < music < 4000


def loudest(heard: object, frequency: int) -> float:
    return float(audio.amplitudes(heard, (frequency,))[:, 0].max())  # type: ignore[arg-type]


def test_the_broken_one_is_named(office: OfficeUnderTest) -> None:
    argv = [sys.executable, "-m", "softswitch", "check", str(office.office_file)]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=90)
    told = " ".join((done.stdout + done.stderr).split())
    assert "closed.mp3 cannot be played" in told
    assert "Save it again as WAV, FLAC, MP3, Ogg or M4A" in told
