"""From the disk to one tree of values: the office file, what it includes, what it refers to.

`include:` names files beside the office file (or patterns like `routes/*.yaml`) whose sections are
put together with its own. An included file includes nothing itself: where something stands is seen
in one list. Everything that is wrong is a finding with the file in which it stands.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ruamel.yaml.error import YAMLError

from softswitch.office import syntax
from softswitch.office.findings import Findings, OfficeErrors
from softswitch.office.source import Duplicate, Place, Source, SourceError, compose
from softswitch.wording import SILENT, Said, of_disk, say

# A 500-person office takes some 100 KB; the parser needs about 30 µs a line.
MAX_FILE = 2_000_000
# One file a person, and nobody is lost in a pattern that matches a whole disk.
MAX_INCLUDED = 1000
INCLUDE = "include"
# Where the passwords' digests lie, if the office names no other file.
SECRETS = "secrets.yaml"
_SUFFIXES = frozenset({".yaml", ".yml"})


def read_text(path: Path) -> str:
    """The file's text. Raises `OfficeErrors` for what keeps it from being read."""
    try:
        with path.open("rb") as file:
            content = file.read(MAX_FILE + 1)
    except OSError as error:
        raise _refused(path, say("file_unreadable", why=of_disk(error))) from None
    if len(content) > MAX_FILE:
        message = say("file_too_large", megabytes=MAX_FILE // 1000000)
        raise _refused(path, message, say("divide_file"))
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if content.startswith((b"\xff\xfe", b"\xfe\xff")):
            raise _refused(path, say("is_utf16"), say("save_as_utf8")) from None
        before = content[: error.start]
        place = Place(before.count(b"\n"), error.start - (before.rfind(b"\n") + 1))
        message = say("not_utf8")
        raise _refused(path, message, say("save_as_utf8_1250"), place) from None


def read_source(text: str, name: str, folder: Path) -> tuple[Source, Findings]:
    """The tree of values of a text and of what it includes from `folder`.

    Raises `OfficeErrors` when the form of the text itself is broken; what is wrong in included
    files is among the findings, and the rest of them is read.
    """
    source, findings = _composed(text, name)
    if isinstance(source.data, dict) and INCLUDE in source.data:
        for path in _named(source, folder, findings):
            _include(source, path, folder, findings)
    for duplicate in source.duplicates:
        message = say("second_time", key=duplicate.path[-1])
        findings.error_at(
            duplicate.place, message, say("first_is_in_keep_one", first=duplicate.first.in_words())
        )
    return source, findings


def included_files(patterns: Any, folder: Path) -> Iterator[Path]:
    """The files that an `include:` names, each once, in its order; those of a pattern by name."""
    seen: set[Path] = set()
    for pattern in patterns if isinstance(patterns, list) else [patterns]:
        if not _is_beside(pattern):
            continue
        for path in sorted(folder.glob(pattern)) or [folder / pattern]:
            if path not in seen and len(seen) < MAX_INCLUDED and (path.is_file() or _is_one(path)):
                seen.add(path)
                yield path


def _is_one(path: Path) -> bool:
    """A name, and no pattern: its absence is a mistake, while a pattern may match nothing."""
    return not any(c in str(path) for c in "*?[")


def _is_beside(pattern: object) -> bool:
    """Below the office's folder: a version, a backup and a rollback hold all of an office."""
    return isinstance(pattern, str) and bool(pattern) and not _leads_away(Path(pattern))


def _leads_away(path: Path) -> bool:
    return path.is_absolute() or ".." in path.parts


def _named(source: Source, folder: Path, findings: Findings) -> list[Path]:
    patterns = source.data.pop(INCLUDE)
    for i, pattern in enumerate(patterns if isinstance(patterns, list) else [patterns]):
        if not _is_beside(pattern):
            message = say("leads_away", pattern=pattern)
            findings.error((INCLUDE, i), message, say("write_pattern"))
        elif _is_one(folder / pattern) and not (folder / pattern).exists():
            message = say("no_file_beside", pattern=pattern)
            findings.error((INCLUDE, i), message, say("correct_name"))
        elif _is_one(folder / pattern) and not _may_be_yaml(folder / pattern):
            message = say("no_yaml_file", pattern=pattern)
            findings.error((INCLUDE, i), message, say("write_pattern"))
    return [path for path in _of_office(source, patterns, folder, findings) if _may_be_yaml(path)]


def _may_be_yaml(path: Path) -> bool:
    return path.is_file() and path.suffix.lower() in _SUFFIXES


def _of_office(source: Source, patterns: Any, folder: Path, findings: Findings) -> Iterator[Path]:
    """What is named but for what is no part of an office: `*.yaml` names that too."""
    others = {Path(source.name).name, str(source.data.get("secrets") or SECRETS)}
    for path in included_files(patterns, folder):
        if path.parent == folder and path.name in others:
            message = say("includes_too_much", file=path.name)
            findings.error((INCLUDE,), message, say("write_pattern"))
        else:
            yield path


def _include(source: Source, path: Path, folder: Path, findings: Findings) -> None:
    name = path.relative_to(folder).as_posix()
    try:
        text = read_text(path)
        part, found = _composed(text, str(path))
    except OfficeErrors as errors:
        findings.include(errors.findings)
        return
    source.files[name] = text
    findings.include(found.sorted())
    if part.data is None:
        return
    if not isinstance(part.data, dict) or INCLUDE in part.data:
        what = say("include_in_include") if part.data else say("no_office_file")
        findings.error_at(Place(0, 0, str(path)), what, say("name_every_file", file=source.name))
        return
    _join(source, part, str(path), findings)


def _join(source: Source, part: Source, file: str, findings: Findings) -> None:
    """Put the sections of `part` into `source`; an entry may stand in one file only."""
    for section, entries in part.data.items():
        there = source.data.get(section)
        if there is None:
            source.data[section] = entries
            _move(source, part, (section,), 0, file)
        elif isinstance(there, list) and isinstance(entries, list):
            _move(source, part, (section,), len(there), file)
            there.extend(entries)
        elif isinstance(there, dict) and isinstance(entries, dict):
            _join_section(source, part, section, file)
        else:
            first, here = source.locate((section,), at_key=True), _here(part, (section,), file)
            message = say("second_time", key=section)
            findings.error_at(here, message, say("first_is_in", first=first.in_words()))
    source.duplicates += [
        Duplicate(one.path, one.place._replace(file=file), one.first._replace(file=file))
        for one in part.duplicates
    ]


def _join_section(source: Source, part: Source, section: str, file: str) -> None:
    for key, value in part.data[section].items():
        path = (section, key)
        if key in source.data[section]:
            first = source.locate(path, at_key=True)
            source.duplicates.append(Duplicate(path, _here(part, path, file), first))
        else:
            source.data[section][key] = value
            _move(source, part, path, 0, file)


def _move(source: Source, part: Source, path: tuple[str, ...], after: int, file: str) -> None:
    """Take over the places of what stands at `path`; items of a list come behind `after` others."""
    depth = len(path)
    for theirs, ours in ((part.keys, source.keys), (part.values, source.values)):
        for here, place in theirs.items():
            if here[:depth] != path:
                continue
            moved = here
            if after and len(here) > depth and isinstance(here[depth], int):
                moved = (*path, int(here[depth]) + after, *here[depth + 1 :])
            ours.setdefault(moved, place._replace(file=file))


def _here(part: Source, path: tuple[str, ...], file: str) -> Place:
    return part.locate(path, at_key=True)._replace(file=file)


def _composed(text: str, name: str) -> tuple[Source, Findings]:
    """The tree of values of one text, or `OfficeErrors` about its form."""
    blanks = list(syntax.blanks(text))
    marks = list(syntax.conflicts(text))
    hidden = list(syntax.invisible(text))
    problem: tuple[Place, Said, Said] | None = None
    try:
        source = compose(name, syntax.mended(text) if blanks or hidden else text)
    except YAMLError as error:
        source = Source(name)
        problem = syntax.explain(error, text)
    except SourceError as error:
        source = Source(name)
        problem = (error.place, error.message, error.remedy)
    findings = Findings(source)
    for place, message, remedy in blanks + hidden:
        findings.error_at(place, message, remedy)
    for place in marks:
        message = say("merge_marks")
        findings.error_at(place, message, say("keep_one_version"))
    if problem is not None and not blanks and not marks:  # what follows is probably due to them
        findings.error_at(*problem)
    if problem is not None:
        findings.raise_errors()
    return source, findings


def _refused(
    path: Path, message: Said, remedy: Said = SILENT, place: Place | None = None
) -> OfficeErrors:
    findings = Findings(Source(str(path)))
    findings.error_at(place or Place(0, 0), message, remedy)
    return OfficeErrors(findings.sorted())
