"""What `softswitch limits` asks of the running switch: what is used up today, who is stopped."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from softswitch.apps.spending.meter import Used
from softswitch.apps.spending.room import Refusal, Spending
from softswitch.control import ControlError, Verb, who_asked
from softswitch.office.models import Office
from softswitch.office.outgoing import Limits
from softswitch.office.permission import in_words
from softswitch.wording import say


def verbs(spending: Spending, office: Callable[[], Office]) -> dict[str, Verb]:
    """What may be asked, by its name."""
    return {
        "limits": lambda _: status(spending, office()),
        "limits release": partial(release, spending, office),
    }


def status(spending: Spending, office: Office) -> dict[str, Any]:
    """Today's use of the office and of everybody who has called out or is stopped."""
    people = [one for one in office.people if _is_told(spending, one)]
    return {
        "day": spending.local().date().isoformat(),
        "office": _line(spending, None, office.outgoing.limits(None)),
        "people": [
            {
                "extension": one,
                "name": office.people[one].name,
                "is_stopped": spending.is_stopped(one),
                **_line(spending, one, office.outgoing.limits(one)),
            }
            for one in people
        ],
        "refused": [_refusal(one) for one in reversed(spending.refusals)],
    }


def _is_told(spending: Spending, who: str) -> bool:
    used = spending.used(who)
    return used.calls > 0 or spending.count(who) > 0 or spending.is_stopped(who)


def _line(spending: Spending, who: str | None, limits: Limits) -> dict[str, Any]:
    used: Used = spending.used(who)
    return {
        "calls": used.calls,
        "now": spending.count(who),
        "seconds": round(used.seconds),
        "abroad": round(used.far),
        "money": round(used.money, 2),
        "limits": {
            "now": limits.at_once,
            "seconds": limits.time,
            "abroad": limits.abroad,
            "money": limits.money,
        },
    }


def _refusal(one: Refusal) -> dict[str, Any]:
    return {
        "at": one.at.isoformat(timespec="seconds"),
        "extension": one.who,
        "number": one.number,
        "why": one.why.value,
        "words": in_words(one.why, one.who, one.number),
    }


def release(
    spending: Spending, office: Callable[[], Office], request: Mapping[str, Any]
) -> dict[str, Any]:
    """Let somebody call abroad again. Raises `ControlError`."""
    who = str(request.get("extension"))
    if who not in office().people:
        raise ControlError(say("no_person_here", who=who))
    if not spending.release(who, who_asked(request)):
        raise ControlError(say("is_not_stopped", who=who))
    return {"extension": who}
