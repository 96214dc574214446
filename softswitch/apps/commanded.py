"""What the office's commands ask of the running switch: how everybody stands, and to set it.

The same orders as by star codes, checked in the same place (`orders.py`).
"""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any

from softswitch.apps.callbacks.commands import verbs as callback_verbs
from softswitch.apps.click import Clicks
from softswitch.apps.desk import FrontDesk
from softswitch.apps.handled import verbs as message_verbs
from softswitch.apps.notes import verbs as note_verbs
from softswitch.apps.orders import OrderRefused, Wrong, switch_off, switch_on
from softswitch.apps.outside import meaning_of
from softswitch.apps.queue.report import verbs as queue_verbs
from softswitch.apps.recording.commands import verbs as recording_verbs
from softswitch.apps.spending.commands import verbs as spending_verbs
from softswitch.control import ControlError, Verb
from softswitch.office.codes import Setting
from softswitch.office.numbers import Kind
from softswitch.office.private_number import private_number
from softswitch.office.until import typed_time
from softswitch.store.standing import StandingRecord
from softswitch.trunks.keeper import TrunkKeeper
from softswitch.wording import Said, say

COMMAND = "command"


def verbs(desk: FrontDesk, keeper: TrunkKeeper, clicks: Clicks) -> dict[str, Verb]:
    """What may be asked, by its name."""
    return {
        "people": lambda _: {"people": people(desk)},
        "order": partial(order, desk),
        "trunks": lambda _: {"trunks": keeper.status(desk.office.office.trunks)},
        "test trunk": partial(_test_trunk, desk),
        "trunk tested": lambda _: {"report": desk.trunk_tests.told()},
        **callback_verbs(desk.callbacks),
        **queue_verbs(desk),
        **note_verbs(desk.exchange),
        **message_verbs(desk),
        **recording_verbs(desk.recordings),
        **clicks.verbs(),
        **spending_verbs(desk.spending, lambda: desk.office.office),
    }


def _test_trunk(desk: FrontDesk, request: Mapping[str, Any]) -> dict[str, Any]:
    """Begin a test; `trunk tested` tells how it goes. Raises `ControlError`."""
    number = request.get("call")
    desk.trunk_tests.begin(
        desk.office.office, str(request.get("trunk")), None if number is None else str(number)
    )
    return {}


def people(desk: FrontDesk) -> list[dict[str, Any]]:
    """Everybody of the office: his phones, his calls, what he has set and until when."""
    return [_person(desk, extension) for extension in desk.office.office.people]


def order(desk: FrontDesk, request: Mapping[str, Any]) -> dict[str, Any]:
    """Set something for somebody; how he stands then. Raises `ControlError`."""
    extension = str(request.get("extension"))
    if extension not in desk.office.office.people:
        raise ControlError(say("no_person_here", who=extension))
    try:
        setting = Setting(str(request.get("setting")))
        if not setting.is_own:
            raise ControlError(say("wrong_not_understood"))
        if request.get("on"):
            _switch_on(desk, extension, setting, request)
        else:
            switch_off(desk, extension, setting, target=_target(request), by=COMMAND)
    except ValueError:
        raise ControlError(say("wrong_not_understood")) from None
    except OrderRefused as refused:
        raise ControlError(_in_words(refused.wrong, request)) from None
    return _person(desk, extension)


def _switch_on(
    desk: FrontDesk, extension: str, setting: Setting, request: Mapping[str, Any]
) -> None:
    seconds = request.get("seconds")
    switch_on(
        desk,
        extension,
        setting,
        target=_target(request),
        seconds=None if seconds is None else float(seconds),
        until=_until(desk, request.get("until")),
        by=COMMAND,
    )


def _target(request: Mapping[str, Any]) -> str | None:
    target = request.get("target")
    return None if target is None else str(target)


def _until(desk: FrontDesk, text: object) -> datetime | None:
    if text is None:
        return None
    until = typed_time(str(text), desk.exchange.clock(), desk.office.office.zone)
    if until is None or until <= desk.exchange.clock():
        raise ControlError(say("no_time_to_come", text=str(text)))
    return until


def _in_words(wrong: Wrong, request: Mapping[str, Any]) -> Said:
    target, why = _target(request), say(f"wrong_{wrong.value}")
    return why if target is None else say("step_how", step=target, how=why)


def _person(desk: FrontDesk, extension: str) -> dict[str, Any]:
    standing, office = desk.standing, desk.office.office
    person, away = office.people[extension], standing.away(extension)
    dnd = standing.active(extension, Setting.DND)
    pause = standing.active(extension, Setting.PAUSE)
    return {
        "extension": extension,
        "name": person.name,
        "devices": [
            binding.user_agent or binding.contact.host
            for binding in desk.exchange.registrar.lookup(extension, desk.exchange.steady())
        ],
        "calls": desk.exchange.people.of(extension).calls,
        "is_talking": desk.exchange.people.is_talking(extension),
        "calls_at_once": standing.limit(extension),
        "is_agent": standing.is_agent(extension),
        "left_queues": sorted(standing.left_queues(extension)),
        "pause": None
        if pause is None
        else {"until": _moment(desk, pause.until), "reason": pause.target},
        "dnd": None if dnd is None else {"until": _moment(desk, dnd.until)},
        "absent": None
        if away is None
        else {"until": _moment(desk, away.until), "deputy": person.deputy},
        "forwards": [
            _forward(desk, record)
            for setting in Setting
            if setting.is_forward and (record := standing.active(extension, setting)) is not None
        ],
    }


def _moment(desk: FrontDesk, at: datetime | None) -> str | None:
    return None if at is None else desk.local_time(at).isoformat(timespec="minutes")


def _forward(desk: FrontDesk, record: StandingRecord) -> dict[str, Any]:
    """A number outside is its owner's business; its end tells an administrator which it is."""
    target = record.target
    if target is not None and meaning_of(desk.office, target).kind is Kind.EXTERNAL:
        private = private_number(desk.office.office, target, record.extension)
        target = f"{private.name} …{target[-3:]}"
    return {
        "setting": record.setting,
        "target": target,
        "seconds": record.seconds,
        "until": _moment(desk, record.until),
    }
