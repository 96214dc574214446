"""What is recorded of a conference, if a policy names it: all of whom are in it, on one side.

Whoever enters hears the notice before he is in. While somebody is in who may not be overheard, has
refused, or has not heard the notice to its end, nothing is written, and the gap is marked with the
reason: the tape rests before he is heard, and the engine refuses by itself who is protected.

While something is written, the phones of our people show the conference's name behind the mark that
a recorded talk has (`MARK`); when it rests, the name alone.
"""

from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from softswitch.apps.recording.facts import MARK, Facts
from softswitch.apps.recording.notice import Notice, give_notice
from softswitch.apps.recording.tape import Tape
from softswitch.calls.call import Call, Direction
from softswitch.calls.identity import Identity
from softswitch.calls.leg import Leg
from softswitch.office.recording import NOT_RECORDED, RecordingPolicy

if TYPE_CHECKING:
    from softswitch.apps.recording.room import RecordingRoom

# How it ended for one who has left while it goes on.
LEFT = "left"


class Silence(StrEnum):
    """Why nothing is written while somebody is in; the first that holds is told."""

    PRIVILEGED = "privileged"
    REFUSED = "refused"
    UNTOLD = "untold"  # he was not told to the end


# Why nothing is written while there is nobody to talk with.
ALONE = "alone"


class ConferenceRecording:
    """As long as anybody is in the conference. `policy` None: nothing of it is ever recorded.

    `shown`: its number and name; without a number, the one that was dialled.
    """

    def __init__(
        self, room: "RecordingRoom", policy: RecordingPolicy | None, shown: Identity
    ) -> None:
        self._room, self._policy, self._shown = room, policy, shown
        self._calls: dict[Leg, Call] = {}
        self._silent: dict[Leg, Silence] = {}
        self._members: tuple[Leg, ...] = ()
        self._tape: Tape | None = None
        # Whose story says that he is recorded, since when (monotonic).
        self._since: dict[Leg, float] = {}
        self._marked: set[Leg] = set()
        self.on_change: Callable[[], None] = self._changed

    @property
    def facts(self) -> Facts:
        """Of whoever has been in for longest; the others' calls name the recording."""
        origin, number = self._first.origin, self._first.party.number
        called = None if origin.direction is Direction.OUT else origin.called
        return Facts(origin.direction.value, number or origin.number, called)

    @property
    def _first(self) -> Call:
        return self._calls[self._members[0]]

    # --- who comes and goes ---

    async def admit(self, call: Call, language: str) -> None:
        """Before he is in: tell him, or rest while he is. To be raced against his hanging up."""
        if self._policy is None:
            return
        leg, room = call.leg, self._room
        self._calls[leg], self._silent[leg] = call, Silence.UNTOLD
        if room.of(call).secrecy() is not None:
            self._silent[leg] = Silence.PRIVILEGED
            return
        heard = await give_notice(room.desk, call, self._policy, [leg], [leg], language)
        if heard is Notice.HEARD:
            del self._silent[leg]
            leg.sound.on_key = lambda key, _: self._key(leg, key)
        elif heard is Notice.REFUSED:
            self._refuse(leg)

    def forget(self, leg: Leg) -> None:
        """He has left, or has never been in."""
        call, since = self._calls.pop(leg, None), self._since.pop(leg, None)
        self._silent.pop(leg, None)
        leg.sound.on_key = None
        if call is not None:
            self._show(leg, call, is_recorded=False)
        if call is not None and since is not None and self._tape is not None:
            seconds = round(self._room.desk.exchange.now() - since, 1)
            call.note("recording.ended", recording=self._tape.row.id, seconds=seconds, how=LEFT)

    def _key(self, leg: Leg, key: str) -> None:
        if self._policy is not None and key == self._policy.opt_out_key and leg in self._calls:
            leg.sound.on_key = None
            self._refuse(leg)
            self.follow(self._members)

    def _refuse(self, leg: Leg) -> None:
        call, desk = self._calls[leg], self._room.desk
        self._silent[leg] = Silence.REFUSED
        call.note("recording.refused", by=[leg.who])
        files = desk.prompt_files([NOT_RECORDED], call.office.office.office.language)
        leg.sound.begin(files, over=True)

    # --- the tape ---

    def quieten(self, members: Sequence[Leg]) -> None:
        """These are about to hear each other: rest first, if one of them may not be recorded."""
        if self._why(members) is not None:
            self.follow(members)

    def follow(self, members: Sequence[Leg]) -> None:
        """These hear each other now."""
        self._members = tuple(members)
        if self._policy is None:
            return
        why, sides = self._why(members), (tuple(leg.sound for leg in members), ())
        if self._tape is not None and not self._tape.is_over:
            self._tape.follow(None if why else sides, why, None)
        elif why is None:
            self._since.clear()  # another recording: it is told anew
            self._tape = self._room.begin(self._first, self._policy, self, None)
            self._tape.follow(sides, None, None)
        self._changed()

    def _why(self, members: Sequence[Leg]) -> str | None:
        found = {self._silent[leg] for leg in members if leg in self._silent}
        reason = next((one.value for one in Silence if one in found), None)
        return reason or (ALONE if len(members) < 2 else None)

    def _changed(self) -> None:
        tape = self._tape
        is_running = tape is not None and tape.is_running
        for leg in self._members:
            if leg in self._calls:
                self._show(leg, self._calls[leg], is_recorded=is_running)
        if tape is not None and is_running:
            self._tell_newcomers(tape)

    def _show(self, leg: Leg, call: Call, *, is_recorded: bool) -> None:
        """Phones that were never told of a recording are told nothing of its end."""
        if is_recorded is (leg in self._marked):
            return
        (self._marked.add if is_recorded else self._marked.discard)(leg)
        number = self._shown.number or call.origin.called
        leg.show(number, f"{MARK if is_recorded else ''}{self._shown.name}")

    def _tell_newcomers(self, tape: Tape) -> None:
        """The row of everybody who is recorded names the recording."""
        for leg in self._members:
            if leg in self._calls and leg not in self._since:
                self._since[leg] = self._room.desk.exchange.now()
                row = tape.row
                told = {"recording": row.id, "policy": row.policy, "purpose": row.purpose}
                self._calls[leg].note("recording.started", **told)

    def tell(self, kind: str, /, **data: Any) -> None:
        """Beginning and end are told to each as he comes and goes; trouble to all."""
        if kind == "recording.trouble":
            for call in self._calls.values():
                call.note(kind, **data)

    def close(self) -> None:
        """Nobody is in it any more."""
        if self._tape is not None:
            self._tape.stop()
