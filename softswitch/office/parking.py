"""The car park for callers: which internal numbers are slots, and when a parked caller returns."""

from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from softswitch.office.fields import MAX_EXTENSION, MIN_EXTENSION, Duration, Model, Word
from softswitch.wording import Slip, say

# Nobody looks for a caller among more; a slip like 701-7010 must not make thousands.
MAX_SLOTS = 100
DEFAULT_SLOTS = tuple(str(number) for number in range(701, 709))


def _written(value: object) -> object:
    """`701-708`, `701`, `701-704, 711`, or a list of these."""
    if isinstance(value, bool) or not isinstance(value, str | int | list | tuple):
        return value
    parts = value if isinstance(value, list | tuple) else str(value).split(",")
    return [slot for part in parts for slot in _slots(str(part).strip())]


def _slots(text: str) -> Iterator[str]:
    first, dash, last = (part.strip() for part in text.partition("-"))
    last = last if dash else first
    if not (_is_number(first) and _is_number(last) and len(first) == len(last) and first <= last):
        raise Slip(say("no_range", text=text), say("no_range_remedy"))
    if int(last) - int(first) >= MAX_SLOTS:
        raise Slip(
            say("too_many_slots", text=text, slots=int(last) - int(first) + 1),
            say("too_many_slots_remedy", most=MAX_SLOTS),
        )
    for number in range(int(first), int(last) + 1):
        yield str(number).zfill(len(first))


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and MIN_EXTENSION <= len(text) <= MAX_EXTENSION


def _told_apart(value: tuple[str, ...]) -> tuple[str, ...]:
    twice = next((slot for slot in value if value.count(slot) > 1), None)
    if twice is not None:
        raise Slip(say("slot_twice", slot=twice), say("slot_twice_remedy"))
    if not 1 <= len(value) <= MAX_SLOTS:
        raise Slip(say("wrong_slots", slots=len(value)), say("wrong_slots_remedy", most=MAX_SLOTS))
    return value


_SCHEMA: dict[str, Any] = {"anyOf": [{"type": "string"}, {"type": "integer"}, {"type": "array"}]}

Slots = Annotated[
    tuple[str, ...],
    BeforeValidator(_written),
    AfterValidator(_told_apart),
    WithJsonSchema(_SCHEMA),
]


class Parking(Model):
    """Where a call can wait until any phone of the office takes it by the slot's number."""

    slots: Slots = Field(
        DEFAULT_SLOTS,
        description="Internal numbers on which a call can be parked. Of the usual ones, those "
        "that the office uses otherwise are left out.",
        examples=["701-708"],
    )
    return_after: Duration = Field(
        120.0,
        ge=5,
        description="After this a parked call comes back to who parked it, and if he does not "
        "answer, to the office's safe place.",
        examples=["2m"],
    )
    music: Word = Field("calm", description="Music while parked.", examples=["calm"])


def or_none(value: object) -> object:
    """`parking: none` takes it away."""
    return None if value in ("none", "no", "off", False) else value
