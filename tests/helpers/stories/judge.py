"""Does each call's history row tell the truth? And did anybody alive hear nothing at all?

The witnesses are the phones' own logs and the media engine, which knows who heard whom from when to
when. Of the switch's own words only two are believed: which SIP dialog belongs to which call, and
that somebody asked a colleague meanwhile (a consultation is no talk with the one who waits).
"""

from collections.abc import Iterator
from dataclasses import dataclass

from softswitch.store.fold import CallRow, Result
from tests.helpers.stories.call import Call
from tests.helpers.stories.office import StoryOffice
from tests.helpers.stories.people import OUTSIDE

# Between what a phone knows and what the switch knows: packets under way, and lost ones again.
TOLERANCE, TOLERANCE_LOSSY = 1.0, 16.0
SILENT = 5.05
CONFERENCES = ("open", "board")
FAR = 1e9


@dataclass(frozen=True, slots=True)
class Heard:
    """Two or more heard each other. `since`, `until`: as far as both knew they were in a call."""

    calls: frozenset[Call]
    since: float
    until: float
    is_room: bool


def complaints(office: StoryOffice, loss: float) -> list[str]:
    """Everything that is not true."""
    judge = Judge(office, loss)
    found = [*judge.missing_rows(), *judge.silences()]
    for name in office.calls():
        found += [f"{name}: {one}" for one in judge.row(name)]
    return found


class Judge:
    """One story's."""

    def __init__(self, office: StoryOffice, loss: float) -> None:
        self._office, self._claims, self._media = office, office.claims, office.media
        self._tolerance = TOLERANCE_LOSSY if loss else TOLERANCE
        self._silent = SILENT + (TOLERANCE_LOSSY if loss else 0.0)
        self._phones = [*office.phones, office.provider]
        self._calls = {call.id: call for phone in self._phones for call in phone.past}
        self._rows = {call.row: call for call in self._calls.values() if call.row is not None}
        self._end = office.loop.time()

    # --- every call of a phone has a row, and every row a call of a phone ---

    def missing_rows(self) -> Iterator[str]:
        callers = list(self._claims.first.values())
        for id_ in {one for one in callers if callers.count(one) > 1}:
            yield f"two rows for one call: {id_}"
        for call in self._calls.values():
            if call.is_outgoing and call.up is not None and not call.has_replaces:
                if call.id not in callers:
                    yield f"{call} was answered and has no row"

    # --- nobody hears nothing (U-8) ---

    def silences(self) -> Iterator[str]:
        for call in self._calls.values():
            if call.up is None:
                continue
            until = min(self._ends(call), call.phone.gone_since or FAR)
            if call.referred is not None and call.phone.password is not None:
                until = min(until, call.referred)  # who asked for a transfer waits to be told
            for since, to in self._silent_times(call):
                begin, end = max(since, call.up), min(to, until)
                for lasted, at in _without(begin, end, call.holds):
                    if lasted > self._silent:
                        yield f"{call} heard nothing for {lasted:.1f} s from {at:.3f}"

    def _silent_times(self, call: Call) -> Iterator[tuple[float, float]]:
        history = self._media.history.get(call.row if call.row is not None else -1, [])
        if not history:
            yield 0.0, FAR
        for (since, what), following in zip(history, [*history[1:], None], strict=True):
            if what is None or what.is_silence:
                yield since, following[0] if following is not None else FAR

    def _ends(self, call: Call) -> float:
        return call.over if call.over is not None else self._end

    # --- who heard whom ---

    def _talks(self, name: str) -> list[Heard]:
        """Of one call of the switch, in order."""
        found = set()
        for call in self._calls.values():
            history = self._media.history.get(call.row if call.row is not None else -1, [])
            for (since, what), following in zip(history, [*history[1:], None], strict=True):
                until = following[0] if following is not None else self._end
                if what is None or not what.voices:
                    continue
                if self._claims.owner(call.id, since) != name:
                    continue
                others = [self._rows[row] for row in what.voices if row in self._rows]
                found |= {self._heard(call, other, since, until, name) for other in others}
        return sorted((one for one in found if one is not None), key=lambda one: one.since)

    def _heard(
        self, call: Call, other: Call, since: float, until: float, name: str
    ) -> Heard | None:
        is_room = self._claims.owner(other.id, since) != name
        begin = max(since, call.up or FAR, other.up or FAR)
        end = min(until, self._ends(call), self._ends(other))
        # A prompt over the voices parts a talk in the log, and not for those who talk.
        return Heard(frozenset((call, other)), begin, end, is_room) if end > begin else None

    # --- one row ---

    def row(self, name: str) -> Iterator[str]:
        story = self._office.story(name)
        kinds = [event.kind for event in story]
        row = self._office.row(name)
        if row.ended is None or kinds.count("call.ended") != 1 or kinds.count("call.started") != 1:
            yield f"no one end: {kinds}"
            return
        for what in ("bridge", "park", "consultation"):
            if kinds.count(f"{what}.started") < kinds.count(f"{what}.ended"):
                yield f"{what} does not end as often as it begins: {kinds}"
        if kinds.count("bridge.started") != kinds.count("bridge.ended"):
            yield f"a talk without its end: {kinds}"
        caller = self._calls.get(self._claims.first.get(name, ""))
        if caller is None:
            if row.result is not Result.FAILED:
                yield f"nobody's call: {row}"
            return
        if row.called is None or row.called not in (caller.number, f"+48{caller.number}"):
            yield f"called {row.called}, not {caller.number}"
        talks = self._talks(name)
        yield from self._result(name, row, caller, talks)
        yield from self._seconds(name, row, talks)
        yield from self._handler(name, row, caller, talks)

    def _result(
        self, name: str, row: CallRow, caller: Call, talks: list[Heard]
    ) -> Iterator[str]:
        longest = max((one.until - one.since for one in talks), default=0.0)
        has_talked = row.result is Result.TALKED
        if longest > self._tolerance and not has_talked:
            yield f"talked for {longest:.1f} s and is {row.result}: {self._kinds(name)}"
        if has_talked and not talks and row.talk > self._tolerance and not self._held(talks):
            yield f"is talked, though nobody was heard: {row} {self._kinds(name)}"
        stored = [leg for _, leg in self._media.messages if self._owns(name, leg)]
        if not self._media.losses and bool(stored) is not (row.message is not None):
            yield f"{len(stored)} messages, and {row.message}"
        is_sure = caller.phone.gone_since is None and not self._media.losses
        if not is_sure or has_talked or row.result in (Result.MESSAGE, Result.SERVICE):
            return
        has_left = caller.ended_here and caller.final < 300
        if has_left and row.result not in (Result.ABANDONED, Result.INTERRUPTED):
            if not self._is_close(caller, row):
                yield f"the caller left, and it is {row.result}: {self._kinds(name)}"
        elif row.result is Result.ABANDONED and not caller.ended_here:
            if row.status != 487 and not self._was_led(name):
                yield f"the caller did not leave, and it is abandoned: {self._kinds(name)}"

    def _is_close(self, caller: Call, row: CallRow) -> bool:
        """He left in the moment in which it ended anyhow."""
        assert row.ended is not None
        lasted = (row.ended - row.started).total_seconds()
        return abs(caller.began + lasted - self._ends(caller)) < self._tolerance

    def _owns(self, name: str, leg: int) -> bool:
        call = self._rows.get(leg)
        return call is not None and any(owner == name for _, owner in self._claims.of[call.id])

    def _was_led(self, name: str) -> bool:
        return "transfer" in self._kinds(name)

    def _kinds(self, name: str) -> list[str]:
        return self._office.kinds(name)

    def _seconds(self, name: str, row: CallRow, talks: list[Heard]) -> Iterator[str]:
        asked = [event for event in self._office.story(name) if event.kind == "consultation.ended"]
        aside = sum(event.data["seconds"] for event in asked)
        heard = _length((one.since, one.until) for one in talks)
        slack = self._tolerance * (1 + len(talks))
        if row.talk < heard - aside - slack:
            yield f"{row.talk:.1f} s of talk, and {heard:.1f} s were heard: {self._kinds(name)}"
        if row.talk > heard + self._held(talks) + slack + self._gone(talks):
            yield f"{row.talk:.1f} s of talk, and only {heard:.1f} s heard: {self._kinds(name)}"

    def _held(self, talks: list[Heard]) -> float:
        calls = {call for one in talks for call in one.calls}
        return sum(end - begin for call in calls for begin, end in call.holds)

    def _gone(self, talks: list[Heard]) -> float:
        """A phone that vanished talks on, as far as anybody can know."""
        is_gone = any(call.phone.gone_since is not None for one in talks for call in one.calls)
        return FAR if is_gone or self._media.losses else 0.0

    def _handler(
        self, name: str, row: CallRow, caller: Call, talks: list[Heard]
    ) -> Iterator[str]:
        talks = [one for one in talks if one.until - one.since > self._tolerance]
        if not talks or row.result is not Result.TALKED:
            return
        if row.direction == "out":
            if row.handled_by != row.number:
                yield f"a call out by {row.number} is handled by {row.handled_by}"
            return
        asked = self._aside(name)
        own = [one for one in talks if not any(b <= one.since < e for b, e in asked)]
        if not own:
            return
        last = max(own, key=lambda one: one.until)
        expected = set(CONFERENCES) if last.is_room else self._people(last, caller)
        if expected and row.handled_by not in expected:
            said = [event.data for event in self._office.story(name)
                    if event.kind == "bridge.started"]  # fmt: skip
            yield f"handled by {row.handled_by}, not by {expected}: {said}"

    def _people(self, last: Heard, caller: Call) -> set[str]:
        """Who of the office may be meant: who talked with the one who is led."""
        people = {one.who for one in last.calls if one is not caller}
        for one in last.calls - {caller}:
            if one.who in OUTSIDE or one.phone.password is None:
                people |= self._forwarders(one.who)
        return {one for one in people if one.isdigit() and len(one) == 3}

    def _forwarders(self, number: str) -> set[str]:
        """Whose calls may have been sent to this number."""
        dialled = [call for call in self._calls.values() if call.number[:1] == "*"]
        targets = [(call.who, call.number.split("*")[2:3]) for call in dialled]
        return {who for who, target in targets if target and number.endswith(target[0])}

    def _aside(self, name: str) -> list[tuple[float, float]]:
        times: list[tuple[float, float]] = []
        began = self._office.began
        for event in self._office.story(name):
            at = event.at.timestamp() - began
            if event.kind == "consultation.started":
                times.append((at - 0.01, FAR))
            elif event.kind == "consultation.ended" and times:
                times[-1] = (times[-1][0], at)
        return times


def _without(
    begin: float, end: float, holds: list[list[float]]
) -> Iterator[tuple[float, float]]:
    """How long, from when: what is left of a time when its phone did not hold."""
    for hold in holds:
        since, until = hold[0], hold[1] if len(hold) > 1 else FAR
        if since < end and until > begin:
            yield since - begin, begin
            begin = max(begin, until)
    yield end - begin, begin


def _length(times: Iterator[tuple[float, float]]) -> float:
    """Of the union."""
    total, reached = 0.0, 0.0
    for since, until in sorted(times):
        total += max(until - max(since, reached), 0.0)
        reached = max(reached, until)
    return total
