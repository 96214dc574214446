"""Recordings that run in the media engine, as calls see them: begin, turn, pause, stop, wait.

A recording is numbered by the engine's client and known here until its file is closed.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from media.api import (
    Event,
    Failed,
    MediaClient,
    PauseRecording,
    Rechannel,
    Record,
    RecordingEnded,
    RecordingTrouble,
    ResumeRecording,
    StopRecording,
)

if TYPE_CHECKING:
    from softswitch.calls.sound import Sound

# A file is closed long before this, unless its worker never heard of the recording.
CLOSING_PATIENCE = 5.0


class SoundError(Exception):
    """The media engine could not do what was asked of it."""


@dataclass(frozen=True, slots=True)
class Seal:
    """Under which key a recording is written, and the name that is bound to it."""

    key: bytes
    name: str

    def __repr__(self) -> str:
        return f"Seal({self.name})"


class Recording:
    """A recording that runs; `ended` tells the file, its length and why it ended."""

    def __init__(self, recordings: "Recordings", number: int) -> None:
        self._recordings = recordings
        self.number = number
        self.ended: asyncio.Future[RecordingEnded] = asyncio.get_running_loop().create_future()
        # Told what is wrong when sound of it is being lost. It must not wait.
        self.on_trouble: Callable[[str], None] | None = None

    def turn(self, left: Sequence["Sound"], right: Sequence["Sound"]) -> None:
        """These are recorded from now on; nobody, without any."""
        if not self.ended.done():
            self._recordings.send(Rechannel(self.number, _legs(left), _legs(right)))

    def pause(self, why: str) -> None:
        """Write nothing for this reason; the gap is marked."""
        if not self.ended.done():
            self._recordings.send(PauseRecording(self.number, why))

    def resume(self) -> None:
        """Go on."""
        if not self.ended.done():
            self._recordings.send(ResumeRecording(self.number))

    def stop(self) -> None:
        """Finish the file; `ended` follows."""
        if not self.ended.done():
            self._recordings.send(StopRecording(recording=self.number))

    async def finished(self) -> RecordingEnded:
        """`stop`, then the closed file. Raises `SoundError` when there is none."""
        self.stop()
        try:
            async with asyncio.timeout(CLOSING_PATIENCE):
                ended = await asyncio.shield(self.ended)
        except TimeoutError:
            self._recordings.forget(self.number)
            raise SoundError("the recording was never closed") from None
        if ended.error:
            raise SoundError(ended.error)
        return ended


class Recordings:
    """All that run or are being closed."""

    def __init__(self, media: MediaClient) -> None:
        self._media = media
        self._recordings: dict[int, Recording] = {}

    def send(
        self,
        command: Record | Rechannel | PauseRecording | ResumeRecording | StopRecording,
    ) -> None:
        """To the engine."""
        self._media.send(command)

    def message(self, sound: "Sound", path: str, *, longest: float, silence: float) -> Recording:
        """What one leaves on purpose, in clear; until `longest` or `silence` seconds of quiet."""
        return self._begin(
            Record(
                self._media.new_id(), path, (sound.leg,), mono=True, max_seconds=longest,
                stop_silence=silence, message=True,
            )
        )  # fmt: skip

    def talk(
        self, left: Sequence["Sound"], right: Sequence["Sound"], path: str, seal: Seal
    ) -> Recording:
        """What these say to each other, sealed: two sides, or all in one without a `right`."""
        number, key = self._media.new_id(), seal.key.hex()
        sides = _legs(left), _legs(right), not right
        return self._begin(Record(number, path, *sides, key=key, name=seal.name))

    def _begin(self, command: Record) -> Recording:
        recording = self._recordings[command.recording] = Recording(self, command.recording)
        self.send(command)
        return recording

    def forget(self, number: int) -> None:
        """Nobody waits for its end any more."""
        self._recordings.pop(number, None)

    def take(self, event: Event) -> None:
        """What the engine tells of them."""
        if isinstance(event, RecordingEnded):
            recording = self._recordings.pop(event.recording, None)
            if recording is not None and not recording.ended.done():
                recording.ended.set_result(event)
        elif isinstance(event, RecordingTrouble):
            running = self._recordings.get(event.recording)
            if running is not None and running.on_trouble is not None:
                running.on_trouble(event.error)
        elif isinstance(event, Failed) and event.command == "Record":
            refused = self._recordings.pop(event.recording or 0, None)
            if refused is not None and not refused.ended.done():
                refused.ended.set_exception(SoundError(event.reason))
                refused.ended.exception()  # whoever waited may be gone already

    def __len__(self) -> int:
        return len(self._recordings)


def _legs(sounds: Sequence["Sound"]) -> tuple[int, ...]:
    return tuple(sound.leg for sound in sounds)
