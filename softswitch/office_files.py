"""The files of which an office is made, and whether one of them was saved.

The office file, what it includes, the passwords, and the files of contacts that it names.
"""

from dataclasses import dataclass
from pathlib import Path

from ruamel.yaml.error import YAMLError

from softswitch.office.reading import INCLUDE, included_files
from softswitch.office.source import SourceError, compose

# The sections that name other files.
CONTACTS = "contacts"
_NAMING = (INCLUDE, CONTACTS)


@dataclass(frozen=True, slots=True)
class Source:
    """Where an office is read from. `secrets` overrides the file that the office names."""

    path: Path
    realm: str
    secrets: Path | None = None


class OfficeFiles:
    """Looks at them."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._beside: tuple[int, tuple[object, list[str]]] = (0, ([], []))

    def stamp(self) -> tuple[tuple[str, int, int], ...] | None:
        """Size and time of each file; None while an editor replaces one of them."""
        folder = self._source.path.parent
        secrets = self._source.secrets or folder / "secrets.yaml"
        try:
            stats = [(self._source.path, self._source.path.stat())]
            patterns, contacts = self._named(stats[0][1].st_mtime_ns)
            stats += [(path, path.stat()) for path in included_files(patterns, folder)]
            beside = [secrets, *(folder / name for name in contacts)]
            stats += [(path, path.stat()) for path in beside if path.exists()]
        except OSError:
            return None
        return tuple((str(path), stat.st_mtime_ns, stat.st_size) for path, stat in stats)

    def _named(self, changed: int) -> tuple[object, list[str]]:
        """The files that the office file names, read once for each time that it changed."""
        if self._beside[0] != changed:
            try:
                text = self._source.path.read_text(encoding="utf-8")
                # Most files name none, and are not read once more for it.
                data = compose("", text).data if any(one in text for one in _NAMING) else {}
            except (YAMLError, SourceError, UnicodeDecodeError):
                return self._beside[1]
            sections = data if isinstance(data, dict) else {}
            files = _files_in(sections.get(CONTACTS))
            self._beside = changed, (sections.get(INCLUDE, []), files)
        return self._beside[1]


def _files_in(contacts: object) -> list[str]:
    """The files among the sources of contacts, as the office file has them, right or wrong."""
    sources = contacts if isinstance(contacts, list) else [contacts]
    named = [one.get("file") if isinstance(one, dict) else one for one in sources]
    return [one for one in named if isinstance(one, str)]
