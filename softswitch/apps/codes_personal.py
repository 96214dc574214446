"""Star codes by which people set something for themselves; each answers in words how it stands.

    *26   *26*1700   *26*25121700        do not disturb, until 17:00, until 25 December 17:00
    *21*600100200    *21*111*1700        every call forwarded; *67 busy, *61 no answer, *62 no phone
    *21   *21**1700                      again to where it was, or to the mobile of the office file
    *61*111*20                           not answered within 20 seconds (5 to 120)
    *22   *22*0112   *22*01120800        absent, until 1 December (its beginning), until its 8:00
    *30   #30   #30*300   *30*300        answer for my queues, or no longer; for one of them
    *32   *32*2      *32*2*1300          a pause from them, for reason 2, until 13:00
    *43                                  a second call may ring
    *31                                  nobody outside sees my number
    #26 and *#26                         off, and how does it stand

It is done before a word is spoken: who hangs up at once has it too. What is wrong is told in words.
"""

from collections.abc import Mapping
from datetime import datetime

from softswitch.apps.caller import PhoneCaller
from softswitch.apps.desk import FrontDesk
from softswitch.apps.orders import OrderRefused, Wrong, switch_off, switch_on
from softswitch.calls.call import Call
from softswitch.office.codes import Act, Asked, Setting
from softswitch.office.speech import digit_prompts, until_prompts
from softswitch.office.until import dialled_day, dialled_time

_WRONG: Mapping[Wrong, str] = {
    Wrong.NOT_UNDERSTOOD: "code_not_understood",
    Wrong.NO_SUCH_NUMBER: "number_not_in_service",
    Wrong.NO_SUCH_QUEUE: "number_not_in_service",
    Wrong.NOT_PERMITTED: "forward_not_permitted",
    Wrong.NO_SUCH_REASON: "code_not_understood",
}
# What has no end time.
_LASTING = (Setting.CALL_WAITING, Setting.AGENT)
# Digits of a length of time in seconds; an end time has four or eight.
MOST_SECOND_DIGITS = 3


async def personal_code(desk: FrontDesk, call: Call, caller: PhoneCaller, asked: Asked) -> None:
    """Carry it out for whoever dialled, and tell him."""
    extension, setting = call.origin.number or "", Setting(asked.name)
    try:
        _carry_out(desk, extension, setting, asked)
    except OrderRefused as refused:
        outcome, words = refused.wrong.name.lower(), [_WRONG[refused.wrong]]
    else:
        outcome = "done"
        words = state_words(desk, extension, setting, caller.language)
    call.note("service.used", service=asked.name, act=asked.act.value, outcome=outcome)
    await caller.answer()
    await caller.hear(desk.prompt_files(words, caller.language))


PERSONAL = {one.value: personal_code for one in Setting if one.is_own}
"""Code → what carries it out, for the table of all codes."""


def _carry_out(desk: FrontDesk, extension: str, setting: Setting, asked: Asked) -> None:
    if asked.act is Act.OFF:
        queue = asked.arguments[0] if setting is Setting.AGENT and asked.arguments else None
        switch_off(desk, extension, setting, target=queue)
    elif asked.act is Act.ON:
        target, seconds, until = _arguments(desk, setting, asked.arguments)
        switch_on(desk, extension, setting, target=target, seconds=seconds, until=until)


def _arguments(
    desk: FrontDesk, setting: Setting, said: tuple[str, ...]
) -> tuple[str | None, float | None, datetime | None]:
    """Target, seconds and end time, as far as this code has them. Raises `OrderRefused`."""
    target: str | None = None
    seconds: float | None = None
    until: datetime | None = None
    if setting.is_forward and said:
        target, said = said[0] or None, said[1:]
    elif setting is Setting.PAUSE and said and len(said[0]) == 1:
        target, said = said[0], said[1:]
    elif setting is Setting.AGENT and len(said) == 1:
        target, said = said[0], ()
    for one in said:
        if setting is Setting.FORWARD_NO_ANSWER and seconds is None and _is_seconds(one):
            seconds = float(one)
        elif until is None and setting not in _LASTING:
            until = _end(desk, setting, one)
        else:
            raise OrderRefused(Wrong.NOT_UNDERSTOOD)
    return target, seconds, until


def _is_seconds(digits: str) -> bool:
    return digits.isdecimal() and len(digits) <= MOST_SECOND_DIGITS


def _end(desk: FrontDesk, setting: Setting, digits: str) -> datetime:
    read = dialled_day if setting is Setting.ABSENT else dialled_time
    until = read(digits, desk.exchange.clock(), desk.office.office.zone)
    if until is None:
        raise OrderRefused(Wrong.NOT_UNDERSTOOD)
    return until


# --- in words ---


def state_words(desk: FrontDesk, extension: str, setting: Setting, language: str) -> list[str]:
    """How it stands, as prompts."""
    standing = desk.standing
    if setting is Setting.CALL_WAITING:
        return ["call_waiting_on" if standing.limit(extension) > 1 else "call_waiting_off"]
    if setting is Setting.AGENT:
        return _agent_words(desk, extension)
    if setting is Setting.ABSENT:
        return _absence_words(desk, extension, language)
    record = standing.active(extension, setting)
    if record is None:
        return ["forward_off" if setting.is_forward else f"{setting}_off"]
    words = [f"{setting}_on"]
    if record.target is not None and setting.is_forward:
        words += digit_prompts(desk.display_number(record.target) or "")
    return words + _until_words(desk, record.until, language)


def _agent_words(desk: FrontDesk, extension: str) -> list[str]:
    """Whether he answers for his queues, and for which of them he does not."""
    if not desk.standing.is_agent(extension):
        return ["agent_off"]
    queues, words = desk.office.office.queues, ["agent_on"]
    for key in sorted(desk.standing.left_queues(extension) & queues.keys()):
        number = queues[key].number
        words += [] if number is None else ["agent_except", *digit_prompts(number)]
    return words


def _absence_words(desk: FrontDesk, extension: str, language: str) -> list[str]:
    away = desk.standing.away(extension)
    if away is None:
        return ["absent_off"]
    person = desk.office.office.people.get(extension)
    words = ["absent_on"]
    if person is not None and person.deputy is not None:
        words += ["absent_deputy", *digit_prompts(person.deputy)]
    return words + _until_words(desk, away.until, language)


def _until_words(desk: FrontDesk, until: datetime | None, language: str) -> list[str]:
    if until is None:
        return []
    now = desk.local_time(desk.exchange.clock())
    return until_prompts(desk.local_time(until), now, language)
