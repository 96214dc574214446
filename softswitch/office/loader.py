"""Reads an office file, and says everything that is wrong with it at once.

Stands above `routing`: the verbs' own declarations say which keys a route may have. The steps:
text and YAML tree with places (`office/reading.py`), values, names across sections, the graph of
routes. A mistake in one step does not keep the later ones from looking at the rest: what is broken
is noted and left out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from softswitch.office.contacts import load_files
from softswitch.office.fields import DEFAULT_COUNTRY
from softswitch.office.findings import Finding, Findings, suggest
from softswitch.office.models import Office
from softswitch.office.names import check_names, collect
from softswitch.office.numbers import is_country
from softswitch.office.reading import read_source, read_text
from softswitch.office.references import resolve
from softswitch.office.secrets import Secrets, load_secrets
from softswitch.office.slips import mend
from softswitch.office.source import Source, unquoted_numbers
from softswitch.office.translate import translate
from softswitch.routing.build import build
from softswitch.routing.graph import Graph
from softswitch.wording import say

_SECTIONS = tuple(Office.model_fields)


@dataclass(frozen=True, slots=True)
class LoadedOffice:
    """An office that can be run, and where everything in it was written.

    `text` is the office file; what it includes stands in `source`. `findings` holds the warnings of
    loading; relative paths in the file start from `folder`; `at` is when it was loaded.
    """

    text: str
    office: Office
    graph: Graph
    source: Source
    secrets: Secrets
    folder: Path
    at: datetime
    findings: tuple[Finding, ...] = ()


def load_office(
    path: Path | str,
    *,
    secrets: Path | str | None = None,
    realm: str | None = None,
    at: datetime | None = None,
) -> LoadedOffice:
    """Read and understand an office file. Raises `OfficeErrors`, and nothing else.

    `secrets` overrides the file named in the office. With `realm`, secrets made for another one are
    refused.
    """
    path = Path(path)
    loaded = parse_office(read_text(path), str(path), path.parent, at)
    where = Path(secrets) if secrets is not None else path.parent / loaded.office.secrets
    known = load_secrets(where, realm)
    return replace(loaded, secrets=known, findings=(*loaded.findings, *known.findings))


def parse_office(
    text: str, name: str = "office.yaml", folder: Path = Path(), at: datetime | None = None
) -> LoadedOffice:
    """An office from text, without its secrets. Raises `OfficeErrors`."""
    source, findings = read_source(text, name, folder)
    for place, number in unquoted_numbers(source):
        message = say("unquoted_number", number=number)
        findings.error_at(place, message, say("write_number_quoted", number=number))
    resolve(findings, folder)
    data = _sections(source, findings)
    names = collect(data)
    office = _office(data, findings)
    if office is not None:
        check_names(office, names, findings)
        graph = build(office, names, findings)
        graph = replace(graph, contacts=load_files(folder, office, findings))
    findings.raise_errors()
    assert office is not None  # without it there was an error
    at = at or datetime.now(UTC)
    found = tuple(findings.sorted())
    return LoadedOffice(text, office, graph, source, Secrets(), folder, at, found)


def _sections(source: Source, findings: Findings) -> dict[str, Any]:
    """The file's sections, those that stand there without a value left out."""
    if not isinstance(source.data, dict):
        remedy = say("begin_with_office")
        findings.error((), say("no_office_file"), remedy)
        findings.raise_errors()
    mend(findings, _SECTIONS)
    sections: dict[str, Any] = dict(source.data)
    for key in list(sections):
        if key.startswith("x-"):  # the author's own, for anchors
            del sections[key]
        elif key not in _SECTIONS:
            remedy = suggest(key, _SECTIONS, say("sections_are", words=_SECTIONS))
            findings.error((key,), say("no_section", key=key), remedy, at_key=True)
            del sections[key]
        elif sections[key] is None:
            del sections[key]
    return sections


def _office(data: dict[str, Any], findings: Findings) -> Office | None:
    """The office without what is broken; None when nothing can be made of it."""
    context = {"country": _country(data)}
    # The broken values go first; then, if they were needed, the entries around them.
    for depth in (2, 1, 0):
        try:
            return Office.model_validate(data, context=context)
        except ValidationError as error:
            if depth == 2:
                translate(error, Office, findings, ())
            data = _without(data, error, depth)
    return None


def _country(data: Mapping[str, Any]) -> str:
    section = data.get("office")
    country = section.get("country") if isinstance(section, dict) else None
    return country if isinstance(country, str) and is_country(country) else DEFAULT_COUNTRY


def _without(data: dict[str, Any], error: ValidationError, depth: int) -> dict[str, Any]:
    """The data without what has errors, down to `depth` below a section.

    The office's own section is patched up, so that the rest can be looked at.
    """
    pruned = {section: _copy(entries) for section, entries in data.items()}
    for details in error.errors(include_url=False, include_context=False, include_input=False):
        loc = [part for part in details["loc"] if part != "[key]"]
        if loc[0] != "office" and details["type"] == "missing":
            loc.pop()
        _remove(pruned, loc[: depth + 1])
    for section in ("recording", "contacts"):
        if isinstance(pruned.get(section), list):
            pruned[section] = [entry for entry in pruned[section] if entry is not None]
    patched = pruned.get("office") if isinstance(pruned.get("office"), dict) else {}
    return {**pruned, "office": {"name": "?", "safe": "hangup", **(patched or {})}}


def _remove(data: Any, path: Sequence[int | str]) -> None:
    """Take out what is at `path`; an item of a list becomes None."""
    *parents, last = path
    for part in parents:
        try:
            data = data[part]
        except (KeyError, IndexError, TypeError):
            return
    if isinstance(data, dict):
        data.pop(last, None)
    elif isinstance(data, list) and isinstance(last, int):
        data[last] = None


def _copy(entries: Any) -> Any:
    """Two levels deep, as deep as `_remove` reaches."""
    if isinstance(entries, dict):
        return {k: v.copy() if isinstance(v, dict) else v for k, v in entries.items()}
    if isinstance(entries, list):
        return [v.copy() if isinstance(v, dict) else v for v in entries]
    return entries
