"""Where a prompt's audio is: the office's own file, else the shipped one, else English.

An office replaces a prompt by a file of the same name in its own folder, either straight in it or
in a folder named after the language. Nothing is kept: a file that is put there is found at once.
Knows nothing of audio; the media engine reads the files.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from softswitch import resources

SUFFIXES: Final = (".wav", ".flac", ".ogg", ".mp3", ".opus", ".m4a")
# Sounds that somebody may have put there in good faith, and that nobody looks for.
OTHER_SUFFIXES: Final = (".aac", ".aif", ".aiff", ".amr", ".au", ".caf", ".gsm", ".wma", ".webm")
ENGLISH: Final = "en"
MUSIC: Final = "music"
TEXTS: Final = "texts"

# A prompt's name becomes a file's name: nothing that could leave the folder.
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")


class PromptError(LookupError):
    """There is no such prompt. The text says which one, and where it was looked for."""


class PromptLibrary:
    """The prompts of one language, as one office hears them.

    folders: the office's own folders, first the one that counts most; they need not exist.
    """

    def __init__(
        self, folders: Sequence[Path] = (), language: str = ENGLISH, shipped: Path | None = None
    ) -> None:
        self.language = language
        self._shipped = shipped if shipped is not None else resources.shipped("prompts")
        self._own = tuple(folders)
        # Of an unknown language there may be own files, and the rest is English.
        languages = dict.fromkeys((language, ENGLISH))
        self._places = [place for own in self._own for place in (own / language, own)]
        self._places += [self._shipped / each for each in languages]
        self._texts: Mapping[str, str] | None = None

    def path(self, name: str) -> Path:
        """The audio file of a prompt, absolute. PromptError if there is none."""
        return self._find(name, self._places, "prompt")

    def music(self, name: str) -> Path:
        """The audio file of a piece of music on hold, absolute. PromptError if there is none."""
        places = [own / MUSIC for own in self._own] + [self._shipped / MUSIC]
        return self._find(name, places, "music")

    def paths(self, names: Iterable[str]) -> tuple[Path, ...]:
        """The files of a phrase, in order. PromptError if one is missing."""
        return tuple(self.path(name) for name in names)

    def missing(self, names: Iterable[str]) -> list[str]:
        """Those of the names that have no audio, each once."""
        return [name for name in dict.fromkeys(names) if not self._has(name)]

    def names(self) -> frozenset[str]:
        """All prompts that could be played: to suggest one when a name is mistyped."""
        return frozenset(
            file.stem
            for place in self._places
            if place.is_dir()
            for file in place.iterdir()
            if file.suffix.lower() in SUFFIXES
        )

    def text(self, name: str) -> str | None:
        """What the shipped prompt says; None if softswitch ships none of that name.

        An own recording in its place may say it differently.
        """
        if self._texts is None:
            english = _read_texts(self._shipped / TEXTS / f"{ENGLISH}.yaml")
            own_language = _read_texts(self._shipped / TEXTS / f"{self.language}.yaml")
            self._texts = {**english, **own_language}
        return self._texts.get(name)

    def _has(self, name: str) -> bool:
        try:
            self.path(name)
        except PromptError:
            return False
        return True

    def _find(self, name: str, places: Sequence[Path], what: str) -> Path:
        if not _NAME.fullmatch(name):
            raise PromptError(f"{name!r} is not a name of {what}")
        for place in places:
            for suffix in SUFFIXES:
                path = place / f"{name}{suffix}"
                if path.is_file():
                    return path.absolute()
        looked = ", ".join(str(place) for place in places)
        raise PromptError(f"no {what} named {name!r} in {looked}")


def _read_texts(path: Path) -> dict[str, str]:
    """The texts of one language; none if the file is not there or cannot be read."""
    try:
        document = YAML(typ="safe", pure=True).load(path)
    except (OSError, YAMLError):
        return {}
    return {**document.get("phrases", {}), **document.get("grammar", {})}
