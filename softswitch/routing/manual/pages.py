"""`docs/office.md`: the manual of the office file, written from the declarations themselves."""

from collections.abc import Iterator
from typing import Any, get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from softswitch.office.durations import format_duration
from softswitch.office.models import Office
from softswitch.routing.manual import words
from softswitch.routing.verbs import VERBS
from softswitch.routing.verbs.base import AnyVerb


def manual() -> str:
    """The whole page, in Markdown."""
    parts = [words.HEAD, *_sections(), words.ROUTES, *_verbs(), words.TAIL]
    return "\n\n".join(part.strip("\n") for part in parts if part) + "\n"


def _sections() -> Iterator[str]:
    """One heading a section of the file, with a table for each kind of entry in it."""
    for name, info in Office.model_fields.items():
        yield f"### `{name}:`"
        yield str(info.description)
        if info.examples and "```" not in words.NOTES.get(name, ""):
            yield f"```yaml\n{name}: {info.examples[0]}\n```"
        for number, model in enumerate(dict.fromkeys(_models(info.annotation))):
            if number:
                yield _first_line(model)
            yield _fields(model)
        if name in words.NOTES:
            yield words.NOTES[name]


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    """The models inside a type, and the models of their fields."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
        for info in annotation.model_fields.values():
            yield from _models(info.annotation)
    for inner in get_args(annotation):
        yield from _models(inner)


def _first_line(model: type[BaseModel]) -> str:
    return (model.__doc__ or "").strip().splitlines()[0]


def _fields(model: type[BaseModel], skipped: str = "") -> str:
    rows = ["| key | meaning | example | without it |", "|---|---|---|---|"]
    for name, info in model.model_fields.items():
        key = info.alias or name
        if key != skipped:
            example = f"`{info.examples[0]}`" if info.examples else ""
            rows.append(f"| `{key}` | {info.description} | {example} | {_default(info)} |")
    return "\n".join(rows)


def _default(info: FieldInfo) -> str:
    """What holds when the line is not there."""
    value = info.default
    if info.is_required():
        return "**needed**"
    if value is None or value in ((), {}):
        return ""
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, float):
        return f"`{format_duration(value)}`"
    if isinstance(value, BaseModel):
        return ""
    return f"`{', '.join(value) if isinstance(value, tuple) else value}`"


def _verbs() -> Iterator[str]:
    for verb in VERBS.values():
        yield f"### `{verb.name}`"
        yield verb.summary
        yield f"`{verb.name}:` {_value(verb)}"
        yield f"```yaml\nexample: {verb.example}\n```"
        if len(verb.options.model_fields) > 1:
            yield _fields(verb.options, verb.name)
        yield _outcomes(verb)
        if verb.name in words.VERB_NOTES:
            yield words.VERB_NOTES[verb.name]


def _value(verb: AnyVerb) -> str:
    """What stands behind the verb itself."""
    return str(verb.options.model_fields[verb.name].description)


def _outcomes(verb: AnyVerb) -> str:
    rows = ["| outcome | happens when | without a target |", "|---|---|---|"]
    for outcome in verb.outcomes:
        if outcome.name == verb.link:
            continue
        if outcome.is_final:
            rest = "the end; nothing can follow"
        elif outcome.must_be_written:
            rest = "**needed**"
        else:
            rest = "the call ends" if outcome.end is not None else "`safe`"
        rows.append(f"| `{outcome.name}` | {outcome.meaning} | {rest} |")
    if verb.name in words.KEYS:
        rows.append(words.KEYS[verb.name])
    return "\n".join(rows) if len(rows) > 2 else ""
