"""The kinds of values in an office file: extensions, telephone numbers, times, e-mail addresses.

Each is a type for the fields of `models.py`; what is wrong is said in words that end with what to
write instead (`what. Remedy`). Telephone numbers depend on the office's country, which comes as the
validation's context.
"""

import re
from datetime import date, datetime
from functools import partial
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
    WithJsonSchema,
)

from softswitch.office import hours as opening
from softswitch.office.durations import parse_duration
from softswitch.office.numbers import count_amiss, normalize
from softswitch.office.spans import rule_of
from softswitch.wording import Slip, say

DEFAULT_COUNTRY = "PL"
# A day without and with a time.
_FORMS = {False: "%Y-%m-%d", True: "%Y-%m-%d %H:%M"}
_DAY_FIRST = re.compile(r"(\d\d?)[.\-/](\d\d?)[.\-/](\d{4})(?:[ T]+(\d\d?)[:.](\d\d))?")
# Two digits are too easily a slip; seven begin to look like numbers of the outside world.
MIN_EXTENSION, MAX_EXTENSION = 2, 6


def country_of(info: ValidationInfo) -> str:
    """The office's country, given to the validation as context."""
    context = info.context if isinstance(info.context, dict) else {}
    return str(context.get("country", DEFAULT_COUNTRY))


def _written(value: object) -> object:
    """An extension may stand without quotes; YAML then reads an integer."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def one_or_many(value: object) -> object:
    """What may stand alone or in a list."""
    return [value] if isinstance(value, str | int) and not isinstance(value, bool) else value


def _duration(value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise Slip(say("length_expected"), say("length_expected_remedy"))
    return parse_duration(str(value))


def _extension(value: str) -> str:
    if not (value.isascii() and value.isdigit()):
        raise Slip(say("no_internal_number", value=value), say("no_internal_number_remedy"))
    if not MIN_EXTENSION <= len(value) <= MAX_EXTENSION:
        raise Slip(
            say("wrong_length_of_extension", value=value, digits=len(value)),
            say("wrong_length_of_extension_remedy", least=MIN_EXTENSION, most=MAX_EXTENSION),
        )
    return value


def _phone(value: str, info: ValidationInfo) -> str:
    number = normalize(value, country_of(info))
    if number is None:
        amiss = count_amiss(value, country_of(info))
        raise Slip(say("no_phone", value=value, amiss=amiss), say("write_phone"))
    return number


def _number_key(value: str, info: ValidationInfo) -> str:
    """A public number in E.164, or an internal number."""
    if value.isascii() and value.isdigit() and len(value) <= MAX_EXTENSION:
        return _extension(value)
    return _phone(value, info)


def _mail(value: str) -> str:
    name, _, domain = value.partition("@")
    if not name or "." not in domain or any(c.isspace() or c in "<>," for c in value):
        raise Slip(say("no_mail_address", value=value), say("no_mail_address_remedy"))
    if not value.isascii():  # most mail servers take no others (RFC 6531)
        raise Slip(say("mail_not_ascii", value=value), say("mail_not_ascii_remedy"))
    return value


def _rule(value: str, info: ValidationInfo) -> str:
    opening.parse(value, country_of(info))
    return value


def moment_text(value: str) -> str:
    """`2026-12-24` or `2026-12-24 12:00`."""
    try:
        if re.fullmatch(r"\d{4}-\d\d-\d\d([ T]\d\d?:\d\d)?", value):
            read = datetime.strptime(value.replace("T", " "), _FORMS[":" in value])
            return read.strftime(_FORMS[":" in value])
    except ValueError:
        pass
    guess = turned(value)
    remedy = say("write_it", value=guess) if guess else say("no_day_or_moment_remedy")
    raise Slip(say("no_day_or_moment", value=value), remedy)


def turned(value: str) -> str | None:
    """A day that begins with the day, `24.12.2026 17:05`, as it is to be written; None: no day."""
    found = _DAY_FIRST.fullmatch(value.strip())
    if found is None:
        return None
    day, month, year, hour, minute = found.groups()
    try:
        read = datetime(int(year), int(month), int(day), int(hour or 0), int(minute or 0))
    except ValueError:
        return None
    return f"{read:{_FORMS[hour is not None]}}"


def _free_days(value: object) -> object:
    """A list of days, or days with their reasons."""
    if isinstance(value, str):
        value = [value]
    if isinstance(value, list):
        value = dict.fromkeys(value)
    return value


def _day(value: object) -> date:
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        guess = turned(str(value))
        remedy = say("write_it", value=guess) if guess else say("no_day_remedy")
        raise Slip(say("no_day", value=value), remedy) from None


def _duty(value: str, info: ValidationInfo) -> str:
    if value != "otherwise":
        opening.parse(rule_of(value), country_of(info))
    return value


# How an editor is told what may stand there: a number without quotes is text to us.
_TEXT = {"type": ["string", "integer"]}
_DIGITS = {**_TEXT, "pattern": rf"^[0-9]{{{MIN_EXTENSION},{MAX_EXTENSION}}}$"}
_LENGTH = {"type": "string", "pattern": r"^ *([0-9]+(\.[0-9]+)? ?[smhdSMHD] ?)+$"}
_DAYS = {"anyOf": [{"type": "array"}, {"type": "object"}, {"type": "string"}]}


def _some(item: dict[str, Any]) -> WithJsonSchema:
    """One, or a list."""
    return WithJsonSchema({"anyOf": [item, {"type": "array", "items": item}]})


Word = Annotated[
    str,
    BeforeValidator(_written),
    Field(min_length=1, max_length=200),
    WithJsonSchema(_TEXT),
]
Extension = Annotated[Word, AfterValidator(_extension), WithJsonSchema(_DIGITS)]
Phone = Annotated[Word, AfterValidator(_phone)]
NumberKey = Annotated[Word, AfterValidator(_number_key)]
Email = Annotated[str, AfterValidator(_mail)]
Duration = Annotated[float, BeforeValidator(_duration), WithJsonSchema(_LENGTH)]
DutyRule = Annotated[str, AfterValidator(_duty)]
HoursRule = Annotated[str, AfterValidator(_rule)]
Words = Annotated[tuple[Word, ...], BeforeValidator(one_or_many), _some(_TEXT)]
Emails = Annotated[tuple[Email, ...], BeforeValidator(one_or_many), _some({"type": "string"})]
Phones = Annotated[tuple[Phone, ...], BeforeValidator(one_or_many), _some({"type": "string"})]
Moment = Annotated[str, BeforeValidator(_written), AfterValidator(moment_text)]
Day = Annotated[date, BeforeValidator(_day)]
FreeDays = Annotated[dict[Day, str | None], BeforeValidator(_free_days), WithJsonSchema(_DAYS)]
RouteNode = dict[str, Any]

Option = partial(Field, default=None)


class Model(BaseModel):
    """Frozen, and a key that is not known is a mistake."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)
