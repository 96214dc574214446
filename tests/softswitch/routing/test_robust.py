"""Whatever file loads, everything that is asked about it is answered: no question raises."""

import random
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from softswitch.office.findings import OfficeErrors
from softswitch.office.loader import LoadedOffice, parse_office
from softswitch.office.timetable import summary, table
from softswitch.routing.check import check
from softswitch.routing.drawing.mermaid import mermaid
from softswitch.routing.drawing.picture import picture
from softswitch.routing.drawing.svg import svg
from softswitch.routing.effects.compare import changes
from softswitch.routing.effects.words import sentence
from softswitch.routing.simulate.cases import run_cases
from tests.softswitch.routing.offices import office_text

CONFIG = Path(__file__).parents[3] / "config"
TEXTS = [(CONFIG / "firm.yaml").read_text(), (CONFIG / "office.yaml").read_text(), office_text(12)]
AT = datetime(2026, 11, 23, tzinfo=UTC)
VALUES = [
    "hangup",
    "[]",
    "{}",
    "",
    "[roster duty]",
    "0",
    '"24/7"',
    '"24/7 off"',
    "2026-12-24",
    "all",
]
# Values in braces, behind a colon, or in quotes.
VALUE = re.compile(r'\w+(?=[,}\]\n])|(?<=: )\w+|"[^"]*"')


def slipped(text: str, chance: random.Random) -> str:
    """The file with some values exchanged for others."""
    words = re.findall(r"[\w+]+", text)
    for _ in range(chance.randint(1, 3)):
        found = chance.choice(list(VALUE.finditer(text)))
        other = chance.choice([chance.choice(words), chance.choice(words), *VALUES])
        text = text[: found.start()] + other + text[found.end() :]
    return text


def ask_everything(loaded: LoadedOffice, before: LoadedOffice) -> None:
    check(loaded)
    run_cases(loaded)
    drawn = picture(loaded.graph)
    assert svg(drawn) and mermaid(drawn)
    assert table(loaded.office, AT.date())
    summary(loaded.office, AT.date())
    for change in changes(before.graph, loaded.graph, AT):
        assert sentence(change, AT, loaded.office.zone, loaded.office.country)


@pytest.mark.parametrize("seed", range(6))
def test_fuzz_every_question_has_an_answer(seed: int) -> None:
    chance = random.Random(seed)
    original = TEXTS[seed % len(TEXTS)]
    before = parse_office(original, at=AT)
    answered = 0
    for _ in range(60):
        try:
            loaded = parse_office(slipped(original, chance), at=AT)
        except OfficeErrors:
            continue
        ask_everything(loaded, before)
        answered += 1
    assert answered
