"""Reads a call's messages from the store, with those of the calls that share a leg with it.

After an attended transfer or a pick-up one leg goes on in another call: whoever reads one of them
wants to see where it came from.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from softswitch.log import get_logger
from softswitch.store.event import Event
from softswitch.store.fold import text
from softswitch.store.ports import Shelf
from softswitch.store.traces import read_traces
from softswitch.trace.message import DamagedRow, TracedMessage, unpack
from softswitch.trace.participants import Known

_log = get_logger("trace")

# A client who was handed on so often is a mistake, or a test.
MAX_CALLS = 8


@dataclass(frozen=True, slots=True)
class Trace:
    """What was kept. `calls`: the one that was asked for, then those that share legs with it."""

    messages: tuple[TracedMessage, ...]
    calls: tuple[str, ...]
    left_out: int = 0


async def load_trace(shelf: Shelf, call: str) -> Trace:
    """Empty when nothing was kept, or not any more. Raises StoreError."""
    calls, messages, left_out = [call], list[TracedMessage](), 0
    for one in calls:  # grows while it is walked
        most = 0
        for data in await read_traces(shelf, one):
            try:
                row = unpack(data)
            except DamagedRow as error:
                _log.warning("a row of a trace is damaged", call=one, error=str(error))
                continue
            messages.extend(row.messages)
            most = max(most, row.left_out)
            calls.extend(new for new in row.shared if new not in calls and len(calls) < MAX_CALLS)
        left_out += most
    return Trace(tuple(sorted(messages, key=lambda one: one.at)), tuple(calls), left_out)


def known_from(events: tuple[Event, ...], people: Mapping[str, str]) -> Known:
    """What a call's own events know of its far sides."""
    trunk: str | None = None
    outside: dict[str, str] = {}
    names = dict(people)
    for event in events:
        if event.kind == "call.started":
            trunk = text(event.data.get("trunk"))
            number, name = text(event.data.get("number")), text(event.data.get("name"))
            if number and name:
                names.setdefault(number, name)
        elif event.kind == "ring.started" and event.data.get("kind") == "external":
            way = text(event.data.get("key")) or ""
            who = event.data.get("who")
            for one in who if isinstance(who, list) else ():
                # A private number's name stands in the messages without blanks.
                outside[str(one).replace(" ", "-")] = way
    return Known(names, trunk, outside)
