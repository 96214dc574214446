"""Calls for help that nobody had noticed when the switch was stopped or killed, from the event log.

Their lamp is lit again, and phones ring again for those of the last minutes: whoever was to be rung
then has heard nothing of it since.
"""

from datetime import timedelta
from functools import partial
from typing import Any

from sqlalchemy import select

from softswitch.apps.desk import FrontDesk
from softswitch.apps.emergency_alert import PAUSE, RING_SECONDS, ROUNDS
from softswitch.apps.help_alarm import CALLED, TEST, alarm_of
from softswitch.log import get_logger
from softswitch.store.event import Event, events_of
from softswitch.store.fold import text
from softswitch.store.ports import Shelf, StoreError
from softswitch.store.schema import calls, to_micros

_log = get_logger("apps.emergency")

# Of an older one the mail is what is left.
LATELY = timedelta(days=1)
# It would ring for so long if nobody came.
RINGS_FOR = timedelta(seconds=ROUNDS * (RING_SECONDS + PAUSE))
_TOLD = {f"emergency.{CALLED}": False, f"emergency.{TEST}": True}
_NOTICED = "emergency.acknowledged"


async def recall_alarms(desk: FrontDesk, shelf: Shelf) -> None:
    """The oldest first, as they came; phones may ring. Without the store none is known."""
    now = desk.exchange.clock()
    lately = select(calls.c.id).where(calls.c.started >= to_micros(now - LATELY))
    found: dict[str, Event] = {}
    try:
        names = [row.id for row in await shelf.read(lately.order_by(calls.c.started))]
        async for event in events_of(shelf, names, {*_TOLD, _NOTICED}):
            if event.kind == _NOTICED:
                found.pop(event.call, None)
            else:
                found[event.call] = event
    except StoreError as error:
        _log.warning("calls for help before the start are not known", error=str(error))
        return
    for event in sorted(found.values(), key=lambda one: one.at):
        _restore(desk, event, rings=now - event.at < RINGS_FOR)


def _restore(desk: FrontDesk, event: Event, *, rings: bool) -> None:
    who, number, told = (event.data.get(name) for name in ("who", "number", "told"))
    if not isinstance(told, list):
        return  # an older version did not say who was told
    office = desk.office.office
    people = [one for one in map(str, told) if one in office.people]
    note = partial(_note, desk, event.call)
    alarm = alarm_of(office, event.call, note, text(who) or "", text(number) or "", people,
                     is_drill=_TOLD[event.kind])  # fmt: skip
    _log.warning("a call for help that nobody has noticed", call=event.call, who=alarm.extension)
    desk.alarms.begin(alarm, rings=rings and office.emergency.ring)


def _note(desk: FrontDesk, call: str, kind: str, /, **data: Any) -> None:
    """Into the story of a call that is over."""
    exchange = desk.exchange
    exchange.events.append(Event(call, exchange.clock(), kind, data))
