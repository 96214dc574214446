"""Which greeting a caller hears, and what tells why he comes."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from softswitch.apps.greetings import greeting_files, recorded, situation_after
from softswitch.office.mailbox import Mailbox, Situation

BOX = Mailbox.model_validate({"greeting": "usual_prompt", "greetings": {"closed": "closed_prompt"}})


@pytest.fixture
def desk(tmp_path: Path) -> Any:
    return SimpleNamespace(folder=tmp_path, prompt_files=lambda names, _: list(names))


def heard(desk: Any, situation: Situation) -> str:
    (found,) = greeting_files(desk, "office", BOX, situation, "pl")
    return Path(found).name


def record(desk: Any, situation: Situation) -> None:
    path = recorded(desk.folder, "office", situation)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()


def test_the_order(desk: Any) -> None:
    assert heard(desk, Situation.USUAL) == heard(desk, Situation.BUSY) == "usual_prompt"
    assert heard(desk, Situation.CLOSED) == "closed_prompt"
    record(desk, Situation.USUAL)
    assert heard(desk, Situation.BUSY) == "usual.wav"
    assert heard(desk, Situation.CLOSED) == "closed_prompt", "written for it, before the usual one"
    record(desk, Situation.CLOSED)
    assert heard(desk, Situation.CLOSED) == "closed.wav"


@pytest.mark.parametrize(
    ("verb", "outcome", "situation"),
    [
        ("ring", "busy", Situation.BUSY),
        ("ring", "declined", Situation.BUSY),
        ("ring", "no_answer", Situation.AWAY),
        ("ring", "unreachable", Situation.AWAY),
        ("hours", "closed", Situation.CLOSED),
        ("hours", "open", Situation.USUAL),
        ("menu", "no_key", None),
    ],
)
def test_why_he_comes(verb: str, outcome: str, situation: Situation | None) -> None:
    assert situation_after({"verb": verb, "outcome": outcome}) is situation
