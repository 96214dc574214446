"""Every accepted version of an office: kept, listed with its differences, written back.

A version is one text file. An office of several files is kept in one version too, each file behind
a line that names it, so that nothing of it is forgotten and one look shows what changed.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from difflib import unified_diff
from pathlib import Path

VERSIONS = "versions"
# A version is some kilobytes; a year of daily changes.
MAX_VERSIONS = 400
# What a version that is written back puts aside, rather than take it away.
ASIDE = ".off"

_HEADING = "# ======== {} ========\n"
_SPLIT = re.compile(r"^# ======== (.+) ========\n", re.MULTILINE)


def bundle(text: str, files: Mapping[str, str]) -> str:
    """The office file and what it includes, by name, as one text."""
    parts = [text if not files or text.endswith("\n") else f"{text}\n"]
    for name, content in files.items():
        parts += [_HEADING.format(name), content if content.endswith("\n") else f"{content}\n"]
    return "".join(parts)


def unbundle(text: str) -> tuple[str, dict[str, str]]:
    """`bundle` backwards."""
    main, *rest = _SPLIT.split(text)
    return main, dict(zip(rest[::2], rest[1::2], strict=True))


def keep_version(folder: Path, text: str) -> str:
    """Keep an accepted text; the name of its file. The same text again is the same version."""
    folder.mkdir(parents=True, exist_ok=True)
    known = sorted(folder.glob("*.yaml"))
    if known and known[-1].read_text(encoding="utf-8") == text:
        return known[-1].stem
    stem = f"{datetime.now(UTC):%Y%m%d-%H%M%S-%f}"
    write_atomically(folder / f"{stem}.yaml", text)
    for old in known[: len(known) + 1 - MAX_VERSIONS]:
        old.unlink()
    return stem


def is_kept(folder: Path, text: str) -> bool:
    """Whether this very text was accepted before."""
    return any(path.read_text(encoding="utf-8") == text for path in folder.glob("*.yaml"))


def read_version(data: Path, name: str) -> str:
    """The text of a kept version. Raises OSError."""
    return (data / VERSIONS / f"{name}.yaml").read_text(encoding="utf-8")


def versions(folder: Path) -> list[tuple[str, str]]:
    """Every kept version, oldest first, with its difference to the one before."""
    found, before = [], ""
    for path in sorted(folder.glob("*.yaml")):
        text = path.read_text(encoding="utf-8")
        lines = unified_diff(before.splitlines(), text.splitlines(), lineterm="", n=1)
        found.append((path.stem, "\n".join(list(lines)[2:])))
        before = text
    return found


def write_back(text: str, office: Path, current: Iterable[str]) -> None:
    """Write a version over the office file and its included files.

    `current`: what the office includes now, by name. What the version did not include is put aside
    under another name, because a pattern would include it again.
    """
    main, files = unbundle(text)
    for name in set(current) - files.keys():
        path = office.parent / name
        path.replace(path.with_name(path.name + ASIDE))
    for name, content in files.items():
        path = office.parent / name
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, content)
    write_atomically(office, main)


def put_back(text: str, office: Path, current: str) -> None:
    """Write a version over the one in force, `current`; a draft on the disk is put aside."""
    main, files = unbundle(current)
    drafts = {office: main, **{office.parent / name: content for name, content in files.items()}}
    for path, known in drafts.items():
        if path.exists() and path.read_text(encoding="utf-8", errors="replace") != known:
            path.replace(path.with_name(path.name + ASIDE))
    write_back(text, office, [name for name in files if (office.parent / name).exists()])


def write_atomically(path: Path, text: str) -> None:
    """The whole text or the old one; nobody ever reads half of it."""
    fresh = path.with_name(f".{path.name}.new")
    fresh.write_text(text, encoding="utf-8")
    fresh.replace(path)
