"""Every accepted version of an office: kept, listed with its differences, written back.

A version is one text file. An office of several files is kept in one version too, each file behind
a line that names it, so that nothing of it is forgotten and one look shows what changed. Beside it
lies who brought it and what he said about it.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from difflib import unified_diff
from pathlib import Path
from typing import Any

from softswitch.wording import Said, read, say

VERSIONS = "versions"
# A version is some kilobytes; a year of daily changes.
MAX_VERSIONS = 400
# What a version that is written back puts aside, rather than take it away.
ASIDE = ".off"
NOTE = ".json"

# What fits into a line; a comment is no essay.
LONGEST_COMMENT = 200

_HEADING = "# ======== {} ========\n"
_SPLIT = re.compile(r"^# ======== (.+) ========\n", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Note:
    """Who brought a version, and his words. `author`: the system user who asked for it, None where
    nobody did: `why` says how it came then.
    """

    why: str
    author: str | None = None
    comment: str | None = None

    @property
    def line(self) -> Said:
        """For people."""
        if self.author and self.comment:
            return say("version_by", author=self.author, comment=self.comment)
        return say("word", word=self.comment or self.author or self.why)


def asked_by(author: str | None, comment: str | None) -> Note:
    """Of somebody who asked by a command: his words in one line, bounded."""
    words = " ".join((comment or "").split())[:LONGEST_COMMENT]
    return Note(say("version_asked"), author, words or None)


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


def keep_version(folder: Path, text: str, note: Note) -> str:
    """Keep an accepted text; the name of its file. The same text again is the same version, of
    which somebody may say more than was known: a file that was saved is in force before he asks.
    """
    folder.mkdir(parents=True, exist_ok=True)
    known = sorted(folder.glob("*.yaml"))
    if known and known[-1].read_text(encoding="utf-8") == text:
        stem = known[-1].stem
        before = note_of(folder, stem)
        if before is None or note.comment or (note.author and not before.author):
            _write_note(folder, stem, note)
        return stem
    stem = f"{datetime.now(UTC):%Y%m%d-%H%M%S-%f}"
    _write_note(folder, stem, note)
    write_atomically(folder / f"{stem}.yaml", text)
    for old in known[: len(known) + 1 - MAX_VERSIONS]:
        old.unlink()
        old.with_suffix(NOTE).unlink(missing_ok=True)
    return stem


def _write_note(folder: Path, stem: str, note: Note) -> None:
    said = note.why.as_data() if isinstance(note.why, Said) else None
    told = {"author": note.author, "comment": note.comment, "why": note.why, "said": said}
    text = json.dumps(told, ensure_ascii=False, indent=1)
    write_atomically((folder / stem).with_suffix(NOTE), f"{text}\n")


def note_of(folder: Path, stem: str) -> Note | None:
    """Who brought a version; None for one of an older switch."""
    try:
        told = json.loads((folder / stem).with_suffix(NOTE).read_text(encoding="utf-8"))
        return Note(_why(told), told["author"], told["comment"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _why(told: dict[str, Any]) -> str:
    try:
        return read(told["said"])
    except (KeyError, TypeError, AttributeError, ValueError):
        return str(told["why"])


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
