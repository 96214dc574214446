"""JSON Schema (draft 2020-12) of the office file: completion and hints in an editor.

Looser than the loader where YAML is: names are not looked up, and rules of hours are plain text.
"""

from typing import Any

from softswitch.office.models import Office
from softswitch.routing.manual.polish import POLISH
from softswitch.routing.verbs import VERBS
from softswitch.routing.verbs.base import AnyVerb
from softswitch.wording import ENGLISH, Said, say

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_TARGET = {"type": ["string", "integer"]}


def schema(language: str = ENGLISH) -> dict[str, Any]:
    """The schema of an office file, explained in a language; routes as one alternative a verb."""
    made = Office.model_json_schema(by_alias=True)
    definitions = made["$defs"]
    for verb in VERBS.values():
        definitions[_name(verb)] = _node(verb, definitions, language)
    routes = made["properties"]["routes"]
    alternatives = [{"$ref": f"#/$defs/{_name(verb)}"} for verb in VERBS.values()]
    routes["additionalProperties"] = {"anyOf": alternatives}
    made["patternProperties"] = {"^x-": {"description": "The author's own, for anchors."}}
    told = _told(_tidied(made), language)
    return {"$schema": _DIALECT, **told, "title": "softswitch office"}


def _told(value: Any, language: str) -> Any:
    """With every explanation in this language."""
    if isinstance(value, list):
        return [_told(item, language) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        key: _explained(item, language) if key == "description" else _told(item, language)
        for key, item in value.items()
    }


def _explained(text: Any, language: str) -> Any:
    """A field may itself be called `description`."""
    if not isinstance(text, str):
        return _told(text, language)
    if isinstance(text, Said):
        return text.in_language(language)
    return text if language == ENGLISH else POLISH.get(text, text)


def _name(verb: AnyVerb) -> str:
    return f"verb_{verb.name}"


def _node(verb: AnyVerb, definitions: dict[str, Any], language: str) -> dict[str, Any]:
    """One verb: its options, and a target for each outcome that may have one."""
    made = verb.options.model_json_schema(by_alias=True)
    definitions.update(made.pop("$defs", {}))
    properties = made["properties"]
    for outcome in verb.outcomes:
        if not outcome.is_final and outcome.name != verb.link:
            way = say("schema_way", meaning=outcome.meaning)
            properties[outcome.name] = {**_TARGET, "description": way}
    summary = _explained(verb.summary, language)
    node = {
        "type": "object",
        "description": say("schema_verb", summary=summary, example=verb.example),
        "properties": properties,
        "required": [verb.name],
        "additionalProperties": False,
    }
    if verb.key_pattern is not None:
        hint = "Where to go when the caller presses this."
        node["patternProperties"] = {f"^({verb.key_pattern})$": {**_TARGET, "description": hint}}
    if verb.takes_names:
        hint = "Where to go for this name of the office."
        node["additionalProperties"] = {**_TARGET, "description": hint}
    return node


def _tidied(value: Any) -> Any:
    """Without titles that only repeat the key, and with defaults that are written in YAML."""
    if isinstance(value, list):
        return [_tidied(item) for item in value]
    if not isinstance(value, dict):
        return value
    is_field = "type" in value or "anyOf" in value or "$ref" in value
    return {
        key: _tidied(item)
        for key, item in value.items()
        if not (is_field and (key == "title" or (key == "default" and item in (None, {}, []))))
    }
