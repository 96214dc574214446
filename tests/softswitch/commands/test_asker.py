"""What somebody types is understood by the office that runs, or ran last, with his data folder."""

import json
from pathlib import Path

import pytest

from softswitch.commands.asker import Asker
from softswitch.reload import STATE_FILE
from softswitch.store.numbers import Sought


def asker_of(folder: Path, country: str | None) -> Asker:
    if country is not None:
        office = folder / "office.yaml"
        office.write_text(f"office: {{name: Firm, safe: leave, country: {country}}}\n")
        (folder / STATE_FILE).write_text(json.dumps({"office": str(office)}))
    return Asker(folder, "en")


@pytest.mark.parametrize(
    ("country", "typed", "first", "has", "lacks"),
    [
        (None, "22 123 45 67", "+48221234567", "0221234567", "+44221234567"),
        ("PL", "0048 22 123-45-67", "+48221234567", "221234567", "+420221234567"),
        ("GB", "020 7183 8750", "+442071838750", "02071838750", "+482071838750"),
        ("DE", "0221 234567", "+49221234567", "0221234567", "+48221234567"),
    ],
)
def test_a_number_by_the_plan_of_the_office(
    tmp_path: Path, country: str | None, typed: str, first: str, has: str, lacks: str
) -> None:
    sought = asker_of(tmp_path, country).sought(typed)
    assert sought is not None and not sought.is_end
    assert sought.forms[0] == first and has in sought.forms and lacks not in sought.forms


@pytest.mark.parametrize(
    ("typed", "sought"),
    [
        (None, None),
        ("101", Sought(("101",))),
        ("0100 200", Sought(("100200",), is_end=True)),
        ("+1", Sought(("+1",))),
        ("anonymous", Sought(("anonymous",))),
    ],
)
def test_what_is_no_number_of_the_world(
    tmp_path: Path, typed: str | None, sought: Sought | None
) -> None:
    asked = asker_of(tmp_path, "PL")
    assert asked.sought(typed) == sought
    assert typed is None or asked.ways_of_writing(typed) == ()
