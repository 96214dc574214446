"""All queues while they run: callers wait with music, free agents are rung, in order.

A thin shell: who is rung for whom is decided by `assignment.py`, at every change and once a second;
here it is done. Ringing and announcements are independent tasks: what a caller hears never delays
the ringing of an agent.
"""

import asyncio
import random
from collections.abc import Callable, Mapping
from contextlib import ExitStack

from softswitch import metrics
from softswitch.apps.queue.agents import AgentState, Facts, Manned, state_of
from softswitch.apps.queue.assignment import Assignment
from softswitch.apps.queue.figures import KINDS, STAFFED, Figures, expected_wait
from softswitch.apps.queue.guest import Guest, Left, Served
from softswitch.apps.queue.line import Waiting
from softswitch.apps.queue.memory import Memory
from softswitch.apps.queue.strategy import Chance
from softswitch.calls.call import Call
from softswitch.calls.dial import DialResult, dial
from softswitch.calls.exchange import Exchange
from softswitch.calls.ringing import Claim
from softswitch.calls.sound import SoundError
from softswitch.calls.standing import Standing
from softswitch.log import get_logger
from softswitch.office.codes import Setting
from softswitch.office.queue import Queue
from softswitch.routing.caller import QueueOutcome, RingOutcome
from softswitch.store.event import Event

_log = get_logger("apps.queue")

# Wrap-up ends and phones register without telling the hall: it looks again this often.
LOOK_AGAIN = 1.0
# An agent who refused a call or let it ring out is left in peace this long.
REST = 5.0
_EXITS = {Manned.NOBODY: QueueOutcome.NO_AGENTS, Manned.UNREACHABLE: QueueOutcome.UNREACHABLE}


class QueueHall:
    """See the module's docstring. `kinds`: of the events that it is to see."""

    kinds = KINDS

    def __init__(
        self, exchange: Exchange, standing: Standing, chance: Chance = random.random
    ) -> None:
        self._exchange, self._standing = exchange, standing
        self._guests: dict[Waiting, Guest] = {}
        self._rest_until: dict[str, float] = {}
        self.figures = Figures()
        self._assignment = Assignment(self._facts, chance, self.figures.served)
        # Set by the wiring: keeps the place of a caller who goes.
        self.promise: Callable[[Call, Waiting], None] = lambda _call, _place: None
        # Set by the wiring: since when a place in a queue is kept for a number, if one is.
        self.kept_since: Callable[[str, str], float | None] = lambda _number, _queue: None
        self._looker: asyncio.Task[None] | None = None
        # Asked before each look: whether somebody who has hung up is to be called now.
        self.is_ready: Callable[[Waiting], bool] = lambda _: True

    # --- the office ---

    def use(
        self, queues: Mapping[str, Queue], priority_of: Callable[[Waiting], int | None]
    ) -> None:
        """Another version of the office, for everybody who waits: ring whom it adds at once.

        `priority_of`: what a caller's route says of him now; None: nothing any more.
        """
        self._assignment.use(queues)
        for place in self._guests:
            priority = priority_of(place)
            if priority is not None:
                self._assignment.rank(place, priority)
        self.look()

    def guests(self, queue: str | None = None) -> list[Guest]:
        """Who waits, in the order in which they are to be served; of one queue or of all."""
        line = self._assignment if queue is None else self._assignment.line(queue)
        return [self._guests[place] for place in line if place in self._guests]

    def state(self, agent: str, queue: str) -> AgentState:
        """What an agent does at the moment, as one of his queues sees it."""
        return state_of(self._assignment.facts(agent).of(queue), self._exchange.now())

    def _facts(self, agent: str, is_reserved: bool) -> Facts:
        people, standing = self._exchange.people, self._standing
        person, now = people.of(agent), self._exchange.steady()
        is_away = standing.away(agent) is not None
        return Facts(
            is_logged_in=standing.is_agent(agent),
            left=standing.left_queues(agent),
            is_absent=is_away or standing.active(agent, Setting.FORWARD_ALL) is not None,
            has_phone=self._exchange.registrar.is_there(agent, now),
            is_undisturbed=standing.active(agent, Setting.DND) is not None,
            is_paused=standing.active(agent, Setting.PAUSE) is not None,
            calls=person.calls,
            rung=person.rung,
            is_reserved=is_reserved,
            wrap_up_until=person.pause_until,
            rest_until=self._rest_until.get(agent, 0.0),
            idle=people.idle_seconds(agent),
        )

    def remember(self, memory: Memory) -> None:
        """What agents did before a restart."""
        now, people = self._exchange.clock(), self._exchange.people
        for agent, since in memory.idle_since.items():
            until = memory.wraps_up_until.get(agent, now)
            people.remember(agent, (now - since).total_seconds(), (until - now).total_seconds())
        for queue, agent in memory.rounds.items():
            self._assignment.remember(queue, agent)

    def see(self, event: Event) -> None:
        """Take an event of the log: the figures, and what is counted for ever."""
        # Not the event's own time: a call that began before the clock was set has another one.
        self.figures.turn(self._exchange.clock())
        self.figures.see(event)
        if event.kind == "queue.left":
            queue, data = str(event.data.get("queue")), event.data
            metrics.queue_left.labels(queue, str(data.get("outcome"))).inc()
            metrics.queue_waited.labels(queue).observe(float(data.get("waited") or 0.0))

    # --- callers ---

    def refusal(self, queue: str, rules: Queue) -> QueueOutcome | None:
        """Why a caller cannot even begin to wait, if so. `rules`: as his version has them."""
        self._assignment.lane(queue, rules)
        if self._assignment.is_full(queue):
            return QueueOutcome.FULL
        return _EXITS.get(self._assignment.manned(queue))

    def enter(self, guest: Guest, rules: Queue) -> int:
        """Join the line; returns the position, counted from 1. `serve` must follow at once."""
        self._guests[guest.place] = guest
        position = self._assignment.join(guest.place, rules)
        self._count(guest.place.queue)
        return position

    def again(self, guest: Guest, rules: Queue) -> None:
        """Back to his old place: whoever answered was gone at once. `serve` must follow."""
        guest.answered = asyncio.get_running_loop().create_future()
        self._guests[guest.place] = guest
        self._assignment.again(guest.place, rules)
        self._count(guest.place.queue)

    def position(self, guest: Guest) -> int:
        """1 for the next of his queue."""
        return self._assignment.position(guest.place)

    def estimate(self, guest: Guest) -> float | None:
        """Seconds until it is his turn, as far as one can tell."""
        return self.expected(guest.place.queue, self.position(guest))

    def expected(self, queue: str, position: int | None = None) -> float | None:
        """The same of any place of a queue; None: of somebody who comes now."""
        rules = self._assignment.rules(queue)
        if rules is None:
            return None
        position = position or len(self._assignment.line(queue)) + 1
        states = [self.state(one, queue) for one in rules.everybody]
        if states.count(AgentState.FREE) >= position:
            return 0.0
        staffed = sum(state in STAFFED for state in states)
        return expected_wait(position, staffed, self.figures.handling(queue, rules.wrap_up))

    def rules(self, guest: Guest) -> Queue | None:
        """Of his queue, as the office has them now."""
        return self._assignment.rules(guest.place.queue)

    def take(self, guest: Guest, claim: Claim) -> bool:
        """A colleague takes a caller for whom no phone rings at the moment."""
        is_gone = guest.answered.done() or guest.place not in self._guests
        if is_gone or guest.sought is None or not claim.is_open:
            return False
        self._occupy(guest, claim.leg.who)
        guest.sought.picked_up(claim)
        self._assignment.answered(guest.place)
        guest.answered.set_result(claim.leg)
        return True

    def drop(self, place: Waiting) -> None:
        """Nobody needs to be called any more."""
        if place in self._guests:
            self._guests[place].leave_by(QueueOutcome.TOO_LONG)

    async def serve(self, guest: Guest, longest_wait: float | None) -> Served:
        """Wait in line until an agent answers or an exit is due; cancel it when the caller left.

        `longest_wait`: seconds from now on.
        """
        began, outcome, key = guest.place.since, QueueOutcome.TOO_LONG, None
        if self._looker is None:
            self._looker = asyncio.create_task(self._keep_looking(), name="queues")
        self.look()
        try:
            async with asyncio.timeout(longest_wait):
                await asyncio.shield(guest.answered)
        except TimeoutError:
            pass
        except Left as left:
            outcome, key = left.outcome, left.key
        except asyncio.CancelledError:
            guest.give_back()
            raise
        finally:
            self._leave(guest)
        leg = guest.answered.result() if guest.has_agent else None
        outcome = outcome if leg is None else QueueOutcome.ANSWERED
        return Served(outcome, self._exchange.now() - began, leg, key)

    def _leave(self, guest: Guest) -> None:
        if not guest.has_agent:
            self._assignment.leave(guest.place)
        self._guests.pop(guest.place, None)
        self._count(guest.place.queue)
        if guest.offer is not None:
            guest.offer.cancel()
        if not self._guests and self._looker is not None:
            self._looker.cancel()
            self._looker = None

    def _count(self, queue: str) -> None:
        metrics.queue_waiting.labels(queue).set(len(self._assignment.line(queue)))

    # --- who is rung ---

    async def _keep_looking(self) -> None:
        while True:
            await asyncio.sleep(LOOK_AGAIN)
            try:
                self.look()
                for place, why in self._assignment.exits(self._exchange.now()):
                    self._guests[place].leave_by(_EXITS[why])
            except Exception:  # one mistake must not leave everybody waiting
                _log.exception("the queues stumbled")

    def look(self) -> None:
        """Ring free agents for callers in order."""
        for place in self._guests:
            if place.is_promised:
                place.is_ready = self.is_ready(place)
        for place in self._assignment.offers(self._exchange.now()):
            self._begin_offer(self._guests[place])

    def _begin_offer(self, guest: Guest) -> None:
        # Before the task runs: the lamps, and everybody else, must not find them free.
        agents, ringing = list(guest.place.agents), ExitStack()
        ringing.enter_context(self._exchange.people.all_occupied(agents))
        name = f"offer {guest.place.call}"
        guest.offer = asyncio.create_task(self._offer(guest, agents, ringing), name=name)
        # A task that is cancelled before it began never comes to its own `with`.
        guest.offer.add_done_callback(lambda _: ringing.close())

    async def _offer(self, guest: Guest, agents: list[str], ringing: ExitStack) -> None:
        """Ring these agents for this caller; who answers is his, the others are free again."""
        queue = guest.place.queue
        rules = self._assignment.rules(queue)
        seconds = rules.ring_for if rules is not None else REST
        guest.note("ring.started", who=agents, kind="queue", key=queue)
        try:
            with ringing:
                invitations = [one for agent in agents for one in guest.invite(agent)]
                result = await dial(self._exchange, invitations, seconds, sought=guest.sought)
                self._took(guest, result)
        except SoundError:
            result = DialResult(RingOutcome.UNREACHABLE)
        finally:
            guest.offer = None
        if result.leg is None:
            guest.note("ring.failed", who=agents, outcome=result.outcome.value)
            rest_until = self._exchange.now() + REST
            self._rest_until.update(dict.fromkeys(agents, rest_until))
            self._assignment.failed(guest.place)
        self.look()

    def _took(self, guest: Guest, result: DialResult) -> None:
        if result.leg is None:
            return
        if guest.answered.done():  # the caller's wait ended in this very moment
            result.leg.release()
            return
        # Entered before the ringing is left, so that the agent is not free for an instant.
        self._occupy(guest, result.leg.who)
        self._assignment.answered(guest.place)
        guest.answered.set_result(result.leg)

    def _occupy(self, guest: Guest, agent: str) -> None:
        rules = self._assignment.rules(guest.place.queue)
        wrap_up = rules.wrap_up if rules is not None else 0.0
        guest.occupied.enter_context(self._exchange.people.occupied(agent, wrap_up))

    def dump(self) -> dict[str, int]:
        """Counts for the leak check: all zero when nobody waits."""
        return self._assignment.dump()
