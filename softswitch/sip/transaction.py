"""A transaction: one exchange's place in a machine of RFC 3261 section 17, and its two clocks.

`machines.py` holds the tables as the RFC draws them. `MachinePlan` is a table with the seconds of
one `TimerConfig` and one kind of transport worked in; `Transaction` walks through a plan. An input
without a row in the table is absorbed: `step` returns no action.

This file must not know what a message looks like, who matches it, nor what a dialog is. The 2xx of
an INVITE and its ACK are between the users of the transactions: `acknowledge.py`.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from math import inf
from typing import Literal, NamedTuple

from softswitch.sip.machines import Action, End, Input, Machine, Repeat, Row, State, Transition

log = logging.getLogger(__name__)

RINGING_REFRESH = 60.0
"""Seconds between two sendings of the last provisional response to an INVITE. RFC 3261 13.3.1.1:
"the UAS MUST send a non-100 provisional response at every minute"; else proxies on the way give
up a caller who waits in a queue."""

Role = Literal["client", "server"]


class TransactionKey(NamedTuple):
    """What tells one transaction from another (RFC 3261 17.1.3, 17.2.3).

    A NamedTuple, since every message is looked up by it and a tuple's hash costs a tenth of a
    dataclass's.
    """

    role: Role
    method: str
    """The method; a server's INVITE key also finds the ACK for a non-2xx."""
    branch: str
    sent_by: str
    """`host:port` of the top Via, in lower case; empty for clients, whose branches are ours."""


@dataclass(frozen=True, slots=True)
class TimerConfig:
    """RFC 3261 table 4, in seconds."""

    t1: float = 0.5
    """Round-trip estimate."""
    t2: float = 4.0
    """The longest interval between two sendings of a request or a 2xx."""
    t4: float = 5.0
    """How long a message may stay in the network."""

    @property
    def give_up(self) -> float:
        """64*T1: timers B, F, H, J, L and M."""
        return 64 * self.t1

    @property
    def linger(self) -> float:
        """Timer D: "at least 32 seconds for unreliable transports"."""
        return max(32.0, 64 * self.t1)


@dataclass(frozen=True, slots=True)
class Stage:
    """A state with its seconds: a `Row` under one `TimerConfig` and one kind of transport."""

    state: State
    first_repeat: float
    """Seconds from entry to the first repeat; `inf`: none; negative: the clock runs on."""
    longest_repeat: float
    lifetime: float
    """Seconds from entry to the END input; `inf`: none; 0: never stay; negative: runs on."""
    on: dict[Input, Transition]


RUNS_ON = -1.0


@dataclass(frozen=True, slots=True)
class MachinePlan:
    """A machine ready to run."""

    machine: Machine
    stages: dict[State, Stage]

    @classmethod
    def of(cls, machine: Machine, timers: TimerConfig, reliable: bool) -> MachinePlan:
        """Work the timers into the table. `reliable`: RFC 3261's word for TCP, TLS and the like."""
        stages = {
            state: _stage(state, row, timers, reliable) for state, row in machine.rows.items()
        }
        return cls(machine, stages)


def _stage(state: State, row: Row, timers: TimerConfig, reliable: bool) -> Stage:
    repeats = {
        Repeat.NEVER: (inf, inf),
        Repeat.DOUBLING: (timers.t1, inf),
        Repeat.CAPPED: (timers.t1, timers.t2),
        Repeat.SLOW: (RUNS_ON, timers.t2),
        Repeat.MINUTE: (RINGING_REFRESH, RINGING_REFRESH),
    }
    lifetimes = {
        End.NEVER: inf,
        End.KEEP: RUNS_ON,
        End.GIVE_UP: timers.give_up,
        End.LINGER: 0.0 if reliable else timers.linger,
        End.ABSORB_REQUESTS: 0.0 if reliable else timers.give_up,
        End.ABSORB_RESPONSES: 0.0 if reliable else timers.t4,
    }
    first, longest = repeats[row.repeat]
    if reliable and row.repeat is not Repeat.MINUTE:
        first, longest = inf, inf
    return Stage(state, first, longest, lifetimes[row.end], row.on)


class Transaction:
    """One exchange's place in its machine, and its two clocks.

    `due` is when `expire` wants to be called; `queued` belongs to the heap that calls it.
    """

    __slots__ = ("_end_at", "_interval", "_plan", "_repeat_at", "_stage", "due", "key", "queued")

    def __init__(self, key: TransactionKey, plan: MachinePlan, now: float) -> None:
        self.key = key
        self.due = inf
        self.queued = inf
        self._plan = plan
        self._repeat_at = self._end_at = self._interval = inf
        self._stage = plan.stages[plan.machine.start]
        self._enter(self._stage, now)

    @property
    def state(self) -> State:
        """Where it stands."""
        return self._stage.state

    @property
    def is_terminated(self) -> bool:
        """Over: to be taken out of every store."""
        return self._stage is _END_STAGE

    def step(self, event: Input, now: float) -> tuple[Action, ...]:
        """Take one input; the actions are to be done in order. None: it was absorbed."""
        stage = self._stage
        transition = stage.on.get(event)
        if transition is None:
            return ()
        if transition.state is not stage.state:
            self._enter(self._plan.stages.get(transition.state, _END_STAGE), now)
            if log.isEnabledFor(logging.DEBUG):
                log.debug("%s: %s on %s", self.key, self._stage.state.value, event.value)
        elif event is Input.REPEAT:
            self._interval = min(2 * self._interval, stage.longest_repeat)
            if stage.first_repeat == RUNS_ON:
                self._interval = stage.longest_repeat
            self._repeat_at = now + self._interval
            self.due = min(self._repeat_at, self._end_at)
        return transition.actions

    def expire(self, now: float) -> tuple[Action, ...]:
        """Let the clocks that are due speak. The end goes before a repeat."""
        if self._end_at <= now:
            return self.step(Input.END, now)
        if self._repeat_at <= now:
            return self.step(Input.REPEAT, now)
        return ()

    def end_in(self, seconds: float, now: float) -> None:
        """Bound the state from outside: a cancelled INVITE waits no longer than 64*T1."""
        self._end_at = now + seconds
        self.due = min(self._repeat_at, self._end_at)

    def _enter(self, stage: Stage, now: float) -> None:
        if stage.lifetime == 0.0:
            stage = _END_STAGE
        self._stage = stage
        if stage.first_repeat != RUNS_ON:
            self._interval = stage.first_repeat
            self._repeat_at = now + stage.first_repeat
        if stage.lifetime != RUNS_ON:
            self._end_at = now + stage.lifetime
        self.due = min(self._repeat_at, self._end_at)


_END_STAGE = Stage(State.TERMINATED, inf, inf, inf, {})
