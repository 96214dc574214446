"""Numbering plans: what short numbers save lives, what costs extra, what an office must leave free.

The one table of such ranges. Countries that have no row here are known by `phonenumbers` alone.

Poland: the plan of the Minister of Administration and Digitization of 30 October 2013 (Dz.U. 2023
poz. 145); ranges of premium numbers (AUS, 70x) and of enquiries (118) as the regulator UKE assigns
them. Old audiotex ranges 20x, 30x and 40x, which subscribers ask their carriers to bar, are
nobody's telephone and stay barred with them. 801 and 804 cost no more than a local call: offices
need them for the help lines of ZUS, banks and insurers. 800 and 116 are free.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

Patterns = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """One country's, as regular expressions over national digits.

    `emergency`: dialled without any prefix, never redirected, never refused. `short`: the other
    short numbers. `costly`: of those and of ordinary numbers, what costs extra. `free`: costs
    nothing. `reserved`: what an internal number must not be, with the reason.
    """

    digits: int  # of every number: a closed plan
    emergency: frozenset[str]
    short: Patterns
    costly: Patterns
    free: Patterns
    reserved: tuple[tuple[str, str], ...]


PLANS: Mapping[str, Plan] = {
    "PL": Plan(
        digits=9,
        # 112; police, fire brigade, ambulance; 984 rescue on water, 985 in the mountains.
        emergency=frozenset({"112", "997", "998", "999", "984", "985"}),
        # City guard, crisis centre, power, gas, heat, water, disappeared children, terrorism;
        # help lines; enquiries; services of towns and carriers.
        short=(r"98[67]", r"99[1-6]", r"116\d{3}", r"118\d{3}", r"19\d{3}"),
        costly=(r"70\d{7}", r"20\d{7}", r"30\d{7}", r"40\d{7}", r"118\d{3}"),
        free=(r"800\d{6,7}", r"116\d{3}", r"98[67]", r"99[1-6]"),
        # All of 9xx: the regulator keeps it for alarm numbers.
        reserved=(
            (r"9\d\d", "9xx are emergency and alarm numbers"),
            (r"116\d{3}", "116xxx are help lines"),
            (r"118\d{3}", "118xxx are directory enquiries"),
            (r"19\d{3}", "19xxx are public short numbers"),
        ),
    ),
}


def fits(patterns: Patterns, digits: str) -> bool:
    """Whether the digits are of one of these ranges."""
    return any(re.fullmatch(pattern, digits) for pattern in patterns)
