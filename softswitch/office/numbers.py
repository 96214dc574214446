"""Telephone numbers: what a provider sends, what a person dials, how a number is shown.

E.164 (`+48221234567`) is the one form inside. Nothing is guessed: digits that are no number of the
office's country and do not say that they are foreign (+ or 00) are no number.
"""

import re
from collections.abc import Container, Mapping
from dataclasses import dataclass
from enum import StrEnum

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberFormat, PhoneNumberType

# ITU-T E.164 6.1: at most 15 digits; with prefixes, blanks and brackets a little more.
MAX_WRITTEN = 32

# A closed plan: every number has exactly so many digits, new ranges included, which the tables of
# the library learn of later than the exchanges do.
_CLOSED_PLAN = {"PL": 9}

# Short numbers that save lives, dialled without any prefix and never redirected.
_EMERGENCY = {
    "PL": frozenset({"112", "997", "998", "999", "984", "985"}),  # 984 water, 985 mountain rescue
}
# Other short numbers of the public network: city guard, gas, power, help lines, enquiries.
_SHORT = {
    "PL": (r"98[67]", r"99[1-6]", r"116\d{3}", r"118\d{3}", r"19\d{3}"),
}
# 118xxx enquiries cost like premium numbers.
_PREMIUM_SHORT = {"PL": (r"118\d{3}",)}
# What an internal number must not be: the ranges above, and all of 9xx, which the regulator keeps.
_RESERVED = {
    "PL": (
        (r"9\d\d", "9xx are emergency and alarm numbers"),
        (r"116\d{3}", "116xxx are help lines"),
        (r"118\d{3}", "118xxx are directory enquiries"),
        (r"19\d{3}", "19xxx are public short numbers"),
    ),
}
_PREMIUM_TYPES = frozenset({PhoneNumberType.PREMIUM_RATE, PhoneNumberType.SHARED_COST})


class Kind(StrEnum):
    """What somebody means by the digits he dials."""

    INTERNAL = "internal"
    EXTERNAL = "external"
    EMERGENCY = "emergency"
    SHORT = "short"  # a short number of the public network
    CODE = "code"  # a code of the switch, *…
    UNKNOWN = "unknown"


class Reach(StrEnum):
    """Where an external number lies, as far as permission to dial it is concerned."""

    NATIONAL = "national"
    INTERNATIONAL = "international"
    PREMIUM = "premium"


@dataclass(frozen=True, slots=True)
class Dialled:
    """Dialled digits understood: `value` is E.164 for external numbers, else the digits."""

    kind: Kind
    value: str
    reach: Reach | None = None


def is_country(code: str) -> bool:
    """Whether there is a numbering plan for this ISO 3166 code."""
    return code in phonenumbers.SUPPORTED_REGIONS


def normalize(text: str, country: str) -> str | None:
    """Any written form → E.164, or None when it is not certainly a number.

    For Poland: 9 digits, 48…, +48…, 0048…, 0 and 9 digits, with blanks, dashes and brackets.
    """
    digits = _digits(text)
    if digits is None:
        return None
    number = _parse(digits, country)
    if number is None and digits.startswith("0") and not digits.startswith("00"):
        number = _parse(digits[1:], country)  # the old trunk prefix; some providers still send it
    return phonenumbers.format_number(number, PhoneNumberFormat.E164) if number else None


def _digits(text: str) -> str | None:
    if len(text) > MAX_WRITTEN:
        return None
    digits = re.sub(r"[\s().\-/\u2010-\u2015\u00a0]", "", text)
    return digits if re.fullmatch(r"\+?[0-9]{4,18}", digits) else None


def _parse(digits: str, country: str) -> PhoneNumber | None:
    try:
        number = phonenumbers.parse(digits, country)
    except NumberParseException:
        return None
    if phonenumbers.is_valid_number(number):
        return number
    national = str(number.national_number)
    is_home = number.country_code == phonenumbers.country_code_for_region(country)
    if is_home:
        is_whole = len(national) == _CLOSED_PLAN.get(country) and not number.italian_leading_zero
        return number if is_whole else None
    said_foreign = digits.startswith(("+", "00"))
    return number if said_foreign and phonenumbers.is_possible_number(number) else None


def pretty(number: str, country: str) -> str:
    """`+48221234567` → `22 123 45 67` at home, `+44 20 7183 8750` abroad; other text unchanged."""
    try:
        parsed = phonenumbers.parse(number, None)
    except NumberParseException:
        return number
    is_home = parsed.country_code == phonenumbers.country_code_for_region(country)
    form = PhoneNumberFormat.NATIONAL if is_home else PhoneNumberFormat.INTERNATIONAL
    return phonenumbers.format_number(parsed, form)


def international(number: str) -> str:
    """`+48221234567` → `+48 22 123 45 67`, as it is best written in a file."""
    form = PhoneNumberFormat.INTERNATIONAL
    return phonenumbers.format_number(phonenumbers.parse(number, None), form)


def reach(number: str, country: str) -> Reach:
    """Of an E.164 number: home, abroad, or one that costs extra."""
    parsed = phonenumbers.parse(number, None)
    if phonenumbers.number_type(parsed) in _PREMIUM_TYPES:
        return Reach.PREMIUM
    is_home = parsed.country_code == phonenumbers.country_code_for_region(country)
    return Reach.NATIONAL if is_home else Reach.INTERNATIONAL


def is_emergency(digits: str, country: str) -> bool:
    """Whether these digits call for help in this country."""
    known = _EMERGENCY.get(country)
    if known is not None:
        return digits in known
    return digits == "112" or phonenumbers.is_emergency_number(digits, country)


def understand(digits: str, country: str, internal: Container[str]) -> Dialled:
    """What a person means who dials this. `internal` holds the office's internal numbers.

    Emergency comes before everything: no configuration can hide it.
    """
    digits = digits.strip()
    if is_emergency(digits, country):
        return Dialled(Kind.EMERGENCY, digits)
    if re.fullmatch(r"[*#][0-9*#]{1,30}", digits):
        return Dialled(Kind.CODE, digits)
    if digits in internal:
        return Dialled(Kind.INTERNAL, digits)
    if _matches(_SHORT, digits, country):
        premium = _matches(_PREMIUM_SHORT, digits, country)
        return Dialled(Kind.SHORT, digits, Reach.PREMIUM if premium else Reach.NATIONAL)
    number = normalize(digits, country)
    if number is None:
        return Dialled(Kind.UNKNOWN, digits)
    if number in internal:
        return Dialled(Kind.INTERNAL, number)
    return Dialled(Kind.EXTERNAL, number, reach(number, country))


def reserved(number: str, country: str) -> str | None:
    """Why this must not be an internal number, or None when it may."""
    if is_emergency(number, country):
        return f"{number} is an emergency number"
    for pattern, reason in _RESERVED.get(country, ()):
        if re.fullmatch(pattern, number):
            return reason
    return None


def _matches(table: Mapping[str, tuple[str, ...]], digits: str, country: str) -> bool:
    return any(re.fullmatch(pattern, digits) for pattern in table.get(country, ()))
