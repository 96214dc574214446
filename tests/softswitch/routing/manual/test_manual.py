"""The manual and the schema say what the loader does, and are in step with it."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from softswitch.office.loader import parse_office
from softswitch.office.models import Office
from softswitch.office.source import compose
from softswitch.routing.manual.pages import manual
from softswitch.routing.manual.polish import POLISH
from softswitch.routing.manual.schema import schema
from softswitch.routing.verbs import VERBS
from tests.softswitch.routing.offices import office_text

HOME = Path(__file__).parents[4]
SCHEMA = schema()
OFFICES = {
    **{path.stem: path.read_text() for path in sorted((HOME / "config").glob("*.yaml"))},
    "generated": office_text(60),
}


def test_the_manual_in_docs_is_in_step() -> None:
    remedy = "write it again: softswitch schema --manual > docs/office.md"
    assert (HOME / "docs" / "office.md").read_text() == manual(), remedy


def test_every_key_and_outcome_is_in_the_manual() -> None:
    page = manual()
    for section in Office.model_fields:
        assert f"### `{section}:`" in page
    for verb in VERBS.values():
        assert f"### `{verb.name}`" in page and verb.example in page
        for outcome in verb.outcomes:
            assert f"`{outcome.name}`" in page or outcome.name == verb.link


def test_examples_of_the_manual_are_yaml() -> None:
    blocks = re.findall(r"```yaml\n(.*?)```", manual(), re.DOTALL)
    assert len(blocks) > 25
    for block in blocks:
        compose("manual", block)


def test_every_field_is_explained() -> None:
    for name, definition in SCHEMA["$defs"].items():
        for key, field in definition.get("properties", {}).items():
            assert field.get("description"), f"{name}.{key}"


def explained(value: Any) -> Iterator[tuple[tuple[Any, ...], str]]:
    """Each explanation of a schema and where it stands."""
    for key, item in value.items() if isinstance(value, dict) else enumerate(value):
        if key == "description" and isinstance(item, str):
            yield (key,), item
        elif isinstance(item, dict | list):
            yield from (((key, *path), text) for path, text in explained(item))


def test_the_schema_is_explained_in_polish_to_its_last_field() -> None:
    english, polish = dict(explained(SCHEMA)), dict(explained(schema("pl")))
    assert english.keys() == polish.keys() and len(english) > 400
    assert [path for path, text in english.items() if polish[path] == text] == []
    ring = polish["$defs", "verb_ring", "description"]
    assert ring.startswith("Zadzwoń do osoby, grupy albo kilku osób. Przykład: {ring: payroll")
    busy = polish["$defs", "verb_ring", "properties", "busy", "description"]
    assert busy == "Dokąd iść, gdy wszyscy rozmawiają."


def test_no_translation_is_idle() -> None:
    told = {text for _, text in explained(SCHEMA)} | {verb.summary for verb in VERBS.values()}
    assert POLISH.keys() <= told


def wrong(value: Any, rule: dict[str, Any]) -> str | None:
    """What a validator says that knows the few words our schema uses; None when it is valid."""
    if "$ref" in rule:
        found = wrong(value, SCHEMA["$defs"][rule["$ref"].rsplit("/", 1)[-1]])
        if found:
            return found
    if "anyOf" in rule and all(wrong(value, option) for option in rule["anyOf"]):
        return f"{value!r} fits nowhere"
    kinds = rule.get("type", [])
    if kinds and not any(
        _is(value, kind) for kind in ([kinds] if isinstance(kinds, str) else kinds)
    ):
        return f"{value!r} is no {kinds}"
    if "enum" in rule and value not in rule["enum"]:
        return f"{value!r} is not in {rule['enum']}"
    if "pattern" in rule and not re.search(rule["pattern"], str(value)):
        return f"{value!r} is not like {rule['pattern']}"
    if isinstance(value, list) and "items" in rule:
        return next((text for item in value if (text := wrong(item, rule["items"]))), None)
    return _wrong_mapping(value, rule) if isinstance(value, dict) else None


def _is(value: Any, kind: str) -> bool:
    if isinstance(value, bool):
        return kind == "boolean"
    types = {"string": str, "integer": int, "number": int | float, "array": list, "object": dict,
             "null": type(None), "boolean": bool}  # fmt: skip
    return isinstance(value, types[kind])  # type: ignore[arg-type]


def _wrong_mapping(value: dict[str, Any], rule: dict[str, Any]) -> str | None:
    missing = [key for key in rule.get("required", ()) if key not in value]
    if missing:
        return f"{missing} missing"
    patterns = rule.get("patternProperties", {})
    for key, item in value.items():
        near = [r for pattern, r in patterns.items() if re.search(pattern, key)]
        inner = rule.get("properties", {}).get(key) or (near[0] if near else None)
        inner = inner if inner is not None else rule.get("additionalProperties", True)
        if inner is False:
            return f"{key} is unknown"
        text = wrong(item, inner) if isinstance(inner, dict) else None
        if text:
            return f"{key}: {text}"
    return None


@pytest.mark.parametrize("name", OFFICES)
def test_the_schema_takes_what_the_loader_takes(name: str) -> None:
    assert parse_office(OFFICES[name])
    assert wrong(compose(name, OFFICES[name]).data, SCHEMA) is None


@pytest.mark.parametrize("verb", VERBS)
def test_the_schema_takes_each_example(verb: str) -> None:
    node = compose("x", f"x: {VERBS[verb].example}").data["x"]
    assert wrong(node, SCHEMA["$defs"][f"verb_{verb}"]) is None


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("how: together", "how: togethr"),
        ("longest_wait: 5m", "longest_wait: 5"),
        ("name: Anna", "nam: Anna"),
        ("safe: reception", "save: reception"),
        ("no_key: leave_message", "no_kye: leave_message"),
        ("{voicemail: reception}", "{voicemal: reception}"),
        ("places: 20", "places: many"),
        ("expect: talk", "expect: talking"),
    ],
)
def test_the_schema_refuses_slips(old: str, new: str) -> None:
    text = OFFICES["office"]
    assert old in text
    assert wrong(compose("x", text.replace(old, new, 1)).data, SCHEMA)
