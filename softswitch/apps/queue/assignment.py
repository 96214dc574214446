"""Who is rung for whom, over all queues of the office: the one place where that is decided. Pure.

The first free agent for the first caller: callers of all queues stand in one order (the priority of
caller and queue together, then who has waited longest), and each takes from the free agents of his
own queue whom its strategy names. Nobody stands idle while somebody waits whom he may serve, no
agent is rung for two, and nobody is overtaken by a later caller of the same priority.

The shell (`hall.py`) rings whom `offers` names, and tells what became of it. Time and chance are
arguments; what agents do at the moment is asked of `facts`, which is told who is reserved.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from softswitch.apps.queue.agents import AgentState, Facts, Manned, manned, state_of
from softswitch.apps.queue.line import CallerState, Line, Waiting
from softswitch.apps.queue.strategy import Candidate, Chance, pick
from softswitch.office.queue import Queue

# A phone that restarts is gone for some seconds; only after these is "nobody there" believed.
NOBODY_PATIENCE = 10.0


@dataclass(slots=True)
class Lane:
    """One queue: its rules as the office has them now, its line, and what it remembers."""

    rules: Queue
    line: Line = field(default_factory=Line)
    last: str | None = None  # whom the round of `round_robin` has come to
    unmanned_since: float | None = None


class Assignment:
    """Bounded by the queues of the office and the callers who wait in them."""

    def __init__(
        self,
        facts: Callable[[str, bool], Facts],
        chance: Chance,
        served: Callable[[str, str], int],
    ) -> None:
        """`served`: how many callers of a queue an agent has had today, for `fewest_calls`."""
        self._facts, self._chance, self._served = facts, chance, served
        self._lanes: dict[str, Lane] = {}
        self._reserved: dict[str, Waiting] = {}

    # --- the office ---

    def use(self, queues: Mapping[str, Queue]) -> None:
        """Another version of the office, also for those who wait already.

        A queue that is no more keeps its last rules until its line is empty.
        """
        for key, rules in queues.items():
            self.lane(key, rules).rules = rules
        for key in [key for key, lane in self._lanes.items() if not len(lane.line)]:
            if key not in queues:
                del self._lanes[key]

    def lane(self, key: str, rules: Queue) -> Lane:
        """The queue of this name; `rules` of a call count only where the office has none."""
        return self._lanes.setdefault(key, Lane(rules))

    def remember(self, key: str, agent: str) -> None:
        """Whom the round of a queue had come to before a restart."""
        if key in self._lanes:
            self._lanes[key].last = agent

    def rules(self, key: str) -> Queue | None:
        """As they count now; None of a queue that nobody knows."""
        lane = self._lanes.get(key)
        return None if lane is None else lane.rules

    # --- callers ---

    def __iter__(self) -> Iterator[Waiting]:
        """Everybody in a line, in the order in which they are served."""
        everybody = (one for lane in self._lanes.values() for one in lane.line)
        return iter(sorted(everybody, key=self._rank))

    def line(self, key: str) -> list[Waiting]:
        """Those of one queue, in their order."""
        lane = self._lanes.get(key)
        return [] if lane is None else list(lane.line)

    def _rank(self, one: Waiting) -> tuple[int, float]:
        own, since = one.order
        return own - self._lanes[one.queue].rules.priority.rank, since

    def join(self, waiting: Waiting, rules: Queue) -> int:
        """Into the line of his queue; the position, counted from 1."""
        return self.lane(waiting.queue, rules).line.join(waiting)

    def position(self, waiting: Waiting) -> int:
        """1 for the next. Raises `ValueError` when he is in no line."""
        return self._lanes[waiting.queue].line.position(waiting)

    def rank(self, waiting: Waiting, priority: int) -> None:
        """His priority is another one from now on."""
        self._lanes[waiting.queue].line.rank(waiting, priority)

    def leave(self, waiting: Waiting) -> None:
        """He is gone, or an exit was due. Twice is harmless."""
        waiting.move(CallerState.LEFT)
        self._out(waiting)

    def _out(self, waiting: Waiting) -> None:
        self._release(waiting)
        lane = self._lanes.get(waiting.queue)
        if lane is not None:
            lane.line.leave(waiting)
            if not len(lane.line):
                lane.unmanned_since = None

    def answered(self, waiting: Waiting) -> bool:
        """Somebody has him: the agent who was rung, or a colleague who picked him up."""
        if not waiting.move(CallerState.ANSWERED):
            return False
        self._out(waiting)
        return True

    def again(self, waiting: Waiting, rules: Queue) -> None:
        """Whoever answered is gone before the two were joined: back to his old place."""
        if waiting.state is CallerState.ANSWERED and waiting.move(CallerState.WAITING):
            self.join(waiting, rules)

    # --- offers ---

    def offers(self, now: float) -> list[Waiting]:
        """Those for whom agents are to be rung from now on; `agents` says whom, reserved already.

        Who is being offered keeps his offer.
        """
        waiting = [one for one in self if one.state is CallerState.WAITING and one.is_ready]
        if not waiting:
            return []
        free = self._free({one.queue for one in waiting}, now)
        made = []
        for one in waiting:
            if not free:
                break
            agents = self._pick(one, free, now)
            if agents and one.move(CallerState.OFFERED):
                one.agents = tuple(agents)
                for agent in agents:
                    self._reserved[agent] = one
                    del free[agent]
                made.append(one)
        return made

    def _free(self, queues: Iterable[str], now: float) -> dict[str, Facts]:
        agents = {agent for key in queues for agent in self._lanes[key].rules.everybody}
        facts = {agent: self.facts(agent) for agent in agents}
        return {one: f for one, f in facts.items() if state_of(f, now) is AgentState.FREE}

    def facts(self, agent: str) -> Facts:
        """What is true of him, being offered to somebody included."""
        return self._facts(agent, agent in self._reserved)

    def _pick(self, one: Waiting, free: Mapping[str, Facts], now: float) -> list[str]:
        lane = self._lanes[one.queue]
        places = {agent: place for place, agent in enumerate(lane.rules.everybody)}
        tiers = [
            [
                Candidate(agent, places[agent], free[agent].idle, self._served(one.queue, agent))
                for agent in tier
                if agent in free and one.queue not in free[agent].left
            ]
            for tier in lane.rules.tiers(now - one.since)
        ]
        last = places.get(lane.last or "", -1)
        chosen = pick(lane.rules.how, tiers, one.tried, last, self._chance)
        if len(chosen) == 1:
            lane.last = chosen[0]
        return chosen

    def failed(self, waiting: Waiting) -> None:
        """They let it ring out, or refused; he waits on, unless somebody has him meanwhile."""
        if waiting.state is not CallerState.OFFERED:
            return
        waiting.tried.update(waiting.agents)
        self._release(waiting)
        rules = self.rules(waiting.queue)
        if rules is not None and waiting.tried >= set(rules.everybody):
            waiting.tried.clear()
        waiting.move(CallerState.WAITING)

    def _release(self, waiting: Waiting) -> None:
        for agent in waiting.agents:
            if self._reserved.get(agent) is waiting:
                del self._reserved[agent]
        waiting.agents = ()

    # --- exits ---

    def manned(self, key: str) -> Manned:
        """Whether anybody of the queue can be rung, now or after a talk."""
        return manned(self.facts(agent).of(key) for agent in self._lanes[key].rules.everybody)

    def is_full(self, key: str) -> bool:
        """No place is left in its line."""
        lane = self._lanes[key]
        return lane.line.is_full(lane.rules.places)

    def exits(self, now: float) -> list[tuple[Waiting, Manned]]:
        """Who is to leave, because nobody of his queue has been there for a while, and why.

        Whoever has been promised a call waits for the next morning.
        """
        found: list[tuple[Waiting, Manned]] = []
        for key, lane in self._lanes.items():
            if not len(lane.line):
                continue
            why = self.manned(key)
            if why is Manned.YES:
                lane.unmanned_since = None
                continue
            if lane.unmanned_since is None:
                lane.unmanned_since = now
            if now - lane.unmanned_since >= NOBODY_PATIENCE:
                found += [(one, why) for one in lane.line if not one.is_promised]
        return found

    def dump(self) -> dict[str, int]:
        """Counts for the leak check: all zero when nobody waits."""
        everybody = [one for lane in self._lanes.values() for one in lane.line]
        promised = sum(one.is_promised for one in everybody)
        return {
            "waiting": len(everybody) - promised,
            "promised": promised,
            "reserved": len(self._reserved),
        }
