"""One call for help of which the office is told aloud (`emergency_alert.py`)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from softswitch.apps.confirm import spoken_name
from softswitch.apps.desk import FrontDesk
from softswitch.office.models import Office
from softswitch.office.speech import digit_prompts

TEST, CALLED = "tested", "called"
# On the display of who is rung, before the name; in both languages.
_TITLES = {CALLED: "ALARM {number}", TEST: "Test {number}"}
ALARM, DRILL, DIALLED = "emergency_alarm", "emergency_drill", "emergency_dialled"


@dataclass(frozen=True, slots=True)
class HelpAlarm:
    """`title`: before the name on displays. `told`: extensions that may acknowledge it.

    `call`: whose story tells of it, by `note`.
    """

    call: str
    note: Callable[..., None]
    extension: str
    name: str | None
    number: str
    title: str
    told: tuple[str, ...]
    is_drill: bool


def alarm_of(
    office: Office,
    call: str,
    note: Callable[..., None],
    extension: str,
    number: str,
    told: Sequence[str],
    *,
    is_drill: bool,
) -> HelpAlarm:
    """Of a call for help by this extension, or of a test of one."""
    person = office.people.get(extension)
    title = _TITLES[TEST if is_drill else CALLED].format(number=number)
    name = person.name if person is not None else None
    return HelpAlarm(call, note, extension, name, number, title, tuple(told), is_drill)


def words_of(desk: FrontDesk, alarm: HelpAlarm, language: str) -> list[str]:
    """Who called which number: his name, where the office has recorded it, or his digits."""
    who = spoken_name(desk, alarm.extension, language) or digit_prompts(alarm.extension)
    began = [DRILL, ALARM] if alarm.is_drill else [ALARM]
    return [*began, *who, DIALLED, *digit_prompts(alarm.number)]
