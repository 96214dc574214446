"""The figures of the day that a restart has cut in two: read again from the event log."""

from datetime import datetime, time, timedelta

from sqlalchemy import select

from softswitch.apps.desk import FrontDesk
from softswitch.apps.queue.figures import Figures
from softswitch.log import get_logger
from softswitch.store.event import event_of
from softswitch.store.ports import Shelf, StoreError
from softswitch.store.schema import calls, events, to_micros

_log = get_logger("apps.queue")

# A call of yesterday evening may have left a queue after midnight.
LONGEST_CALL = timedelta(hours=6)
_PAGE = 500


async def recall_figures(desk: FrontDesk, shelf: Shelf) -> None:
    """Before the first call; without the store the day begins anew."""
    local = desk.local_time(desk.exchange.clock())
    midnight = datetime.combine(local.date(), time(), local.tzinfo)
    try:
        await _recall(desk.queues.figures, shelf, midnight)
    except StoreError as error:
        _log.warning("the queues' figures of today are not known", error=str(error))


async def _recall(figures: Figures, shelf: Shelf, midnight: datetime) -> None:
    since = to_micros(midnight - LONGEST_CALL)
    came = select(calls.c.id).where(calls.c.started >= since, calls.c.queue.is_not(None))
    found = [row.id for row in await shelf.read(came)]
    for first in range(0, len(found), _PAGE):
        page = found[first : first + _PAGE]
        wanted = select(events).where(events.c.call.in_(page)).order_by(events.c.at, events.c.id)
        for row in await shelf.read(wanted):
            event = event_of(row)
            if event.at >= midnight or event.kind != "queue.left":
                figures.see(event)
    figures.forget_calls()
