"""The media engine of a story: it remembers what each leg heard, from when to when."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

from media import api
from tests.helpers.virtual_media import VirtualMedia


@dataclass(frozen=True, slots=True)
class Heard:
    """What one leg hears: voices of these legs, music, a prompt or tone, itself; or it speaks."""

    voices: tuple[int, ...] = ()
    music: bool = False
    prompt: bool = False
    echo: bool = False
    recorded: bool = False

    @property
    def is_silence(self) -> bool:
        return self == SILENCE


SILENCE = Heard()


@dataclass(slots=True)
class RememberingMedia(VirtualMedia):
    """See the module's docstring. `history`: leg → (since, what), None at its end."""

    history: dict[int, list[tuple[float, Heard | None]]] = field(default_factory=dict)
    echoing: set[int] = field(default_factory=set)
    messages: list[tuple[float, int]] = field(default_factory=list)  # when, of which leg
    losses: int = 0

    async def start(self, _settings: object) -> None:
        """A fresh worker."""
        await asyncio.sleep(0.5)
        self.alive = True

    async def open_leg(self, host: str) -> api.Leg:
        if not self.alive:
            raise api.WorkerGone("no media worker")
        opened = await VirtualMedia.open_leg(self, host)
        self._look()
        return opened

    def send(self, command: api.Command) -> None:
        if not self.alive:
            return
        match command:
            case api.Echo(leg=leg, on=on):
                (self.echoing.add if on else self.echoing.discard)(leg)
            case api.Record(left=left):
                self.messages.append((self._now(), left[0]))
        VirtualMedia.send(self, command)
        self._look()

    def lose_worker(self) -> None:
        """The worker process dies."""
        for row in self.legs.values():
            if row.timer is not None:
                row.timer.cancel()
        self.alive = False
        self.losses += 1
        self.legs.clear()
        self.bridges.clear()
        self.recordings.clear()
        self._look()
        self._tell(api.WorkerLost("a story"))

    def _stop(self, leg: int, reason: api.PlayEnd) -> None:
        VirtualMedia._stop(self, leg, reason)
        self._look()

    def _end_recording(self, number: int) -> None:
        VirtualMedia._end_recording(self, number)
        self._look()

    def _now(self) -> float:
        return asyncio.get_running_loop().time()

    def _look(self) -> None:
        now = self._now()
        rooms: dict[int, tuple[int, ...]] = {}
        for members in self.bridges.values():
            for one in members:
                rooms[one] = tuple(other for other in members if other != one)
        recorded = {leg for record in self.recordings.values() for leg in record.left}
        for leg, row in self.legs.items():
            is_played_to = row.play is not None
            what = Heard(
                rooms.get(leg, ()),
                row.music is not None,
                is_played_to,
                leg in self.echoing,
                leg in recorded,
            )
            known = self.history.setdefault(leg, [])
            if not known or known[-1][1] != what:
                known.append((now, what))
        for leg, known in self.history.items():
            if leg not in self.legs and known[-1][1] is not None:
                known.append((now, None))


class Claims:
    """In the place of the trace: which SIP dialogs belong to which call, as the switch says."""

    def __init__(self, now: Any) -> None:
        self._now = now
        self.first: dict[str, str] = {}  # call → the Call-ID of its caller
        self.of: dict[str, list[tuple[float, str]]] = {}  # Call-ID → since when to which call

    def claim(self, call_id: str, call: str) -> None:
        self.first.setdefault(call, call_id)
        self.of.setdefault(call_id, []).append((self._now(), call))

    def end(self, call: str) -> None:
        """Nothing: what was claimed stays known."""

    def owner(self, call_id: str, at: float) -> str | None:
        """Whose it was at a moment; at the very moment of a change, the new one."""
        found = None
        for since, call in self.of.get(call_id, ()):
            if since <= at + 1e-6:
                found = call
        return found
