"""Recordings by number: started, turned to other legs, and ended for one of four reasons.

The record pass fills blocks, media/recorder.py writes them; this file joins the two and remembers
why a recording ended until its file is closed. It also knows who is never recorded: whoever is
privileged, and whoever speaks with him (`guard`).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from media.breaks import Breaks
from media.passes.record import Tape, Tapes
from media.recorder import Recorder, Seal
from media.recording_commands import Record, RecordingEnd, RecordingEnded, RecordingTrouble
from media.rows import Rows

FRAMES_A_SECOND: Final = 50


@dataclass(slots=True)
class _Running:
    command: Record
    tape: Tape
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
    never be recorded; `catch_up` decodes what these rows said of the block and returns its frames
    so far: before anything changes, what was said under the old wiring is written under it.
    """

    def __init__(
        self,
        rows: Rows,
        row_of: Callable[[int], int | None],
        is_secret: Callable[[int], bool],
        catch_up: Callable[[tuple[int, ...], float], int],
        breaks: Breaks,
    ) -> None:
        self._rows = rows
        self._tapes = Tapes()
        self._recorder = Recorder(breaks=breaks)
        self._row_of = row_of
        self._is_secret = is_secret
        self._catch_up = catch_up
        self._of_leg: dict[int, set[int]] = {}
        self._running: dict[int, _Running] = {}
        # Ended, but the file is not closed yet; taken out by its result.
        self._ending: dict[int, _Running] = {}
        self._recorder.start()

    def start(self, command: Record, now: float) -> None:
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
        tape.begin = self._catch_up((), now)
        tape.frames = round(command.resume * FRAMES_A_SECOND)
        self._tapes.add(tape)
        channels = 1 if command.mono else 2
        self._recorder.open(number, Path(command.path), channels, seal, command.resume)
        running = _Running(command, tape)
        self._running[number] = running
        self._wire(running, set(command.left), set(command.right))

    def turn(self, number: int, left: tuple[int, ...], right: tuple[int, ...], now: float) -> None:
        """These legs are recorded from now on. Raises RecordingRefused."""
        running = self._running.get(number)
        if running is None:
            raise RecordingRefused(f"no recording {number}")
        self._refuse_secrets(left + right)
        self._cut(running, now)
        self._wire(running, set(left), set(right))

    def _cut(self, running: _Running, now: float) -> None:
        """All that was said until now goes into the tape."""
        frame = self._catch_up(running.tape.rows, now)
        self._tapes.cut(self._rows, running.tape, frame, self._recorder)

    def _refuse_secrets(self, legs: tuple[int, ...]) -> None:
        """Paused or not: what is refused can never run by a mistake."""
        secret = next((leg for leg in legs if self._is_secret(leg)), None)
        if secret is not None:
            raise RecordingRefused(f"leg {secret} is privileged")

    def pause(self, number: int, why: str | None, now: float) -> None:
        """Write nothing for this reason, or go on (None). Raises RecordingRefused."""
        running = self._running.get(number)
        if running is None:
            raise RecordingRefused(f"no recording {number}")
        if running.pause == why:
            return
        self._cut(running, now)
        self._end_pause(running)
        if why is not None:
            running.pause = why
            self._recorder.mark(number, why, None)
        self._wire(running, running.left, running.right)

    def _end_pause(self, running: _Running) -> None:
        tape = running.tape
        if running.pause is not None:
            self._recorder.mark(tape.number, running.pause, tape.paused / FRAMES_A_SECOND)
        running.pause, tape.paused = None, 0

    def guard(self, legs: Iterable[int], now: float) -> bool:
        """End every recording of these legs that somebody privileged has come into. True: something
        changed. To be asked after each change of who hears whom, and of who is privileged.
        """
        touched = {one for leg in legs for one in self._of_leg.get(leg, ())}
        cut = [
            number
            for number in sorted(touched)
            if not self._running[number].command.message
            and any(map(self._is_secret, self._running[number].legs))
        ]
        for number in cut:
            self.stop(number, RecordingEnd.PRIVILEGED, now)
        return bool(cut)

    def _wire(self, running: _Running, left: set[int], right: set[int]) -> None:
        self._unlist(running)
        running.left, running.right = left, right
        for leg in running.legs:
            self._of_leg.setdefault(leg, set()).add(running.tape.number)
        sides = self._rows_of(left), self._rows_of(right)
        self._tapes.wire(self._rows, running.tape, *sides, running.pause is not None)

    def _unlist(self, running: _Running) -> None:
        for leg in running.legs:
            self._of_leg[leg].discard(running.tape.number)
            if not self._of_leg[leg]:
                del self._of_leg[leg]

    def _rows_of(self, legs: set[int]) -> tuple[int, ...]:
        rows = [self._row_of(leg) for leg in sorted(legs)]
        return tuple([row for row in rows if row is not None])

    def stop(self, number: int, reason: RecordingEnd, now: float) -> None:
        """Unknown numbers are ignored: a recording may end by itself at any moment."""
        running = self._running.get(number)
        if running is not None:
            self._cut(running, now)
            self._end(running, reason)

    def _end(self, running: _Running, reason: RecordingEnd) -> None:
        number = running.tape.number
        running.reason = reason
        self._ending[number] = self._running.pop(number)
        self._end_pause(running)
        self._unlist(running)
        self._tapes.remove(self._rows, running.tape)
        self._recorder.finish(number)

    def drop_leg(self, leg: int, now: float) -> bool:
        """The leg is closed; a recording without any leg ends. True: something changed."""
        touched = sorted(self._of_leg.get(leg, ()))
        for number in touched:
            running = self._running[number]
            left, right = running.left - {leg}, running.right - {leg}
            if left or right:
                self._cut(running, now)
                self._wire(running, left, right)
            else:
                self.stop(number, RecordingEnd.STOPPED, now)
        return bool(touched)

    def end_block(self) -> bool:
        """The record pass over a whole block; True if a recording ended."""
        if not self._running:
            return False
        self._tapes.record(self._rows, self._recorder)
        ended = self._tapes.ended()
        for tape in ended:
            reason = RecordingEnd.LENGTH if tape.is_full else RecordingEnd.SILENCE
            self._end(self._running[tape.number], reason)
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
        for running in list(self._running.values()):
            self._end(running, RecordingEnd.STOPPED)
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
