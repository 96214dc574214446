"""The words about recordings that pass the door of the media engine, as plain values.

As `commands.py`, which takes them into its unions. This file does nothing.
"""

from enum import StrEnum

from media.words import Word, told_without


class RecordingEnd(StrEnum):
    """Why a recording stopped."""

    STOPPED = "stopped"  # StopRecording, or the last leg was closed
    LENGTH = "length"  # max_seconds reached
    SILENCE = "silence"  # nobody spoke for stop_silence seconds
    PRIVILEGED = "privileged"  # somebody came into it who is never recorded
    ERROR = "error"


class Record(Word, frozen=True):
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
    key: str = ""
    name: str = ""
    message: bool = False

    def __repr__(self) -> str:
        return told_without(self, "key")


class Rechannel(Word, frozen=True):
    """Other legs into a running recording: the call was transferred. Refused as `Record` is, and
    then the recording goes on with the legs that it had, as far as they are not privileged.
    """

    recording: int
    left: tuple[int, ...]
    right: tuple[int, ...] = ()


class PauseRecording(Word, frozen=True):
    """Nothing more is written; the gap is marked in a sealed file, with the reason."""

    recording: int
    why: str


class ResumeRecording(Word, frozen=True):
    recording: int


class StopRecording(Word, frozen=True):
    recording: int


class Protect(Word, frozen=True):
    """Whoever speaks on this leg is never recorded nor listened to: recordings of him, or of whom
    he is bridged with, are refused, and end at once when they run.
    """

    leg: int
    on: bool = True


class RecordingEnded(Word, frozen=True):
    recording: int
    path: str
    seconds: float
    reason: RecordingEnd
    error: str = ""


class RecordingTrouble(Word, frozen=True):
    """Sound of this recording is being lost: the disk is full, or too slow. Told once."""

    recording: int
    path: str
    error: str
