"""Telephone numbers: what a provider sends, what a person dials, how a number is shown.

E.164 (`+48221234567`) is the one form inside. Nothing is guessed: digits that are no number of the
office's country and do not say that they are foreign (+ or 00) are no number.
"""

import re
from collections.abc import Container
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberFormat, PhoneNumberType

from softswitch.office.numbering import PLANS, fits
from softswitch.wording import SILENT, Said, say

# ITU-T E.164 6.1: at most 15 digits; with prefixes, blanks and brackets a little more.
MAX_WRITTEN = 32
# Numbers whose written form is remembered: working out a foreign one costs as much as its routing.
MAX_SHOWN = 4096

_BETWEEN = re.compile(r"[\s().\-/\u2010-\u2015\u00a0]")
_WRITTEN = re.compile(r"\+?[0-9]{4,18}")

# Cost extra wherever they are, by the tables of the library: personal numbers (+44 70) do too.
_COSTLY = frozenset(
    {PhoneNumberType.PREMIUM_RATE, PhoneNumberType.SHARED_COST, PhoneNumberType.PERSONAL_NUMBER}
)
# Of no country (satellites, +882, +979), the free ones aside: the dearest calls there are.
_NOWHERE, _FREE_EVERYWHERE = "001", 800


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
    home = _at_home(digits, country)
    if home is not None:
        return home
    number = _parse(digits, country)
    if number is None and digits.startswith("0") and not digits.startswith("00"):
        number = _parse(digits[1:], country)  # the old trunk prefix; some providers still send it
    return phonenumbers.format_number(number, PhoneNumberFormat.E164) if number else None


def ways_of_writing(text: str, country: str) -> tuple[str, ...]:
    """A number in each form in which somebody of this country may have dialled it: E.164, then the
    others. None for a text that is no number."""
    number = normalize(text, country)
    if number is None:
        return ()
    digits = number.removeprefix("+")
    # A country's code has one to three digits; what is no form of this number falls out.
    ends = (digits, *(digits[code:] for code in (1, 2, 3)))
    forms = (f"00{digits}", *ends, *(f"0{one}" for one in ends))
    return (number, *(one for one in forms if normalize(one, country) == number))


def _at_home(digits: str, country: str) -> str | None:
    """A number of a closed plan, whatever its range; the library's tables say no more of it, and
    cost a call as much as all of its routing."""
    plan = PLANS.get(country)
    found = plan.home.fullmatch(digits) if plan is not None else None
    return None if plan is None or found is None else f"+{plan.code}{found[1]}"


def as_dialled(text: str) -> str:
    """What a phone dials, without the separators that it may leave in a number (RFC 3966 5.1.1)."""
    return _digits(text) or text


def _bare(text: str) -> str:
    """Without what people write between digits."""
    return _BETWEEN.sub("", text)


def count_amiss(text: str, country: str) -> Said:
    """`: it has 8 digits, and 9 are needed`, of something that is no number; empty when unknown."""
    plan, digits = PLANS.get(country), _digits(text)
    code = str(phonenumbers.country_code_for_region(country))
    if plan is None or digits is None:
        return SILENT
    if digits.startswith(("+", "00")):
        digits = digits.lstrip("+0")
        if not digits.startswith(code):
            return SILENT
        digits = digits[len(code) :]
    has = len(digits)
    return SILENT if has == plan.digits else say("digits_amiss", has=has, needed=plan.digits)


def _digits(text: str) -> str | None:
    if len(text) > MAX_WRITTEN:
        return None
    digits = _bare(text)
    return digits if _WRITTEN.fullmatch(digits) else None


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
        # Ranges that the library learns of later than the exchanges do.
        plan = PLANS.get(country)
        is_whole = plan is not None and len(national) == plan.digits
        return number if is_whole and not number.italian_leading_zero else None
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


@lru_cache(MAX_SHOWN)
def redialled(number: str, country: str) -> str:
    """An E.164 number as a phone of this country shows it and dials it back; other text as it is.

    `+48221234567` → `221234567` at home, `+442071838750` abroad.
    """
    plan = PLANS.get(country)
    found = plan.home.fullmatch(number) if plan is not None and number.startswith("+") else None
    return found[1] if found is not None else pretty(number, country).replace(" ", "")


def international(number: str) -> str:
    """`+48221234567` → `+48 22 123 45 67`, as it is best written in a file."""
    form = PhoneNumberFormat.INTERNATIONAL
    return phonenumbers.format_number(phonenumbers.parse(number, None), form)


def national_digits(number: str) -> str:
    """`+48221234567` → `221234567`."""
    return phonenumbers.national_significant_number(phonenumbers.parse(number, None))


def reach(number: str, country: str) -> Reach:
    """Of an E.164 number: home, abroad, or one that costs extra."""
    parsed = phonenumbers.parse(number, None)
    region = phonenumbers.region_code_for_country_code(parsed.country_code or 0)
    if region == _NOWHERE and parsed.country_code != _FREE_EVERYWHERE:
        return Reach.PREMIUM
    is_home = parsed.country_code == phonenumbers.country_code_for_region(country)
    plan = PLANS.get(country) if is_home else None
    if plan is None:
        is_costly = phonenumbers.number_type(parsed) in _COSTLY
    else:
        is_costly = fits(plan.costly, str(parsed.national_number))
    if is_costly:
        return Reach.PREMIUM
    return Reach.NATIONAL if is_home else Reach.INTERNATIONAL


def is_free(number: str, country: str) -> bool:
    """Whether a call there costs the office nothing: E.164, or a short number."""
    plan = PLANS.get(country)
    if not number.startswith("+"):
        return is_emergency(number, country) or (plan is not None and fits(plan.free, number))
    parsed = phonenumbers.parse(number, None)
    if parsed.country_code != phonenumbers.country_code_for_region(country):
        return parsed.country_code == _FREE_EVERYWHERE
    if plan is not None:
        return fits(plan.free, str(parsed.national_number))
    return phonenumbers.number_type(parsed) == PhoneNumberType.TOLL_FREE


def region_of(number: str) -> str | None:
    """The country (ISO 3166) of an E.164 number; of the +1 each has its own. None: of none."""
    region = phonenumbers.region_code_for_number(phonenumbers.parse(number, None))
    return None if region == _NOWHERE else region


def is_emergency(digits: str, country: str) -> bool:
    """Whether these digits call for help in this country."""
    plan = PLANS.get(country)
    if plan is not None:
        return digits in plan.emergency
    return digits == "112" or phonenumbers.is_emergency_number(digits, country)


def understand(digits: str, country: str, internal: Container[str]) -> Dialled:
    """What a person means who dials this. `internal` holds the office's internal numbers.

    Emergency comes before everything: no configuration can hide it.
    """
    digits = digits.strip()
    if is_emergency(_bare(digits), country):
        return Dialled(Kind.EMERGENCY, _bare(digits))
    if re.fullmatch(r"[*#][0-9*#]{1,30}", digits):
        return Dialled(Kind.CODE, digits)
    if digits in internal:
        return Dialled(Kind.INTERNAL, digits)
    plan = PLANS.get(country)
    short = _bare(digits)
    if plan is not None and fits(plan.short, short):
        is_costly = fits(plan.costly, short)
        return Dialled(Kind.SHORT, short, Reach.PREMIUM if is_costly else Reach.NATIONAL)
    number = normalize(digits, country)
    if number is None:
        return Dialled(Kind.UNKNOWN, digits)
    if number in internal:
        return Dialled(Kind.INTERNAL, number)
    return Dialled(Kind.EXTERNAL, number, reach(number, country))


def reserved(number: str, country: str) -> str | None:
    """Why this must not be an internal number, or None when it may."""
    if is_emergency(number, country):
        return say("is_emergency_number", number=number)
    plan = PLANS.get(country)
    for pattern, reason in plan.reserved if plan is not None else ():
        if re.fullmatch(pattern, number):
            return reason
    return None
