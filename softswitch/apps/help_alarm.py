"""One call for help of which the office is told aloud (`emergency_alert.py`)."""

from dataclasses import dataclass

from softswitch.apps.confirm import spoken_name
from softswitch.apps.desk import FrontDesk
from softswitch.calls.call import Story
from softswitch.office.speech import digit_prompts

ALARM, DRILL, DIALLED = "emergency_alarm", "emergency_drill", "emergency_dialled"


@dataclass(frozen=True, slots=True)
class HelpAlarm:
    """`title`: before the name on displays. `told`: extensions that may acknowledge it."""

    story: Story
    extension: str
    name: str | None
    number: str
    title: str
    told: tuple[str, ...]
    is_drill: bool


def words_of(desk: FrontDesk, alarm: HelpAlarm, language: str) -> list[str]:
    """Who called which number: his name, where the office has recorded it, or his digits."""
    who = spoken_name(desk, alarm.extension, language) or digit_prompts(alarm.extension)
    began = [DRILL, ALARM] if alarm.is_drill else [ALARM]
    return [*began, *who, DIALLED, *digit_prompts(alarm.number)]
