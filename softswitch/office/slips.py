"""Slips of the pen that are good YAML and mean something else: told once, and mended.

A section that is indented by accident, an entry that is not, a forgotten colon: the parser takes
them, and every mention of what they were meant to be would be a mistake of its own. Each is noted
where it stands, and the tree is put right as it was meant, so that the rest is still looked at.
"""

from collections.abc import Collection, Iterator
from typing import Any

from ruamel.yaml.error import YAMLError

from softswitch.office.findings import Findings, nearest, suggest
from softswitch.office.source import Path, Place, Source, SourceError, compose
from softswitch.wording import say

# What word processors make of straight quotation marks.
_TYPOGRAPHIC = tuple("„“”«»‚‘’")
# Texts for people, in which such marks are as they should be.
_PROSE = frozenset({"name", "reason", "purpose", "basis"})
# How like a section's name a word must be; more where it may be an entry that is not indented.
_LIKELY, _SURE = 0.6, 0.8
# Sections as one writes them who thinks in Polish.
_POLISH = {
    "biuro": "office",
    "godziny": "hours",
    "grupy": "groups",
    "kalendarz": "calendar",
    "kolejki": "queues",
    "konferencje": "conferences",
    "kontakty": "contacts",
    "muzyka": "music",
    "nagrywanie": "recording",
    "numery": "numbers",
    "przełączniki": "switches",
    "raporty": "reports",
    "skrzynki": "mailboxes",
    "trasy": "routes",
    "zapowiedzi": "prompts",
    **dict.fromkeys(("osoby", "ludzie", "pracownicy"), "people"),
    **dict.fromkeys(("łącza", "operatorzy"), "trunks"),
}


def mend(findings: Findings, sections: Collection[str]) -> None:
    """Note the slips of a file that is a mapping, and put its tree right."""
    source = findings.source
    _straighten(source, findings)
    for path in [*_without_colon(source)]:
        _set_colon(source, path, findings)
    _outdent(source, findings, sections)
    _indent(source, findings, sections)


def _straighten(source: Source, findings: Findings) -> None:
    """Values in typographic quotation marks lose them."""
    for path in [*source.values]:
        value = source.at(path)
        if not isinstance(value, str) or (path and path[-1] in _PROSE):
            continue
        if value.startswith(_TYPOGRAPHIC) and value.endswith(_TYPOGRAPHIC):
            plain = value.strip("".join(_TYPOGRAPHIC))
            message = say("typographic_quotes", value=value[:40])
            findings.error(path, message, say("write_straight", plain=plain[:40]))
            source.at(path[:-1])[path[-1]] = plain


def _without_colon(source: Source) -> Iterator[Path]:
    """Keys like `message   {voicemail`."""
    return (p for p in source.keys if " {" in str(p[-1]) and not str(p[-1]).startswith("{"))


def _set_colon(source: Source, path: Path, findings: Findings) -> None:
    name, _, rest = str(path[-1]).partition(" {")
    name, parent = name.rstrip(), source.at(path[:-1])
    written = f"{{{rest}: {parent[path[-1]]}"
    remedy = say("write_value", name=name, written=written)
    findings.error(path, say("no_colon", name=name), remedy, at_key=True)
    try:
        value = compose("", written).data
    except (YAMLError, SourceError):
        value = None
    if isinstance(value, dict) and name not in parent:
        del parent[path[-1]]
        parent[name] = value
        source.keys[(*path[:-1], name)] = source.keys[path]
        source.values[(*path[:-1], name)] = source.values[path]


def _outdent(source: Source, findings: Findings, sections: Collection[str]) -> None:
    """A section that stands as an empty entry in another: `  queues:` and its entries below it."""
    for section in [s for s in source.data if s in sections]:
        entries = source.data[section]
        empty = [k for k in entries if entries[k] is None] if isinstance(entries, dict) else []
        for name in [k for k in empty if k in sections and k not in source.data]:
            message = say("section_inside", name=name, section=section)
            remedy = say("no_indent")
            findings.error((section, name), message, remedy, at_key=True)
            begin = source.keys[(section, name)]
            _move(source, (section, name), (name,))
            source.data[name] = {}
            for key in [k for k in entries if _after(source.keys[(section, k)], begin)]:
                _move(source, (section, key), (name, key))


def _indent(source: Source, findings: Findings, sections: Collection[str]) -> None:
    """Keys that are no sections: an entry of the empty section above, or a slip in a name."""
    above = None
    empty = {section for section, entries in source.data.items() if entries in (None, {})}
    for key in sorted(source.data, key=lambda k: _order(source.keys[(k,)])):
        if key in sections or key.startswith("x-"):
            above = key
            continue
        english = _POLISH.get(key.lower())
        likely = nearest(key, sections, _SURE if above in empty else _LIKELY)
        near = [english] if english else likely
        if above is not None and above in empty and not near:
            message = say("stands_where_sections", key=key)
            remedy = say("indent_it", above=above)
            findings.error((key,), message, remedy, at_key=True)
            source.data[above] = source.data[above] or {}
            _move(source, (key,), (above, key))
        elif near and near[0] not in source.data:
            message = say("no_section", key=key)
            remedy = say("keys_are_english", word=english) if english else suggest(near[0], near)
            findings.error((key,), message, remedy, at_key=True)
            _move(source, (key,), (near[0],))
            above = near[0]


def _order(place: Place) -> tuple[str, int]:
    return place.file or "", place.line


def _after(place: Place, other: Place) -> bool:
    return place.file == other.file and place.line > other.line


def _move(source: Source, old: Path, new: Path) -> None:
    """What stands at one place of the tree stands at another."""
    parent: dict[Any, Any] = source.at(new[:-1])
    parent[new[-1]] = source.at(old[:-1]).pop(old[-1])
    for places in (source.keys, source.values):
        for path in [p for p in places if p[: len(old)] == old]:
            places[(*new, *path[len(old) :])] = places.pop(path)
