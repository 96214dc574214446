"""What was used up today before a restart, read from the event log."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, time, timedelta

from sqlalchemy import select

from softswitch.apps.spending.meter import MINUTE, Charge
from softswitch.apps.spending.room import ANSWERED, TALKED, Spending
from softswitch.log import get_logger
from softswitch.store.event import Event, event_of
from softswitch.store.fold import seconds
from softswitch.store.ports import Store, StoreError
from softswitch.store.schema import events, to_micros

_log = get_logger("apps.spending")

# A call answered today may have begun so long before; its id begins with when it did.
LONGEST = timedelta(hours=12)


async def recall_today(spending: Spending, store: Store) -> None:
    """Before the first call. A store that is away costs the memory, and no call."""
    midnight = datetime.combine(spending.local().date(), time.min, spending.local().tzinfo)
    first = (midnight - LONGEST).astimezone(UTC)
    query = (
        select(events)
        .where(events.c.call >= f"{first:%Y%m%d-%H%M%S}", events.c.kind.in_((ANSWERED, TALKED)))
        .where(events.c.at >= to_micros(midnight))
        .order_by(events.c.call, events.c.id)
    )
    try:
        await store.flush()
        found = [event_of(row) for row in await store.read(query)]
    except StoreError as error:
        _log.error("what was called today cannot be read", error=str(error))
        return
    for charge, length in talks(found):
        spending.recall(charge, length)


def talks(found: Sequence[Event]) -> Iterator[tuple[Charge, float]]:
    """Each talk with its length; one whose end was never written counts as a minute."""
    open_: dict[tuple[str, str, str], Charge] = {}
    for event in found:
        charge = _charge(event)
        key = (event.call, charge.who, charge.number)
        if event.kind == ANSWERED:
            open_[key] = charge
        else:
            open_.pop(key, None)
            yield charge, seconds(event.data.get("seconds")) or 0.0
    for charge in open_.values():
        yield charge, MINUTE


def _charge(event: Event) -> Charge:
    data = event.data
    return Charge(
        who=str(data.get("who")),
        number=str(data.get("number")),
        is_far=data.get("far") is True,
        is_free=data.get("free") is True,
        price=seconds(data.get("price")) or 0.0,
    )
