"""The commands about recordings: begin, turn, pause, stop; and who is never recorded (`Protect`).

Joins the recordings (`recordings.py`) with who hears whom (`outputs.py`).
"""

from collections.abc import Callable, Iterable
from typing import Any

from media.breaks import Breaks
from media.commands import Event
from media.outputs import Outputs
from media.recording_commands import (
    PauseRecording,
    Protect,
    Rechannel,
    Record,
    RecordingEnd,
    ResumeRecording,
    StopRecording,
)
from media.recordings import RecordingRefused, Recordings
from media.rows import Rows


class Taping:
    """`row_of` gives a leg's row, None if there is no such leg."""

    def __init__(
        self,
        rows: Rows,
        outputs: Outputs,
        row_of: Callable[[int], int | None],
        breaks: Breaks,
    ) -> None:
        self._outputs = outputs
        self._row_of = row_of
        self._recordings = Recordings(rows, row_of, self._is_secret, outputs.catch_up, breaks)
        # Legs that are never recorded.
        self._privileged: set[int] = set()
        self.commands: dict[type, Callable[[Any, float], None]] = {
            Record: self._record,
            Rechannel: self._rechannel,
            PauseRecording: lambda command, now: self._pause(command.recording, command.why, now),
            ResumeRecording: lambda command, now: self._pause(command.recording, None, now),
            StopRecording: self._stop,
            Protect: self._protect,
        }

    def _known(self, *legs: int) -> None:
        unknown = next((leg for leg in legs if self._row_of(leg) is None), None)
        if unknown is not None:
            raise RecordingRefused(f"no leg {unknown}")

    def _record(self, command: Record, now: float) -> None:
        self._known(*command.left, *command.right)
        self._recordings.start(command, now)
        self._outputs.stale()

    def _rechannel(self, command: Rechannel, now: float) -> None:
        self._known(*command.left, *command.right)
        self._recordings.turn(command.recording, command.left, command.right, now)
        self._outputs.stale()

    def _pause(self, recording: int, why: str | None, now: float) -> None:
        self._recordings.pause(recording, why, now)
        self._outputs.stale()

    def _stop(self, command: StopRecording, now: float) -> None:
        self._recordings.stop(command.recording, RecordingEnd.STOPPED, now)
        self._outputs.stale()

    def _protect(self, command: Protect, now: float) -> None:
        self._known(command.leg)
        if command.on:
            self._privileged.add(command.leg)
        else:
            self._privileged.discard(command.leg)
        self.bridges_changed((command.leg, *self._outputs.bridges.peers(command.leg)), now)

    def privileged(self, legs: Iterable[int]) -> int | None:
        """One of these legs that may not be overheard; None: there is none."""
        return next((leg for leg in legs if leg in self._privileged), None)

    def _is_secret(self, leg: int) -> bool:
        """Who is privileged, and who speaks with him: a talk has two halves."""
        talk = (leg, *self._outputs.bridges.peers(leg))
        return not self._privileged.isdisjoint(talk)

    def bridges_changed(self, legs: Iterable[int], now: float) -> None:
        """Somebody who is never recorded may have come to one of these legs: its recording ends."""
        if self._privileged and self._recordings.guard(legs, now):
            self._outputs.stale()

    def drop_leg(self, leg: int, now: float) -> None:
        """The leg is being closed."""
        self._privileged.discard(leg)
        if self._recordings.drop_leg(leg, now):
            self._outputs.stale()

    def end_block(self) -> None:
        """The record pass over a whole block."""
        if self._recordings.end_block():
            self._outputs.stale()

    def take(self) -> tuple[Event, ...]:
        """What is to be told: sound that is lost, files that are closed."""
        return (*self._recordings.troubles(), *self._recordings.take())

    def close(self) -> tuple[Event, ...]:
        """End all recordings and wait for their files."""
        ended = self._recordings.close()
        return (*self._recordings.troubles(), *ended)

    def dump(self) -> dict[str, int]:
        return {**self._recordings.dump(), "privileged": len(self._privileged)}
