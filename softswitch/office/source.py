"""A YAML file as plain values, with the line and column of every key and value.

Built from the node tree of ruamel.yaml instead of its finished values, because three things get
lost there: duplicate keys after the first, the text in which a number was written (`+48221234567`,
`010`), and where a value stood. Knows nothing of offices.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ruamel.yaml import YAML
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from softswitch.wording import Said, say

Path = tuple[str | int, ...]

# A 200-person office has some 5,000 values. Aliases can multiply a small file beyond any bound.
MAX_VALUES = 100_000
MAX_DEPTH = 20

TOO_DEEP = say("too_deep")

_TRUE = frozenset({"true"})


class Place(NamedTuple):
    """Line and column, from 0; `file`: of an included file its name, None in the file itself."""

    line: int
    column: int
    file: str | None = None

    def in_words(self) -> Said:
        """`line 3 of people.yaml`."""
        if self.file is None:
            return say("line", line=self.line + 1)
        return say("line_of", line=self.line + 1, file=self.file)


class WrittenInt(int):
    """An integer that remembers how it was written; `str()` gives that text back."""

    text: str

    def __new__(cls, value: int, text: str) -> "WrittenInt":
        made = super().__new__(cls, value)
        made.text = text
        return made

    def __str__(self) -> str:
        return self.text


class SourceError(Exception):
    """The file has a form that is no tree of values."""

    def __init__(self, place: Place, message: Said, remedy: Said) -> None:
        super().__init__(message)
        self.place, self.message, self.remedy = place, message, remedy


@dataclass(frozen=True, slots=True)
class Duplicate:
    """A key that stands twice in one mapping: the second place, and the first."""

    path: Path
    place: Place
    first: Place


@dataclass(slots=True)
class Source:
    """The values of a file and where they stand. `files`: what it includes, name and text."""

    name: str
    data: Any = None
    files: dict[str, str] = field(default_factory=dict)
    keys: dict[Path, Place] = field(default_factory=dict)
    values: dict[Path, Place] = field(default_factory=dict)
    duplicates: list[Duplicate] = field(default_factory=list)

    def locate(self, path: Path, *, at_key: bool = False) -> Place:
        """Line and column (from 0) of a value, of its key, or of the nearest thing around it."""
        if at_key and path in self.keys:
            return self.keys[path]
        while path and path not in self.values:
            path = path[:-1]
        return self.values.get(path, Place(0, 0))

    def at(self, path: Path) -> Any:
        """What stands there; None when nothing does."""
        value = self.data
        for part in path:
            try:
                value = value[part]
            except (KeyError, IndexError, TypeError):
                return None
        return value


def compose(name: str, text: str) -> Source:
    """Read YAML. Raises `SourceError`, and ruamel's `YAMLError` for bad syntax."""
    yaml = YAML(typ="safe", pure=True)
    try:
        node = yaml.compose(text)
    except RecursionError:
        raise SourceError(Place(0, 0), TOO_DEEP, say("split_it")) from None
    source = Source(name)
    if node is not None:
        source.data = _Reader(source).read(node, (), 0)
    return source


class _Reader:
    def __init__(self, source: Source) -> None:
        self._source = source
        self._count = 0

    def read(self, node: Node, path: Path, depth: int) -> Any:
        self._count += 1
        if depth > MAX_DEPTH or self._count > MAX_VALUES:
            raise SourceError(_place(node), TOO_DEEP, say("split_it"))
        self._source.values[path] = _place(node)
        if isinstance(node, MappingNode):
            return self._mapping(node, path, depth)
        if isinstance(node, SequenceNode):
            return [self.read(item, (*path, i), depth + 1) for i, item in enumerate(node.value)]
        return _scalar(self._text(node), str(node.tag))

    def _text(self, node: Node) -> str:
        text = str(node.value)
        if any("\ud800" <= c <= "\udfff" for c in text):  # half a character, from an escape
            raise SourceError(_place(node), say("not_in_utf8"), say("correct_it"))
        return text

    def _mapping(self, node: MappingNode, path: Path, depth: int) -> dict[str, Any]:
        made: dict[str, Any] = {}
        merged: dict[str, Any] = {}
        for key, value in node.value:
            if str(key.tag).endswith(":merge"):
                merged |= self._merge(value, path, depth)
                continue
            if not isinstance(key, ScalarNode):
                raise SourceError(_place(key), say("list_as_key"), say("write_single_word"))
            name = self._text(key)
            here = (*path, name)
            if name in made:
                first = self._source.keys[here]
                self._source.duplicates.append(Duplicate(here, _place(key), first))
                continue
            self._source.keys[here] = _place(key)
            made[name] = self.read(value, here, depth + 1)
        return merged | made

    def _merge(self, node: Node, path: Path, depth: int) -> dict[str, Any]:
        """`<<: *defaults`, or a list of them of which the first counts most."""
        parts = node.value if isinstance(node, SequenceNode) else [node]
        merged: dict[str, Any] = {}
        for part in reversed(parts):
            value = self.read(part, path, depth + 1)
            if not isinstance(value, dict):
                raise SourceError(_place(node), say("merge_needs_mapping"), say("write_merge"))
            merged |= value
        return merged


def _place(node: Node) -> Place:
    return Place(node.start_mark.line, node.start_mark.column)


def _scalar(text: str, tag: str) -> Any:
    """Text, integer, float, true/false or nothing; all else (dates) stays text."""
    kind = tag.rsplit(":", 1)[-1]
    try:
        if kind == "int":
            return WrittenInt(
                int(text.replace("_", ""), 0 if text[:2] in ("0x", "0o") else 10), text
            )
        if kind == "float":
            return float(text.replace("_", ""))
    except ValueError:
        return text
    if kind == "bool":
        return text.lower() in _TRUE
    return None if kind == "null" else text


def unquoted_numbers(source: Source) -> Iterator[tuple[Place, str]]:
    """Telephone numbers that stand without quotes, so that YAML reads them as plain integers."""
    for path, place in source.values.items():
        value = source.at(path)
        if isinstance(value, WrittenInt) and value.text.startswith("+"):
            yield place, value.text
