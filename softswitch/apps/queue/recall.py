"""What a restart has cut in two, read again from the event log: the queues' day, agents, places."""

from collections.abc import Callable
from datetime import datetime, time, timedelta

from sqlalchemy import select

from softswitch.apps.callbacks.seeing import REQUESTED
from softswitch.apps.desk import FrontDesk
from softswitch.apps.queue.figures import Figures
from softswitch.apps.queue.line import Waiting
from softswitch.apps.queue.memory import KINDS, Memory
from softswitch.apps.queue.promise import RETURNED, Promises
from softswitch.log import get_logger
from softswitch.store.event import Event, events_of
from softswitch.store.fold import seconds, text
from softswitch.store.ports import Shelf, StoreError
from softswitch.store.schema import callback_calls, calls, to_micros

_log = get_logger("apps.queue")

# A call of yesterday evening may have left a queue after midnight.
LONGEST_CALL = timedelta(hours=6)
# Who has had no call for so long has been idle longest.
LATELY = timedelta(hours=12)


async def recall_queues(desk: FrontDesk, shelf: Shelf) -> None:
    """Before the first call; without the store the day begins anew."""
    local = desk.local_time(desk.exchange.clock())
    midnight = datetime.combine(local.date(), time(), local.tzinfo)
    try:
        await _recall_figures(desk.queues.figures, shelf, midnight)
        await _recall_agents(desk, shelf)
    except StoreError as error:
        _log.warning("the queues' figures of today are not known", error=str(error))


async def _recall_figures(figures: Figures, shelf: Shelf, midnight: datetime) -> None:
    since = to_micros(midnight - LONGEST_CALL)
    came = select(calls.c.id).where(calls.c.started >= since, calls.c.queue.is_not(None))
    async for event in events_of(shelf, [row.id for row in await shelf.read(came)]):
        if event.at >= midnight or event.kind != "queue.left":
            figures.turn(event.at)
            figures.see(event)
    figures.forget_calls()


async def _recall_agents(desk: FrontDesk, shelf: Shelf) -> None:
    """Since when each is idle, who wraps up, and whom the rounds had come to."""

    def wrap_up(queue: str) -> float:
        rules = desk.office.office.queues.get(queue)
        return 0.0 if rules is None else rules.wrap_up

    memory = Memory(wrap_up)
    since = to_micros(desk.exchange.clock() - LATELY)
    lately = select(calls.c.id).where(calls.c.started >= since).order_by(calls.c.started)
    async for event in events_of(shelf, [row.id for row in await shelf.read(lately)], KINDS):
        memory.see(event)
    desk.queues.remember(memory)


async def recall_places(
    promises: Promises,
    desk: FrontDesk,
    shelf: Shelf,
    priority_now: Callable[[Waiting], int | None],
) -> None:
    """Those who were promised a call stand in line again, where they stood; phones may ring.

    `priority_now`: what the route says of such a caller today; None: nothing any more.
    """
    promised = {one.id: one for one in desk.callbacks.items() if one.is_asked and one.number}
    if not promised:
        return
    try:
        of_them = callback_calls.c.item.in_(promised)
        owed = select(callback_calls.c.call, callback_calls.c.item).where(of_them)
        items = {row.call: promised[row.item] for row in await shelf.read(owed)}
        told = [event async for event in events_of(shelf, list(items), {REQUESTED})]
        called = await _returned(shelf, min((event.at for event in told), default=None))
        for event in told:
            place = place_of(event, desk.exchange.clock(), desk.exchange.now())
            if place is not None and place.call not in called:
                priority = priority_now(place)
                place.priority = place.priority if priority is None else priority
                promises.restore(place, items[event.call].number or "")
    except StoreError as error:
        _log.warning("places in the queues are not known", error=str(error))


async def _returned(shelf: Shelf, since: datetime | None) -> set[str]:
    """Promises whose turn has come: whom nobody reached then is on the list, and in no line."""
    if since is None:
        return set()
    made = select(calls.c.id).where(
        calls.c.started >= to_micros(since), calls.c.direction == "out", calls.c.queue.is_not(None)
    )
    found = [row.id for row in await shelf.read(made)]
    return {str(event.data.get("promised")) async for event in events_of(shelf, found, {RETURNED})}


def place_of(event: Event, clock: datetime, now: float) -> Waiting | None:
    """The place that this promise keeps; None: it was made outside a queue. `now`: monotonic."""
    data, queue = event.data, text(event.data.get("queue"))
    priority = data.get("priority")
    if queue is None or not isinstance(priority, int):
        return None
    came = event.at - timedelta(seconds=seconds(data.get("waited")) or 0.0)
    since = now - (clock - came).total_seconds()
    node = text(data.get("node"))
    return Waiting(event.call, priority, since, queue, node, is_promised=True)
