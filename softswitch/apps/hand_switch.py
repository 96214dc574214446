"""A switch turned from a phone: by its number (which its lamp's key dials), or by its star code.

    801                                    on; once more: off
    *28   *28*1400   *28*25121400          on, until 14:00, until 25 December 14:00
    #28   *#28                             off, and how does it stand

The switch is turned before a word is spoken. Who may not turn it hears so, and asking is free.
"""

from datetime import datetime

from softswitch.apps.caller import PhoneCaller
from softswitch.apps.desk import FrontDesk
from softswitch.calls.call import Call
from softswitch.log import get_logger
from softswitch.office.codes import Act, Asked, read_code
from softswitch.office.models import Office
from softswitch.office.speech import until_prompts
from softswitch.office.switches import allowed
from softswitch.office.until import dialled_time

_log = get_logger("apps.hand_switch")


def switch_by_number(office: Office, number: str) -> str | None:
    """The switch with this internal number."""
    return next((name for name, one in office.switches.items() if one.number == number), None)


def switch_by_code(office: Office, digits: str) -> Asked | None:
    """Digits read as the star code of a switch; `name` is the switch."""
    codes = ((name, one.code) for name, one in office.switches.items() if one.code)
    return read_code(codes, digits)


async def turn(
    desk: FrontDesk, call: Call, caller: PhoneCaller, name: str, asked: Asked | None = None
) -> None:
    """Do what was dialled, and say how it stands; `asked` None: by the number, the other way."""
    extension = call.origin.number or ""
    if asked is None:
        asked = Asked(name, Act.OFF if name in desk.switches.on() else Act.ON)
    words = _turned(desk, call, name, extension, asked)
    if words is None:
        words = _stands(desk, name, caller.language)
    await caller.answer()
    await caller.hear(desk.prompt_files(words, caller.language))


def _turned(
    desk: FrontDesk, call: Call, name: str, extension: str, asked: Asked
) -> list[str] | None:
    """Turn it; what is wrong, as prompts."""
    office, until = desk.office.office, None
    if asked.act is Act.ASK:
        return None
    if name not in office.switches or not allowed(office, name, extension):
        call.note("service.used", service="switch", switch=name, outcome="refused")
        return ["call_not_permitted"]
    if asked.arguments:
        until = dialled_time(asked.arguments[0], desk.exchange.clock(), office.zone)
        if until is None or len(asked.arguments) > 1 or asked.act is Act.OFF:
            call.note("service.used", service="switch", switch=name, outcome="not_understood")
            return ["code_not_understood"]
    if asked.act is Act.ON:
        until = desk.switches.turn_on(name, extension, until)
    else:
        desk.switches.turn_off(name)
    _note(call, name, asked.act, until)
    return None


def _note(call: Call, name: str, act: Act, until: datetime | None) -> None:
    end = until.isoformat(timespec="minutes") if until is not None and act is Act.ON else None
    call.note("service.used", service="switch", switch=name, act=act.value, until=end)
    _log.info("a switch was turned", switch=name, to=act.value, by=call.origin.number, until=end)


def _stands(desk: FrontDesk, name: str, language: str) -> list[str]:
    on = desk.switches.on()
    if name not in on:
        return ["switch_off"]
    until = on[name]
    if until is None:
        return ["switch_on"]
    now = desk.local_time(desk.exchange.clock())
    return ["switch_on", *until_prompts(desk.local_time(until), now, language)]
