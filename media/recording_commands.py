"""The words about recordings that pass the door of the media engine, as plain values.

As `commands.py`, which takes them into its unions. This file does nothing.
"""

from dataclasses import dataclass, field
from enum import StrEnum


class RecordingEnd(StrEnum):
    """Why a recording stopped."""

    STOPPED = "stopped"  # StopRecording, or the last leg was closed
    LENGTH = "length"  # max_seconds reached
    SILENCE = "silence"  # nobody spoke for stop_silence seconds
    PRIVILEGED = "privileged"  # somebody came into it who is never recorded
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Record:
    """Write what the legs of `left` and `right` SAY to a file; -> RecordingEnded.

    With a `key` (64 hex digits) it is sealed under that key and bound to its `name`
    (media/sealed.py); without, it is a WAV file. Refused when one of the legs, or whoever it is
    bridged with, is privileged, unless it is a `message` that he leaves on purpose. Stereo unless
    `mono`. max_seconds 0: no limit. stop_silence: end after so many seconds in which nobody of
    them spoke.
    """

    recording: int
    path: str
    left: tuple[int, ...]
    right: tuple[int, ...] = ()
    mono: bool = False
    max_seconds: float = 0.0
    stop_silence: float | None = None
    # It goes on in the file that is there, as if it had begun so many seconds ago: what the file
    # lacks of them is a gap.
    resume: float = 0.0
    key: str = field(default="", repr=False)
    name: str = ""
    message: bool = False


@dataclass(frozen=True, slots=True)
class Rechannel:
    """Other legs into a running recording: the call was transferred. Refused as `Record` is, and
    then the recording goes on with the legs that it had, as far as they are not privileged.
    """

    recording: int
    left: tuple[int, ...]
    right: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class PauseRecording:
    """Nothing more is written; the gap is marked in a sealed file, with the reason."""

    recording: int
    why: str


@dataclass(frozen=True, slots=True)
class ResumeRecording:
    recording: int


@dataclass(frozen=True, slots=True)
class StopRecording:
    recording: int


@dataclass(frozen=True, slots=True)
class Protect:
    """Whoever speaks on this leg is never recorded nor listened to: recordings of him, or of whom
    he is bridged with, are refused, and end at once when they run.
    """

    leg: int
    on: bool = True


@dataclass(frozen=True, slots=True)
class RecordingEnded:
    recording: int
    path: str
    seconds: float
    reason: RecordingEnd
    error: str = ""


@dataclass(frozen=True, slots=True)
class RecordingTrouble:
    """Sound of this recording is being lost: the disk is full, or too slow. Told once."""

    recording: int
    path: str
    error: str
