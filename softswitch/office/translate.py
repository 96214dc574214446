"""What pydantic found wrong, in plain words: what it is, and what to write instead."""

from collections.abc import Sequence
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from softswitch.office.findings import Findings, suggest
from softswitch.office.source import Path, Source
from softswitch.wording import SILENT, Said, Slip, say

# Sections whose entries have a name for people.
_SUBJECTS = frozenset(
    ("people", "groups", "queues", "mailboxes", "trunks", "rosters", "routes", "recording", "tests")
)
_KINDS = {
    "string": say("kind_text"),
    "int": say("kind_whole"),
    "float": say("kind_number"),
    "bool": say("kind_bool"),
    "dict": say("kind_block"),
    "model": say("kind_block"),
    "tuple": say("kind_brackets"),
    "list": say("kind_brackets"),
    "datetime": say("kind_moment"),
}
# Remedies of one who does not know what was meant.
_GUESSES = frozenset({"known_here", "remove_it"})

# Keys as one writes them who thinks in Polish.
# A phone's password stands in no office file.
_PASSWORDS = frozenset({"password", "passwd", "secret", "pass", "hasło", "haslo"})
_POLISH = {
    **dict.fromkeys(("imię", "imie", "nazwa", "nazwisko"), "name"),
    **dict.fromkeys(("numer", "telefon", "wewnętrzny"), "number"),
    **dict.fromkeys(("komórka", "komorka", "tel"), "mobile"),
    **dict.fromkeys(("poczta", "e-mail", "mail"), "email"),
    **dict.fromkeys(("zastępca", "zastepca", "zastępstwo"), "deputy"),
    **dict.fromkeys(("dzwoń", "dzwoni", "dzwon"), "ring"),
    **dict.fromkeys(("otwarte", "czynne"), "open"),
    **dict.fromkeys(("zamknięte", "zamkniete", "nieczynne"), "closed"),
    **dict.fromkeys(("potem", "dalej"), "then"),
}


def translate(error: ValidationError, model: type[BaseModel], findings: Findings, at: Path) -> None:
    """Note everything of `error`, which came of validating `model` at the place `at`."""
    told: set[Path] = set()
    for details in error.errors(include_url=False):
        path = _real_path((*at, *details["loc"]), findings)
        # A value that is wrong already (its reference leads nowhere) was put in as nothing.
        if path not in told and not (details["input"] == "" and findings.is_wrong(path)):
            told.add(path)
            _tell(details, path, model, findings, at)


def _real_path(path: Path, findings: Findings) -> Path:
    """The place in the file: pydantic appends `[key]` and the members of unions."""
    source = findings.source
    path = _of_list(path, source)
    end = len(path)
    while end and path[:end] not in source.values and path[: end - 1] not in source.values:
        end -= 1
    if end and path[end - 1] == "[key]":
        end -= 1
    return path[:end]


def _of_list(path: Path, source: Source) -> Path:
    """Where a list was read as a mapping, its items are keys to pydantic."""
    for depth, part in enumerate(path):
        items = source.at(path[:depth]) if path[:depth] in source.values else None
        if isinstance(items, list) and isinstance(part, str) and part in items:
            return (*path[:depth], items.index(part))
    return path


def _tell(
    details: ErrorDetails, path: Path, model: type[BaseModel], findings: Findings, at: Path
) -> None:
    kind, field = details["type"], str(path[-1]) if path else ""
    parent = _model_at(model, path[len(at) : -1])
    if kind == "missing":
        message = say("has_no_field", subject=subject(path[:-1]), field=field)
        remedy = say("write_value", name=field, written=_example(parent, field))
        findings.error(path[:-1], message, remedy, at_key=True)
    elif kind == "extra_forbidden":
        message = say("unknown_in", field=field, subject=subject(path[:-1]))
        remedy = unknown_key(field, _fields(parent))
        if details["input"] is None and remedy.code in _GUESSES:
            remedy = say("values_in_brackets")
        if path[:1] == ("people",) and len(path) > 2 and field.lower() in _PASSWORDS:
            remedy = say("use_passwd", extension=path[1])
        findings.error(path, message, remedy, at_key=True)
    else:
        message, remedy = wrong_value(details, field, parent)
        findings.error(path, message, remedy, at_key="[key]" in details["loc"])


def unknown_key(key: str, known: Sequence[str]) -> Said:
    """The remedy for a key that nobody knows."""
    if ":" in key:
        name, _, value = key.partition(":")
        return say("blank_after_colon", name=name, value=value)
    english = _POLISH.get(key.lower())
    if english in known:
        return say("keys_are_english", word=english)
    return suggest(key, known, say("remove_it"))


def subject(path: Path) -> Said:
    """Of which entry of the file something is said."""
    if not path:
        return say("subject_file")
    if path[0] == "office":
        return say("subject_office")
    if path[0] not in _SUBJECTS or len(path) == 1:
        return say("marked", word=path[0])
    name = path[1] + 1 if isinstance(path[1], int) else path[1]
    entry = say(f"subject_{path[0]}", name=name)
    return say("subject_inner", subject=entry, part=path[2]) if len(path) > 2 else entry


def wrong_value(
    details: ErrorDetails, name: str, parent: type[BaseModel] | None = None, shown: str = ""
) -> tuple[Said, Said]:
    """What is wrong with the value of a field, and what to write instead; nothing if unknown.

    `shown`: how people know the field, if not by its name.
    """
    kind, value, context = details["type"], details["input"], details.get("ctx") or {}
    example, field = _example(parent, name), shown or name
    remedy = say("write_example", field=field, example=example) if example != "…" else SILENT
    slip = context.get("error")
    if isinstance(slip, Slip):
        return slip.message, slip.remedy or remedy
    wrong = say("cannot_be", field=field, value=_what(value))
    if kind in ("enum", "literal_error"):
        return wrong, suggest(str(value), _choices(parent, name), remedy)
    if kind in ("greater_than_equal", "less_than_equal"):
        limit = context.get("ge", context.get("le"))
        side = "at_least" if kind.startswith("greater") else "at_most"
        return say(side, field=field, value=str(value), limit=_bare(limit)), remedy
    if kind in ("too_short", "string_too_short"):
        return say("is_empty", field=field), remedy
    if kind == "string_pattern_mismatch":
        return wrong, remedy
    if details["loc"][:1] == ("routes",) and isinstance(value, str | int):
        remedy = say("write_goto", value=value)
    expected = _KINDS.get(kind.split("_")[0])
    if kind == "string_type" and isinstance(value, int | float):  # YAML read a number there
        remedy = say("write_example", field=field, example=f'"{value}"')
    if expected:
        return say("must_be", field=field, kind=expected, value=_what(value)), remedy
    return wrong, remedy


def _what(value: object) -> Said:
    if value is None:
        return say("kind_nothing")
    if isinstance(value, dict):
        return say("kind_block")
    if isinstance(value, list | tuple):
        return say("kind_list")
    return say("marked", word=str(value)[:40])


def _bare(limit: object) -> str:
    return f"{limit:g}" if isinstance(limit, int | float) else str(limit)


def _fields(model: type[BaseModel] | None) -> list[str]:
    if model is None:
        return []
    return [info.alias or name for name, info in model.model_fields.items()]


def _field(model: type[BaseModel] | None, name: str) -> Any:
    if model is None:
        return None
    found = (i for n, i in model.model_fields.items() if name in (n, i.alias))
    return next(found, None)


def _example(model: type[BaseModel] | None, name: str) -> str:
    info = _field(model, name)
    return str(info.examples[0]) if info is not None and info.examples else "…"


def _choices(model: type[BaseModel] | None, name: str) -> list[str]:
    info = _field(model, name)
    if info is None:
        return []
    annotation = next((a for a in get_args(info.annotation) if a is not type(None)), None)
    return [str(choice) for choice in annotation or info.annotation]


def _model_at(model: type[BaseModel], path: Path) -> type[BaseModel] | None:
    """The model behind a place: fields by name, entries of a mapping or a list by their type."""
    found: type[BaseModel] | None = model
    annotation: Any = model
    for part in path:
        if found is not None:
            info = _field(found, str(part))
            annotation = info.annotation if info is not None else None
        else:
            annotation = next(iter(reversed(get_args(annotation))), None)
        candidates = [annotation, *get_args(annotation)]
        models = [c for c in candidates if isinstance(c, type) and issubclass(c, BaseModel)]
        is_mapping = getattr(annotation, "__origin__", None) in (dict, tuple)
        found = models[0] if models and not is_mapping else None
        if is_mapping and Ellipsis in get_args(annotation):
            annotation = dict[str, get_args(annotation)[0]]  # type: ignore[misc]
    return found
