"""Telephone numbers found by an index: the one way for every table.

A whole number is looked for in each form in which rows may have it (who knows the telephone plan,
says which). Of a part the end is known, and an index knows beginnings: so a table keeps each number
from behind too, in a column `…_reversed`. Floor 5; knows no telephone plan.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, select, union

from softswitch.store.ports import Shelf

# Fewer digits are an extension and must match whole; more are looked for at the end of a number, so
# that "600 100 200" finds +48600100200.
SHORTEST_PUBLIC_NUMBER = 6
# So many different numbers with one end are looked for at once, not one by one.
MANY_NUMBERS = 8
# Conditions that are true together.
Way = tuple[ColumnElement[bool], ...]


@dataclass(frozen=True, slots=True)
class Sought:
    """A number that is looked for: in all its `forms`, or, if `is_end`, by the end of it."""

    forms: tuple[str, ...]
    is_end: bool = False


def as_typed(text: str) -> Sought:
    """What a person has typed, if it is no number of the world."""
    digits = re.sub(r"\D", "", text)
    if text.lstrip().startswith("+"):
        return Sought((f"+{digits}",))
    if len(digits) < SHORTEST_PUBLIC_NUMBER:
        return Sought((digits or text,))
    # A leading 0 or 00 is how one dials, not part of the number.
    return Sought((digits.lstrip("0") or digits,), is_end=True)


def turned(number: str | None) -> str | None:
    """As a column `…_reversed` keeps it."""
    return number and number[::-1]


async def number_ways(
    shelf: Shelf, sought: Sought, columns: Sequence[ColumnElement[str]]
) -> list[Way]:
    """Each way in which one of these reversed columns has the number. Raises StoreError.

    Whole numbers where few end so: an index has the rows of one in their order.
    """
    if not sought.is_end:
        return [(column == turned(form),) for form in sought.forms for column in columns]
    behind = sought.forms[0][::-1]
    ways: list[Way] = []
    for column in columns:
        found = await _beginning_so(shelf, column, behind)
        few = [(column == one,) for one in found]
        ways += few if len(found) < MANY_NUMBERS else [(_begins(column, behind),)]
    return ways or [(false(),)]


def newest_of(
    ways: Sequence[Way],
    rows: Callable[[Way], Select[Any]],
    order: Callable[[Any], tuple[Any, ...]],
    limit: int,
) -> Select[Any]:
    """The newest of each way (`rows`), then the newest of these: each is read off an index.

    `order`: of a table's columns, as `rows` has them already.
    """
    if len(ways) == 1:
        return rows(ways[0])
    fitting = union(*(select(rows(way).subquery()) for way in ways)).subquery()
    return select(fitting).order_by(*order(fitting.c)).limit(limit)


async def _beginning_so(shelf: Shelf, column: ColumnElement[str], digits: str) -> list[str]:
    """The different values, at most MANY_NUMBERS, each found by one look into the index."""
    found: list[str] = []
    while len(found) < MANY_NUMBERS:
        # Not min(), and one lower bound alone: SQLite would walk over all that begin so.
        where = _begins(column, digits, found[-1] if found else None)
        rows = await shelf.read(select(column).where(where).order_by(column).limit(1))
        if not rows:
            break
        found.append(rows[0][0])
    return found


def _begins(
    column: ColumnElement[str], digits: str, last: str | None = None
) -> ColumnElement[bool]:
    """As a range: LIKE is not read off an index by every database, and digits sort alike in all.

    `last`: only what comes after it.
    """
    begins = and_(column >= digits if last is None else column > last, column.startswith(digits))
    after = str(int(digits) + 1).zfill(len(digits))
    return begins if len(after) > len(digits) else and_(begins, column < after)
