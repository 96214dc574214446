"""Calls by chance in virtual time: `python -m tests.fuzz.calls [--stories N] [--seed S]`.

A story is some minutes in an office: people and a client dial, answer, hold, transfer, park, fetch,
pick up and hang up at any moment, half of them on a line that loses, repeats and overtakes packets.
Afterwards no dialog, row, port or task may be left, no slot is taken, no lamp lit, and each row of
the history says what the sound says: `Witness` sees who was joined, the row is not asked about it.

Ends with 1 at the first story that breaks something, and says how to have it again.
"""

import argparse
import asyncio
import os
import secrets
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, MutableMapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import structlog

from softswitch.store.event import Event
from softswitch.store.fold import CallRow
from tests.fuzz.__main__ import say
from tests.helpers.hand_phone import Call
from tests.helpers.office_people import (
    MOST_CALLS,
    PEOPLE,
    Crowd,
    check,
    check_lamps,
    check_rows,
    names,
)
from tests.helpers.virtual_media import VirtualMedia
from tests.helpers.virtual_office import LINGER, PROVIDER, VirtualOffice, virtual_office
from tests.helpers.virtual_time import HOST, VirtualLoop

STORIES = 10_000
PER_OFFICE = 40
"""Stories in one office: it costs more to open than to tell one."""
ACTS = (6, 20)
LOSS = 0.12
TOLERANCE = 1.0  # seconds: what a message takes to arrive on a bad line is no lie of the row
SLOTS = ("701", "702", "703", "*7", "*7702")
FETCHED = ("701", "701", "702", "702", "703", "*8701", "*8702")
PICKED = ("*8", "*8", "*8320", "*8321", "*8300", "*8301")
WHOM = (*PEOPLE * 3, "320", "320", "321", "300", "301", "345", "601202303", "nobody")
PUBLIC = ("+48221234567", "+48221234570", "+48221234570", "+48221234571")
PAUSES = (0.0, 0.001, 0.003, 0.05, 0.5, 0.5, 4.0, 22.0)
KEYED = ("*2", "*0", "*7", "*1", "#", "*2*2", "*0#")
SETTLED = 0.6
WORTH_TELLING = ("call.started", "bridge.started", "transfer", "transfer.failed", "hold")
WORTH_TELLING += ("transfer.returned", "park.started", "pickup", "consultation.started")
LAGS = (0.0, 0.0, 0.0, 0.005, 0.03)
HOLDS = (("sendonly", HOST), ("inactive", HOST), ("sendrecv", "0.0.0.0"), ("sendrecv", HOST))


class Witness(VirtualMedia):
    """Remembers who was ever joined with somebody, and for how long."""

    def __init__(self) -> None:
        super().__init__()
        self.joined: dict[int, float] = {}  # leg: seconds
        self._since: dict[int, float] = {}

    def _look(self) -> None:
        now = asyncio.get_running_loop().time()
        together = {leg for legs in self.bridges.values() if len(legs) > 1 for leg in legs}
        for leg in together - set(self._since):
            self._since[leg] = now
            self.joined.setdefault(leg, 0.0)
        for leg in set(self._since) - together:
            self.joined[leg] += now - self._since.pop(leg)

    def send(self, command: object) -> None:
        super().send(command)  # type: ignore[arg-type]
        self._look()


class Day:
    """One office, and the stories that are told in it."""

    def __init__(self, office: VirtualOffice) -> None:
        assert isinstance(office.media, Witness)
        self.office, self.media = office, office.media
        self.happened: Counter[str] = Counter()
        self.crowd = Crowd(office)
        self.is_line_bad = False
        self.callers: dict[str, int] = {}  # call: the caller's row in the media engine
        office.server.desk.exchange.events.subscribe(self._happened)
        office.do(self.crowd.come())
        self.tasks = self._tasks()

    def _happened(self, event: Event) -> None:
        self.happened[event.kind] += 1
        if event.kind == "call.started":
            call = self.office.server.arrivals.calls[event.call]
            self.callers[event.call] = call.leg.sound.leg

    def _tasks(self) -> int:
        return len(asyncio.all_tasks(self.office.loop))

    # --- one story ---

    def tell(self, dice: Random) -> None:
        """Raises what was broken."""
        crowd, network = self.crowd, self.office.loop.network
        crowd.eager = set(PEOPLE)
        self._begin(dice)
        crowd.eager = {one for one in (*PEOPLE, PROVIDER) if dice.random() < 0.3}
        crowd.deaf = {one for one in PEOPLE if dice.random() < 0.1}
        self.is_line_bad = dice.random() < 0.5
        if self.is_line_bad:
            arrivals = (0, 1, 2), (LOSS, 1 - 2 * LOSS, LOSS)
            network.fate = lambda *_: dice.choices(*arrivals)[0]
            network.lag = lambda: dice.choice(LAGS)
        for _ in range(dice.randint(*ACTS)):
            self._act(dice)
            self._pass(dice.choice(PAUSES))
        network.fate, network.lag = lambda *_: 1, lambda: 0.0
        self._pass(SETTLED)  # every 200 has its ACK by now
        self._end()

    def _begin(self, dice: Random) -> None:
        """Somebody talks already, mostly."""
        for _ in range(dice.choice((0, 1, 1, 2))):
            one, other = dice.sample(PEOPLE, 2)
            self.office.do(self.crowd.dial(self.crowd.phones[one], other))
        if dice.random() < 0.7:
            self.office.do(self.crowd.dial(self.crowd.client, dice.choice(PUBLIC)))
        self._pass(SETTLED)

    def _pass(self, seconds: float) -> None:
        self.office.loop.pass_time(seconds)
        self.crowd.act(self.crowd.settle)
        assert not self.media.mistakes, self.media.mistakes

    def _end(self) -> None:
        """Everybody leaves; nothing is left, and the history is true."""
        office = self.office
        self.crowd.everybody_leaves()
        office.check_calm()
        assert self._tasks() == self.tasks, asyncio.all_tasks(office.loop)
        check_lamps(office)
        check_rows(office)
        for call in office.calls():
            self._check_row(call, office.row(call))
        office.loop.pass_time(LINGER)
        assert not any(office.server.endpoint.stack.dump().values()), office.server.dump()
        self._forget()

    def _check_row(self, call: str, row: CallRow) -> None:
        """What the media engine saw of the caller is what the history says of him."""
        kinds, leg = self.office.kinds(call), self.callers[call]
        met = leg in self.media.joined
        if kinds.count("park.started"):
            assert kinds.count("park.started") == kinds.count("park.ended"), kinds
        if (row.reason or "").startswith("went on in"):
            assert row.result != "talked", (row, kinds)
            return
        # Who is put on hold in the moment of the answer has been answered, and hears only music.
        # Who was handed on after his talk, and left before anybody was there, has not been served.
        rest = kinds[len(kinds) - kinds[::-1].index("bridge.started") :] if met else []
        is_handed_on = "transfer" in rest or "park.started" in rest
        is_told = met is (row.result == "talked") or (is_handed_on and row.result == "abandoned")
        assert is_told or "hold" in kinds, (met, row, kinds)
        if not any(kind.startswith(("transfer", "hold", "consultation")) for kind in kinds):
            heard = self.media.joined.get(leg, 0.0)
            assert abs(row.talk - heard) < TOLERANCE, (heard, row, kinds)

    def _forget(self) -> None:
        self.office.events.clear()
        self.callers.clear()
        self.media.joined.clear()
        for phone in (*self.crowd.phones.values(), self.crowd.client):
            for memory in (phone.inbox, phone._calls, phone._acks, phone._answers):
                memory.clear()
            phone.rings = self.crowd._rung

    # --- what may happen ---

    def _act(self, dice: Random) -> None:
        crowd, parked = self.crowd, self.office.server.desk.parking.dump()["parked"]
        kinds: list[Callable[[Random], None]] = [self._dial] * 3 + [self._client_calls, self._rest]
        if crowd.ringing:
            kinds += [self._answer] * 3 + [self._refuse] + [self._pick_up] * 4
        if crowd.dialled:
            kinds.append(self._give_up)
        if parked:
            kinds += [self._fetch] * 4
        if crowd.up:
            kinds += [self._hang_up, self._replace, self._fetch] + [self._hold, self._press] * 2
            kinds += [self._refer, self._park] * 3 + [self._join] * 2
        dice.choice(kinds)(dice)

    def _call(self, who: str, whom: str, *headers: tuple[str, str]) -> None:
        phone = self.crowd.client if who == PROVIDER else self.crowd.phones[who]
        if self.crowd.calls_of(phone) < MOST_CALLS:
            self.office.do(self.crowd.dial(phone, whom, *headers))

    def _dial(self, dice: Random) -> None:
        self._call(dice.choice(PEOPLE), dice.choice(WHOM))

    def _client_calls(self, dice: Random) -> None:
        self._call(PROVIDER, dice.choice(PUBLIC))

    def _fetch(self, dice: Random) -> None:
        self._call(dice.choice(PEOPLE), dice.choice(FETCHED))

    def _pick_up(self, dice: Random) -> None:
        """Two may want it at once."""
        there = [f"*8{call.phone.user}" for call in self.crowd.ringing if call.phone.user in PEOPLE]
        code = dice.choice((*PICKED, *there * 4))
        for who in dice.sample(PEOPLE, dice.choice((1, 1, 2))):
            self._call(who, code)

    def _rest(self, dice: Random) -> None:
        seconds = dice.choice((SETTLED, 3.0, 65.0, 190.0))
        self._pass(seconds)
        self._pass(SETTLED)
        if not self.is_line_bad:  # else something may still be on its way
            check(self.office)
            if seconds > SETTLED:  # who is busy without a story is lit at the second look
                check_lamps(self.office)

    def _answer(self, dice: Random) -> None:
        self.crowd.act(self.crowd.answer, dice.choice(self.crowd.ringing))

    def _refuse(self, dice: Random) -> None:
        status = dice.choice((486, 603, 404))
        self.crowd.act(self.crowd.refuse, dice.choice(self.crowd.ringing), status)

    def _give_up(self, dice: Random) -> None:
        self.crowd.act(self.crowd.give_up, dice.choice(self.crowd.dialled))

    def _hang_up(self, dice: Random) -> None:
        # "The callee's UA MUST NOT send a BYE ... until it has received an ACK" (RFC 3261 15).
        up = [call for call in self.crowd.up if not _is_unacknowledged(call)]
        if up:
            self.crowd.act(self.crowd.bye, dice.choice(up))

    def _hold(self, dice: Random) -> None:
        call, (direction, host) = dice.choice(self.crowd.up), dice.choice(HOLDS)
        offer = call.phone.offer(direction, host, call._cseq + 1)
        try:
            self.office.do(call.reinvite(offer))
        except AssertionError:
            # On a bad line its answer may be lost and a BYE come instead: nobody is owed one more.
            ends = [one for one in call.phone.inbox if one.is_request and one.method == "BYE"]
            if not any(end.get("Call-ID") == call.invite.get("Call-ID") for end in ends):
                raise

    def _refer(self, dice: Random) -> None:
        self.crowd.act(self.crowd.refer, dice.choice(self.crowd.up), dice.choice(WHOM))

    def _park(self, dice: Random) -> None:
        self.crowd.act(self.crowd.refer, dice.choice(self.crowd.up), dice.choice(SLOTS))

    def _join(self, dice: Random) -> None:
        """An attended transfer, mostly of calls of one phone."""
        call = dice.choice(self.crowd.up)
        own = [one for one in self.crowd.up if one.phone is call.phone and one is not call]
        other = dice.choice(own if own and dice.random() < 0.8 else self.crowd.up)
        self.crowd.act(self.crowd.refer, call, "104", other)

    def _replace(self, dice: Random) -> None:
        header = ("Replaces", names(dice.choice(self.crowd.up)))
        self._call(dice.choice(PEOPLE), "102", header)

    def _press(self, dice: Random) -> None:
        number = "".join(one for one in dice.choice(WHOM) if one.isdigit())
        keys = dice.choice((*KEYED, f"*1{number}#", f"*2{number}#", f"*2{number}#"))
        self.crowd.act(self.crowd.press, dice.choice(self.crowd.up), keys)


def _is_unacknowledged(call: Call) -> bool:
    """Its 200 is still repeated."""
    return (call.invite.get("Call-ID"), "200") in call.phone._waiting


# --- many of them ---


@contextmanager
def mistakes_of_the_switch() -> Iterator[list[str]]:
    """What it would have logged as an error."""
    found: list[str] = []

    def look(_: Any, level: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        if level in ("error", "critical", "exception"):
            found.append(str(event))
        raise structlog.DropEvent

    before = structlog.get_config()
    structlog.configure(processors=[structlog.processors.format_exc_info, look])
    try:
        yield found
    finally:
        structlog.configure(**before)


class Broken(Exception):
    """A story that does not end as it must."""


@dataclass(slots=True)
class Told:
    """What the stories were about."""

    seconds: float = 0.0  # virtual ones
    happened: Counter[str] = field(default_factory=Counter)  # kinds of events


def explore(seed: int, first: int, last: int) -> Told:
    """Tell the stories `first` to `last`. Raises `Broken` at the first one that is."""
    all_told = Told()
    for start in range(first, last, PER_OFFICE):
        told = range(start, min(start + PER_OFFICE, last))
        with mistakes_of_the_switch() as mistakes, virtual_office(make=_observed) as office:
            day, number = Day(office), start
            try:
                for number in told:
                    day.tell(Random(f"{seed} {number}"))
                    assert not mistakes, "\n".join(mistakes)
            except Exception as error:
                where = f"--seed {seed} --first {start} --last {number + 1}"
                raise Broken(f"again: python -m tests.fuzz.calls {where}") from error
            all_told.seconds += office.loop.time()
            all_told.happened += day.happened
    return all_told


def _observed(loop: VirtualLoop, folder: Path, more: str) -> VirtualOffice:
    return VirtualOffice(loop, folder, more, Witness())


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.calls", description=__doc__)
    wanted = int(os.environ.get("FUZZ_STORIES", STORIES))
    parser.add_argument("--stories", type=int, default=wanted)
    parser.add_argument("--seed", type=int, default=secrets.randbits(32))
    parser.add_argument("--first", type=int, default=0, help="begin with the story of this number")
    parser.add_argument("--last", type=int, help="end before the story of this number")
    options = parser.parse_args()
    last = options.first + options.stories if options.last is None else options.last
    say(f"seed {options.seed}")
    began = time.process_time()
    try:
        told = explore(options.seed, options.first, last)
    except Broken as broken:
        traceback.print_exc()
        say(str(broken))
        return 1
    took = time.process_time() - began
    hours = told.seconds / 3600
    say(f"{last - options.first} stories  {hours:.0f} h of virtual time  {took:.0f} s CPU")
    say("  ".join(f"{kind} {told.happened[kind]}" for kind in WORTH_TELLING))
    return 0


if __name__ == "__main__":
    sys.exit(main())
