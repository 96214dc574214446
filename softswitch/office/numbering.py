"""Numbering plans: what short numbers save lives, what costs extra, what an office must leave free.

The one table of such ranges. Countries that have no row here are known by `phonenumbers` alone.

Poland, checked in November 2026: the plan of the Minister of Administration and Digitization of 30
October 2013 (Dz.U. 2013 poz. 1281, consolidated 2023 poz. 145). Its areas are 12-18, 22-25, 29,
32-34, 41-44, 46, 48, 52, 54-56, 58, 59, 61-63, 65, 67, 68, 71, 74-77, 81-87, 89, 91, 94, 95; beside
them mobiles, 39 (internet telephony), 26 and 47 (ministries). What costs more than a call to them:

- 70x: services with a surcharge, whatever the third digit (`phonenumbers` 9.0: premium);
- 118xxx: enquiries (1.22 to 2.40 zl a minute in a carrier's price list); and 19491, 19493, which
  that list puts beside them (2.49, where the other 19xxx cost 0.58);
- 20x, 30x, 40x: no area and no network has them; carriers knew them as audiotex, and subscribers
  who ask for the bar of "numbers at a higher rate" have them barred too;
- of 80x, the range of special services, what is not 800 (free), 801 (shared) or 804 (universal):
  `phonenumbers` knows no number there, so nobody can say what it costs.

801 and 804 cost 0.16 to 0.49 zl a minute, like a local call or a little more: offices need them for
the help lines of ZUS, banks and insurers. 800 and 116xxx are free.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from softswitch.wording import say

Patterns = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """One country's, as regular expressions over national digits.

    `home`: an ordinary number, written with the country's code or without; its group are the
    national digits, which are dialled at home as they are. `emergency`: dialled without any prefix,
    never redirected, never refused. `short`: the other short numbers. `costly`: of those and of
    ordinary numbers, what costs extra. `free`: costs nothing. `reserved`: what an internal number
    must not be, with the reason.
    """

    digits: int  # of every number: a closed plan
    code: str  # of the country (ITU-T E.164)
    home: re.Pattern[str]
    emergency: frozenset[str]
    short: Patterns
    costly: Patterns
    free: Patterns
    reserved: tuple[tuple[str, str], ...]


PLANS: Mapping[str, Plan] = {
    "PL": Plan(
        digits=9,
        code="48",
        home=re.compile(r"(?:\+?48|0048)?([1-9][0-9]{8})"),
        # 112; police, fire brigade, ambulance; 984 rescue on water, 985 in the mountains.
        emergency=frozenset({"112", "997", "998", "999", "984", "985"}),
        # City guard, crisis centre, power, gas, heat, water, disappeared children, terrorism;
        # help lines; enquiries; services of towns and carriers.
        short=(r"98[67]", r"99[1-6]", r"116\d{3}", r"118\d{3}", r"19\d{3}"),
        costly=(r"[2347]0\d{7}", r"80[235-9]\d{6}", r"118\d{3}", r"1949[13]"),
        free=(r"800\d{6,7}", r"116\d{3}", r"98[67]", r"99[1-6]"),
        # All of 9xx: the regulator keeps it for alarm numbers.
        reserved=(
            (r"9\d\d", say("emergency_9xx")),
            (r"116\d{3}", say("help_lines")),
            (r"118\d{3}", say("enquiries")),
            (r"19\d{3}", say("public_short")),
        ),
    ),
}


def fits(patterns: Patterns, digits: str) -> bool:
    """Whether the digits are of one of these ranges."""
    return any(re.fullmatch(pattern, digits) for pattern in patterns)
