"""The sums of the callback guarantee: inbound = talks + items + declared spam + brief calls.

Read from the history's rows and from what the list says of each call, which were written apart:
a call that is in none was forgotten by one of them, and is named.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, select

from softswitch.store.callbacks import Member
from softswitch.store.fold import Result
from softswitch.store.ports import Shelf
from softswitch.store.schema import callback_calls, callbacks, calls, to_micros


@dataclass(frozen=True, slots=True)
class Sums:
    """Inbound calls that have ended, and what became of each; `missing` must be empty."""

    inbound: int
    talked: int
    in_open: int
    in_closed: int
    spam: int
    brief: int
    missing: tuple[str, ...]

    @property
    def is_whole(self) -> bool:
        """Whether each call is somewhere."""
        told = self.talked + self.in_open + self.in_closed + self.spam + self.brief
        return not self.missing and told == self.inbound


async def reconcile(shelf: Shelf, since: datetime, until: datetime) -> Sums:
    """Over the calls that began since then and ended before `until`. Raises StoreError."""
    query = (
        select(calls.c.id, calls.c.result, callback_calls.c.member, callbacks.c.id.label("item"),
               callbacks.c.closed)
        .select_from(calls)
        .outerjoin(callback_calls, callback_calls.c.call == calls.c.id)
        .outerjoin(callbacks, callbacks.c.id == callback_calls.c.item)
        .where(
            and_(
                calls.c.direction == "in",
                calls.c.started >= to_micros(since),
                calls.c.ended < to_micros(until),
            )
        )
        .order_by(calls.c.started, calls.c.id)
    )  # fmt: skip
    counts: Counter[str] = Counter()
    missing = []
    for row in await shelf.read(query):
        counts["inbound"] += 1
        where = _where(row.result, row.member, row.item, row.closed)
        if where is None:
            missing.append(row.id)
        else:
            counts[where] += 1
    return Sums(**{name: counts[name] for name in _SUMS}, missing=tuple(missing))


_SUMS = ("inbound", "talked", "in_open", "in_closed", "spam", "brief")


def _where(
    result: str | None, member: str | None, item: str | None, closed: int | None
) -> str | None:
    """In which sum a call stands; None: in none."""
    if result == Result.TALKED:
        return "talked"
    if member == Member.ITEM:
        if item is None:
            return None  # the list says so, and has no such item
        return "in_open" if closed is None else "in_closed"
    return {Member.SPAM: "spam", Member.BRIEF: "brief"}.get(Member(member)) if member else None
