"""Recordings by number: started, turned to other legs, and ended for one of four reasons.

The record pass fills blocks, media/recorder.py writes them; this file joins the two and remembers
why a recording ended until its file is closed. It also knows who is never recorded: whoever is
privileged, and whoever speaks with him (`guard`).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from media.passes.record import Tape, Tapes
from media.recorder import Recorder, Seal
from media.recording_commands import Record, RecordingEnd, RecordingEnded, RecordingTrouble
from media.rows import Rows

FRAMES_A_SECOND: Final = 50


@dataclass(slots=True)
class _Running:
    command: Record
    left: set[int] = field(default_factory=set)
    right: set[int] = field(default_factory=set)
    reason: RecordingEnd | None = None
    pause: str | None = None  # why it is paused

    @property
    def legs(self) -> set[int]:
        return self.left | self.right


class RecordingRefused(Exception):
    """A recording cannot be started or changed; the text says why."""


class Recordings:
    """`row_of` gives a leg's row, None if there is no such leg; `is_secret`, whether its words may
    never be recorded.

    Before `start`, `turn`, `pause`, `stop`, `guard` and `drop_leg` the block must be decoded up to
    `frame`, its frames so far: what was said under the old wiring is written under it.
    """

    def __init__(
        self,
        rows: Rows,
        row_of: Callable[[int], int | None],
        is_secret: Callable[[int], bool],
    ) -> None:
        self._rows = rows
        self._tapes = Tapes()
        self._recorder = Recorder()
        self._row_of = row_of
        self._is_secret = is_secret
        self._running: dict[int, _Running] = {}
        # Ended, but the file is not closed yet; taken out by its result.
        self._ending: dict[int, _Running] = {}
        self._recorder.start()

    def start(self, command: Record, frame: int) -> None:
        """Raises RecordingRefused."""
        number = command.recording
        if number in self._running or number in self._ending:
            raise RecordingRefused(f"recording {number} exists")
        if not command.message:
            self._refuse_secrets(command.left + command.right)
        seal = _seal(command)
        limit = round(command.max_seconds * FRAMES_A_SECOND) or None
        silence = command.stop_silence
        patience = None if silence is None else max(1, round(silence * FRAMES_A_SECOND))
        tape = Tape(number, command.mono, limit, patience)
        tape.begin = frame
        tape.frames = round(command.resume * FRAMES_A_SECOND)
        self._tapes.add(tape)
        channels = 1 if command.mono else 2
        self._recorder.open(number, Path(command.path), channels, seal, command.resume)
        running = _Running(command, set(command.left), set(command.right))
        self._running[number] = running
        self._wire(number, running)

    def turn(self, number: int, left: tuple[int, ...], right: tuple[int, ...], frame: int) -> None:
        """These legs are recorded from now on. Raises RecordingRefused."""
        running = self._running.get(number)
        if running is None:
            raise RecordingRefused(f"no recording {number}")
        self._refuse_secrets(left + right)
        self._turn(number, running, left, right, frame)

    def _turn(
        self,
        number: int,
        running: _Running,
        left: Iterable[int],
        right: Iterable[int],
        frame: int,
    ) -> None:
        self._tapes.record(self._rows, self._write, number, frame)
        running.left, running.right = set(left), set(right)
        self._wire(number, running)

    def _refuse_secrets(self, legs: tuple[int, ...]) -> None:
        """Paused or not: what is refused can never run by a mistake."""
        secret = next((leg for leg in legs if self._is_secret(leg)), None)
        if secret is not None:
            raise RecordingRefused(f"leg {secret} is privileged")

    def pause(self, number: int, why: str | None, frame: int) -> None:
        """Write nothing for this reason, or go on (None). Raises RecordingRefused."""
        running, tape = self._running.get(number), self._tapes.get(number)
        if running is None or tape is None:
            raise RecordingRefused(f"no recording {number}")
        if running.pause == why:
            return
        self._tapes.record(self._rows, self._write, number, frame)
        self._end_pause(number, running, tape)
        if why is not None:
            running.pause, tape.is_paused = why, True
            self._recorder.mark(number, why, None)
        self._wire(number, running)

    def _end_pause(self, number: int, running: _Running, tape: Tape) -> None:
        if running.pause is not None:
            self._recorder.mark(number, running.pause, tape.paused / FRAMES_A_SECOND)
        running.pause, tape.is_paused, tape.paused = None, False, 0

    def guard(self, frame: int) -> bool:
        """End every recording that somebody privileged has come into. True: something changed.

        To be asked after each change of who hears whom, and of who is privileged.
        """
        cut = [
            number
            for number, running in self._running.items()
            if not running.command.message and any(map(self._is_secret, running.legs))
        ]
        for number in cut:
            self.stop(number, RecordingEnd.PRIVILEGED, frame)
        return bool(cut)

    def _wire(self, number: int, running: _Running) -> None:
        tape = self._tapes.get(number)
        if tape is not None:
            tape.left = self._rows_of(running.left)
            tape.right = self._rows_of(running.right)
        self._tapes.rewire()

    def _rows_of(self, legs: set[int]) -> tuple[int, ...]:
        rows = (self._row_of(leg) for leg in sorted(legs))
        return tuple(row for row in rows if row is not None)

    def rows_heard(self) -> set[int]:
        return self._tapes.rows_heard()

    def stop(self, number: int, reason: RecordingEnd, frame: int) -> None:
        """Unknown numbers are ignored: a recording may end by itself at any moment."""
        running = self._running.pop(number, None)
        if running is None:
            return
        running.reason = reason
        self._ending[number] = running
        self._tapes.record(self._rows, self._write, number, frame)
        tape = self._tapes.get(number)
        if tape is not None:
            self._end_pause(number, running, tape)
        self._tapes.remove(number)
        self._tapes.rewire()
        self._recorder.finish(number)

    def drop_leg(self, leg: int, frame: int) -> bool:
        """The leg is closed; a recording without any leg ends. True: something changed."""
        touched = [
            (number, running) for number, running in self._running.items() if leg in running.legs
        ]
        for number, running in touched:
            left, right = running.left - {leg}, running.right - {leg}
            if left or right:
                self._turn(number, running, left, right, frame)
            else:
                self.stop(number, RecordingEnd.STOPPED, frame)
        return bool(touched)

    def _write(self, number: int, samples: NDArray[np.int16]) -> None:
        self._recorder.write(number, samples)

    def end_block(self) -> bool:
        """The record pass over a whole block; True if a recording ended."""
        if not self._running:
            return False
        self._tapes.record(self._rows, self._write)
        ended = self._tapes.ended()
        for tape in ended:
            reason = RecordingEnd.LENGTH if tape.is_full else RecordingEnd.SILENCE
            self.stop(tape.number, reason, 0)
        return bool(ended)

    def take(self) -> list[RecordingEnded]:
        """Recordings whose files are closed since the last call."""
        ended = []
        for result in self._recorder.take():
            running = self._ending.pop(result.recording, None)
            reason = running.reason if running is not None else None
            error = result.error or ""
            if error or reason is None:
                reason = RecordingEnd.ERROR
            path, seconds = str(result.path), result.seconds
            ended.append(RecordingEnded(result.recording, path, seconds, reason, error))
        return ended

    def troubles(self) -> list[RecordingTrouble]:
        """Of which sound is being lost, found since the last call."""
        told = []
        for trouble in self._recorder.troubles():
            number = trouble.recording
            running = self._running.get(number) or self._ending.get(number)
            path = running.command.path if running is not None else ""
            told.append(RecordingTrouble(number, path, trouble.error))
        return told

    def close(self) -> list[RecordingEnded]:
        """Ends all recordings and waits for their files."""
        for number in list(self._running):
            self.stop(number, RecordingEnd.STOPPED, 0)
        self._recorder.close()
        return self.take()

    def dump(self) -> dict[str, int]:
        return {"running": len(self._running), "ending": len(self._ending)}


def _seal(command: Record) -> Seal | None:
    """Raises RecordingRefused."""
    if not command.key:
        return None
    try:
        return Seal(bytes.fromhex(command.key), command.name)
    except ValueError:
        raise RecordingRefused("the key of a recording is written in hexadecimal") from None
