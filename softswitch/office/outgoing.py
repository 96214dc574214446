"""The `outgoing:` of an office file: who may call what in the world outside, when, and how much.

Closed by default: the own country without numbers that cost extra, and an hour abroad a day for
whoever may call abroad at all. Calls for help know no limit. What follows for one call is decided
in `permission.py`; who has used how much is counted in `apps/spending`.
"""

import re
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, WithJsonSchema

from softswitch.office.fields import (
    Duration,
    Extension,
    HoursRule,
    Model,
    Option,
    Word,
    country_of,
    one_or_many,
)
from softswitch.office.numbers import Kind, is_country, region_of, understand
from softswitch.wording import Slip, say


def _destination(value: str) -> str:
    """`DE`, or the beginning of numbers: `+44 20`."""
    bare = re.sub(r"[\s-]", "", value)
    if re.fullmatch(r"\+[1-9]\d{0,10}", bare):
        return bare
    if is_country(value):
        return value
    raise Slip(say("no_country", value=value), say("no_country_remedy"))


def _number(value: str, info: ValidationInfo) -> str:
    meant = understand(value, country_of(info), ())
    if meant.kind not in (Kind.EXTERNAL, Kind.SHORT):
        raise Slip(say("no_number_outside", value=value), say("no_number_outside_remedy"))
    return meant.value


def _none(value: object) -> object:
    return None if value in ("none", False) else value


def _priced(value: str) -> str:
    if value in PRICED:
        return value
    bare = re.sub(r"[\s-]", "", value)
    if re.fullmatch(r"\+[1-9]\d{0,14}", bare):
        return bare
    if is_country(value):
        return value
    raise Slip(say("no_price", value=value), say("no_price_remedy", words=", ".join(PRICED)))


HOME, ABROAD, COSTLY = "home", "abroad", "costly"
PRICED = (HOME, ABROAD, COSTLY)

_MANY = WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "items": {}}]})
Destination = Annotated[Word, AfterValidator(_destination)]
Destinations = Annotated[tuple[Destination, ...], BeforeValidator(one_or_many), _MANY]
Outside = Annotated[Word, AfterValidator(_number)]
OutsideNumbers = Annotated[tuple[Outside, ...], BeforeValidator(one_or_many), _MANY]
Priced = Annotated[Word, AfterValidator(_priced)]
Price = Annotated[float, Field(ge=0, le=1000)]
_RULE = WithJsonSchema({"type": "string"})
Locked = Annotated[HoursRule | None, BeforeValidator(_none), _RULE]


class Limits(Model):
    """What may be used up in a day, and at once."""

    time: Duration | None = Option(
        description="Talk with the outside a day, what is free left out.", examples=["8h"]
    )
    abroad: Duration | None = Option(
        description="Of that abroad and on costly numbers.", examples=["1h"]
    )
    money: float | None = Option(ge=0, description="Cost a day, by the tariff.", examples=["50"])
    at_once: int | None = Option(ge=1, description="Calls out at once.", examples=["3"])


class Permissions(Model):
    """What may be called; without a word about it, the own country and nothing that costs extra."""

    countries: Destinations | None = Option(
        description="Countries, or beginnings of numbers, that may be called beside the own.",
        examples=['[DE, "+44 20"]'],
    )
    numbers: OutsideNumbers | None = Option(
        description="Single numbers that may always be called, whatever they are.",
        examples=['["118 913"]'],
    )
    costly: bool | None = Option(
        description="Whether numbers that cost extra may be called: 70x and 118 in Poland, "
        "satellites. Without it: no.",
        examples=["false"],
    )
    locked: Locked = Option(
        description="When only calls for help and `numbers` go out, in the language of `hours:`; "
        "`none`: never.",
        examples=['"22:00-06:00"'],
    )


_CLOSED: dict[str, Any] = {"countries": (), "numbers": (), "costly": False, "locked": None}


class PersonOutgoing(Limits, Permissions):
    """What holds for one person instead; what is not written is as for everybody."""


class Sudden(Model):
    """When the calls abroad of one person are stopped."""

    calls: int = Field(
        8,
        ge=2,
        le=1000,
        description="So many short or refused calls abroad of one person stop his calls abroad.",
        examples=["8"],
    )
    within: Duration = Field(600.0, ge=10, le=86_400, description="In this time.", examples=["10m"])
    short: Duration = Field(
        60.0, le=600, description="A call is short that was talked no longer.", examples=["60s"]
    )


class Outgoing(Permissions):
    """Who may call what outside."""

    person: Limits = Field(
        Limits.model_validate({"time": "10h", "abroad": "1h", "at_once": 4}),
        description="What each person may use up.",
        examples=["{abroad: 1h, at_once: 3}"],
    )
    office: Limits = Field(
        Limits.model_validate({"abroad": "4h"}),
        description="What all of them together may use up.",
        examples=["{abroad: 4h, money: 200}"],
    )
    sudden: Sudden = Field(
        Sudden.model_validate({}),
        description="What looks like a stolen password.",
        examples=["{calls: 8, within: 10m}"],
    )
    tariff: dict[Priced, Price] = Field(
        {},
        description="Price of a started minute: `home`, `abroad`, `costly`, by country, or by how "
        "a number begins; the longest beginning counts. What has none is the dearest.",
        examples=["{home: 0.05, DE: 0.20, abroad: 2.00}"],
    )
    people: dict[Extension, PersonOutgoing] = Field(
        {},
        description="What holds for single people instead.",
        examples=["{110: {countries: [DE, AT], abroad: 2h, locked: none}}"],
    )

    def limits(self, extension: str | None) -> Limits:
        """Of one person, or of the office; what is not written is as without the section."""
        key = "office" if extension is None else "person"
        own = self.people.get(extension) if extension is not None else None
        layers = (type(self).model_fields[key].default, getattr(self, key), own)
        known = Limits.model_fields
        written = {
            name: getattr(layer, name)
            for layer in layers
            if layer is not None
            for name in layer.model_fields_set & known.keys()
        }
        return Limits.model_construct(**written)

    def rule(self, extension: str, key: str) -> Any:
        """`countries`, `numbers`, `costly` or `locked` as it is for one person."""
        for one in (self.people.get(extension), self):
            if one is not None and key in one.model_fields_set:
                return getattr(one, key) or _CLOSED[key]
        return _CLOSED[key]

    def price(self, number: str, kind: str) -> float:
        """A minute's, to an E.164 or short number; `kind`: one of `PRICED`."""
        begins = [key for key in self.tariff if number.startswith(key)]
        if begins:
            return self.tariff[max(begins, key=len)]
        region = region_of(number) if kind == ABROAD else None
        if region in self.tariff:
            return self.tariff[region]
        return self.tariff.get(kind, max(self.tariff.values(), default=0.0))
