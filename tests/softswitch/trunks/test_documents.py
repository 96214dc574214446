"""What the manuals show can be written so, and every state and trouble is explained in them."""

import re
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from softswitch.office.models import Office
from softswitch.office.trunk import Trunk
from softswitch.trunks.link import Trouble

DOCS = Path(__file__).parents[3] / "docs"
MANUALS = [DOCS / "trunks.md", DOCS / "pl" / "lacza.md"]
SMALLEST = {"office": {"name": "x", "safe": "101"}, "people": {"101": {"name": "x"}}}


@pytest.mark.parametrize("manual", MANUALS, ids=lambda path: path.name)
def test_the_examples(manual: Path) -> None:
    blocks = re.findall(r"```yaml\n(.*?)```", manual.read_text(encoding="utf-8"), re.DOTALL)
    assert len(blocks) == 2
    for block in blocks:
        office = Office.model_validate(
            {**SMALLEST, **YAML(typ="safe").load(block)}, context={"country": "PL"}
        )
        assert office.trunks
        assert [one for one in office.trunks.values() if one.register_ or one.watch]


@pytest.mark.parametrize("manual", MANUALS, ids=lambda path: path.name)
def test_no_field_is_told_of_that_is_not_there(manual: Path) -> None:
    known = {info.alias or name for name, info in Trunk.model_fields.items()} | {
        "alarms",
        "numbers",
    }
    text = manual.read_text(encoding="utf-8")
    fields = re.findall(r"^- `([a-z0-9_]+)[`:]", text, re.MULTILINE)
    assert fields and not set(fields) - known


def test_the_states_are_named() -> None:
    text = MANUALS[0].read_text(encoding="utf-8")
    assert "*silent*" in text and len(Trouble) == 3
