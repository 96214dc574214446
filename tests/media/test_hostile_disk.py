"""A disk that is full, or does not answer, at a worker process with a talk that is recorded.

The kernel itself refuses to write (RLIMIT_FSIZE), or every write waits. Meanwhile both hear each
other, mixed and forwarded: no tick waits for the disk. It is told, and what was written is played.
"""

import resource
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile

from media.commands import MediaSettings
from media.recorder import TOO_SLOW
from media.recording_commands import (
    Record,
    RecordingEnd,
    RecordingEnded,
    RecordingTrouble,
    StopRecording,
)
from media.sealed import SealedReader, Sound
from tests.media.desk import strength
from tests.media.worker_process import ALICE, BOB, Talk, Worker, worker_process

SETTINGS = MediaSettings(rtp_low=33200, rtp_high=33260, drain_seconds=0.0)
KEY = bytes(range(32))
SECOND = 32_000
"""Bytes of stereo."""
# Every write waits while a file is there; and the samples of 1.5 s are all that may wait.
SLOW = """
import os, sys, time
from media import recorder, worker
hold = {hold!r}
def waiting(act):
    def wait(*arguments):
        while os.path.exists(hold):
            time.sleep(0.01)
        return act(*arguments)
    return wait
for name in ("pwrite", "pwritev", "fsync", "ftruncate"):
    setattr(os, name, waiting(getattr(os, name)))
recorder.Recorder.__init__.__defaults__ = (48_000, None)
worker.main()
"""


@pytest.fixture(params=["wav", "sealed"])
def path(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return tmp_path / f"call.{request.param}"


@pytest.fixture
def is_mixed(path: Path) -> bool:
    """Each kind of file with one way of the sound: what writes knows nothing of how it came."""
    return path.suffix == ".wav"


@pytest.fixture
def worker() -> Iterator[Worker]:
    with worker_process(SETTINGS) as one:
        yield one


def record(talk: Talk, path: Path) -> None:
    sealed = {"key": KEY.hex(), "name": "20261130-1"} if path.suffix == ".sealed" else {}
    talk.worker.do(Record(9, str(path), (talk.legs[0],), (talk.legs[1],), **sealed))


def ended(talk: Talk) -> RecordingEnded:
    talk.worker.do(StopRecording(9))
    talk.until(lambda: talk.of(RecordingEnded), "the recording ends")
    (event,) = talk.of(RecordingEnded)
    assert isinstance(event, RecordingEnded)
    return event


def played(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Both channels, as whoever plays it hears them."""
    if path.suffix == ".wav":
        samples, rate = soundfile.read(path, dtype="int16")
        assert rate == 8000
    else:
        with path.open("rb") as file:
            pieces = list(SealedReader(file, KEY).pieces())
        sound = b"".join(piece.samples for piece in pieces if isinstance(piece, Sound))
        samples = np.frombuffer(sound, "<i2").reshape(-1, 2)
    return samples[:, 0], samples[:, 1]


def spoken(path: Path) -> list[float]:
    """Seconds in which each of them is heard clearly, in tenths."""
    found = []
    for channel, voice in zip(played(path), (ALICE, BOB), strict=True):
        parts = channel[: len(channel) // 800 * 800].reshape(-1, 800)
        found.append(sum(strength(part, voice) > 7000 for part in parts) / 10)
    return found


def limit(worker: Worker, octets: int) -> None:
    """No file of the process may grow beyond it."""
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.prlimit(worker.process.pid, resource.RLIMIT_FSIZE, (octets, hard))


def test_full_and_then_not(worker: Worker, path: Path, is_mixed: bool) -> None:
    talk = Talk(worker, is_mixed=is_mixed)
    talk.goes_on()
    record(talk, path)
    talk.until(lambda: path.exists() and path.stat().st_size > SECOND, "a second is written")
    limit(worker, path.stat().st_size + 1000)
    talk.until(lambda: talk.of(RecordingTrouble), "it is told")
    talk.goes_on()
    limit(worker, resource.RLIM_INFINITY)
    size = path.stat().st_size
    talk.until(lambda: path.stat().st_size > size + SECOND, "it is written again")
    event = ended(talk)
    talk.goes_on()
    (told,) = talk.of(RecordingTrouble)
    assert told.recording == 9 and "too large" in told.error
    assert (event.reason, event.error) == (RecordingEnd.ERROR, told.error)
    assert min(spoken(path)) > 1.5, "what was before and what came after"
    talk.close()


def test_full_from_the_beginning(worker: Worker, path: Path) -> None:
    talk = Talk(worker)
    talk.goes_on()
    limit(worker, 0)
    record(talk, path)
    talk.until(lambda: talk.of(RecordingTrouble) or talk.of(RecordingEnded), "it is told")
    talk.goes_on()
    limit(worker, resource.RLIM_INFINITY)
    if not talk.of(RecordingEnded):
        ended(talk)
    assert talk.of(RecordingEnded)[0].error
    talk.goes_on()
    talk.close()


def test_it_does_not_answer_for_a_while(path: Path, is_mixed: bool) -> None:
    """As long as it does not, both hear each other; what there was no room for is missing."""
    hold = path.with_name("hold")
    with worker_process(SETTINGS, SLOW.format(hold=str(hold))) as worker:
        talk = Talk(worker, is_mixed=is_mixed)
        talk.goes_on()
        record(talk, path)
        talk.until(lambda: path.exists() and path.stat().st_size > SECOND, "a second is written")
        hold.touch()
        talk.until(lambda: talk.of(RecordingTrouble), "it is told")
        talk.goes_on(50)
        assert hold.exists() and talk.of(RecordingTrouble)[0].error == TOO_SLOW
        hold.unlink()
        size = path.stat().st_size
        talk.until(lambda: path.stat().st_size > size + 2 * SECOND, "it is written again")
        event = ended(talk)
        talk.goes_on()
        talk.close()
    assert event.reason is RecordingEnd.STOPPED
    assert len(talk.of(RecordingTrouble)) == 1
    assert min(spoken(path)) > 2.0, "what was before, what waited, and what came after"
