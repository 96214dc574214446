"""What a caller hears before the tone of a mailbox, by why he comes.

In this order: what was recorded by phone for the situation, what the office file says for it, what
was recorded by phone as the usual greeting, the usual one of the file. Recorded ones lie in the
data folder, `greetings/MAILBOX/SITUATION.wav`; a file put there by hand is as good.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from softswitch.apps.desk import FrontDesk
from softswitch.office.mailbox import Mailbox, Situation

_RINGING = {
    "busy": Situation.BUSY,
    "declined": Situation.BUSY,
    "no_answer": Situation.AWAY,
    "unreachable": Situation.AWAY,
}
_HOURS = {"closed": Situation.CLOSED}
_BY_VERB: Mapping[str, Mapping[str, Situation]] = {"ring": _RINGING, "hours": _HOURS}


def situation_after(data: Mapping[str, Any]) -> Situation | None:
    """What leaving a node of a route tells (`route.left`); None: nothing about this."""
    verb, outcome = str(data.get("verb")), str(data.get("outcome"))
    if verb == "hours":
        return _HOURS.get(outcome, Situation.USUAL)
    return _BY_VERB.get(verb, {}).get(outcome)


def after_ringing(outcome: str) -> Situation:
    """What a colleague who was dialled and did not answer tells."""
    return _RINGING.get(outcome, Situation.USUAL)


def recorded(folder: Path, mailbox: str, situation: Situation) -> Path:
    """Where a greeting that was recorded by phone lies, or will lie."""
    return (folder / "greetings" / mailbox / f"{situation.value}.wav").absolute()


def greeting_files(
    desk: FrontDesk, mailbox: str, box: Mailbox, situation: Situation, language: str
) -> list[str]:
    """As the media engine wants them."""
    own = recorded(desk.folder, mailbox, situation)
    if own.exists():
        return [str(own)]
    written = box.greetings.prompt(situation)
    usual = recorded(desk.folder, mailbox, Situation.USUAL)
    if written is None and usual.exists():
        return [str(usual)]
    return desk.prompt_files([written or box.greeting], language)
