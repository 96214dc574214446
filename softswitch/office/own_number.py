"""Which number of ours a call out shows on a trunk. Never a foreign one: carriers block such calls.

Poland's law of 28 July 2023 (Dz.U. 2023 poz. 1703) has operators block or hide a number that its
caller does not own, and other countries do the same.
"""

from collections.abc import Iterable

from softswitch.office.models import Office


def own_number(office: Office, trunk: str, wanted: Iterable[str | None]) -> str | None:
    """The first of `wanted` that this trunk owns; else a number of the trunk's own.

    A trunk without numbers shows what another trunk of the office owns, or what is wanted where no
    trunk owns any. None: there is no number to show.
    """
    named = [one for one in wanted if one is not None]
    its = office.trunks[trunk].numbers
    every = [number for one in office.trunks.values() for number in one.numbers]
    allowed = its or every
    if not allowed:
        return best_of(named)
    return next((one for one in named if one in allowed), allowed[0])


def best_of(wanted: Iterable[str | None]) -> str | None:
    """The first that there is."""
    return next((one for one in wanted if one is not None), None)


def for_person(office: Office, extension: str | None) -> list[str | None]:
    """What a call of somebody should show, the best first."""
    person = office.people.get(extension or "")
    return [person.number if person is not None else None, office.office.number]


def for_help(office: Office, extension: str | None, address: str | None = None) -> list[str | None]:
    """What a call for help should show: where help is to come to. `address`: of the phone."""
    rules = office.emergency
    return [rules.site(extension, address).number, rules.number, office.office.number]
