"""Whether somebody may call a number outside at a moment, as far as the office file decides it.

Pure: what was used up, and whether his calls abroad are stopped, is asked elsewhere
(`apps/spending`). The simulator asks here too, so that it cannot disagree.
"""

from datetime import datetime
from enum import StrEnum

from softswitch.office.hours import is_open
from softswitch.office.models import Office
from softswitch.office.numbers import Dialled, Kind, Reach, is_free, region_of
from softswitch.office.outgoing import ABROAD, COSTLY, HOME
from softswitch.wording import Said, say


class Barred(StrEnum):
    """Why a call does not go out."""

    ABROAD = "abroad"
    COSTLY = "costly"
    LOCKED = "locked"
    STOPPED = "stopped"
    TIME = "time"
    MONEY = "money"
    AT_ONCE = "at_once"
    OFFICE_TIME = "office_time"
    OFFICE_MONEY = "office_money"
    OFFICE_AT_ONCE = "office_at_once"


PROMPTS: dict[Barred, str] = {
    Barred.ABROAD: "call_not_permitted",
    Barred.COSTLY: "call_not_permitted",
    Barred.LOCKED: "calls_locked",
    Barred.STOPPED: "calls_stopped",
    Barred.TIME: "limit_used_up",
    Barred.MONEY: "limit_used_up",
    Barred.OFFICE_TIME: "limit_used_up",
    Barred.OFFICE_MONEY: "limit_used_up",
    Barred.AT_ONCE: "lines_busy",
    Barred.OFFICE_AT_ONCE: "lines_busy",
}
"""What the caller hears."""

_SENTENCES: dict[Barred, str] = {
    Barred.ABROAD: "barred_where",
    Barred.COSTLY: "barred_costly",
    Barred.LOCKED: "barred_locked",
    Barred.STOPPED: "barred_fraud",
    Barred.TIME: "barred_time",
    Barred.MONEY: "barred_money",
    Barred.AT_ONCE: "barred_at_once",
    Barred.OFFICE_TIME: "barred_office_time",
    Barred.OFFICE_MONEY: "barred_office_money",
    Barred.OFFICE_AT_ONCE: "barred_office_at_once",
}


def in_words(why: Barred, who: str, number: str) -> Said:
    """For the administrator: what would have to be otherwise."""
    where = region_of(number) if number.startswith("+") else None
    return say(_SENTENCES[why], who=who, where=where or say("barred_there"))


def priced_as(meant: Dialled) -> str:
    """As the tariff calls it: at home, abroad, or costly."""
    if meant.reach is Reach.PREMIUM:
        return COSTLY
    return ABROAD if meant.reach is Reach.INTERNATIONAL else HOME


def is_far(meant: Dialled) -> bool:
    """Abroad, or costly: what a thief calls."""
    return meant.reach in (Reach.INTERNATIONAL, Reach.PREMIUM)


def barred(office: Office, extension: str, meant: Dialled, local: datetime) -> Barred | None:
    """Why the file does not let this person call there; None when it does.

    `local`: on the office's clock. A call for help is never barred.
    """
    rules = office.outgoing
    if meant.kind is Kind.EMERGENCY or meant.value in rules.rule(extension, "numbers"):
        return None
    locked = rules.rule(extension, "locked")
    if locked is not None and is_open(locked, local, office.country, office.zone):
        return Barred.LOCKED
    if meant.reach is Reach.PREMIUM:
        return None if rules.rule(extension, "costly") else Barred.COSTLY
    if meant.reach is not Reach.INTERNATIONAL or is_free(meant.value, office.country):
        return None
    region = region_of(meant.value)
    for one in rules.rule(extension, "countries"):
        if one == region or (one.startswith("+") and meant.value.startswith(one)):
            return None
    return Barred.ABROAD
