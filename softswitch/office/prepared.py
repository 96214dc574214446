"""An office's own sounds as they are played: of any format, at the level of the shipped ones.

Prompts and music are decoded, brought to 16 kHz and to one loudness, and kept as FLAC under the
hash of what they were made from: a file that comes back under another name is there already, and
one that changed is made anew. One thread does it, beside the calls. Until a new file is ready,
callers hear it as it is, if the media engine can read it. The folder is bounded, and nothing in it
is missed if it is lost.
"""

import hashlib
import os
import threading
from collections import OrderedDict
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Final

from softswitch import resources
from softswitch.log import get_logger
from softswitch.office.models import Office
from softswitch.office.prompts import MUSIC, SUFFIXES
from softswitch.office.sound_header import SoundFileError
from softswitch.wording import say

_log = get_logger("office.prepared")

# Its folder among the data.
SOUNDS: Final = "sounds"
# Some hours of music. A changed recipe makes all of them anew.
MOST_BYTES: Final = 512 * 1024 * 1024
_RECIPE: Final = b"1"
# An office has some hundred sounds.
_MOST_KNOWN: Final = 4096
REMEDY: Final = say("save_again")


class Use(Enum):
    """What a sound is for; the value is its loudness in LUFS, that of the shipped ones: speech at
    EBU R 128's own, music below it, so that an announcement stands out.
    """

    PROMPT = -23.0
    MUSIC = -27.0


@dataclass(frozen=True, slots=True)
class _Version:
    """One state of a file."""

    path: Path
    modified: int
    size: int
    use: Use


def _version(path: Path, use: Use) -> _Version | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return _Version(path, status.st_mtime_ns, status.st_size, use)


class PreparedSounds:
    """The sounds of one data folder. `ready` waits for no sound."""

    def __init__(self, folder: Path, most_bytes: int = MOST_BYTES) -> None:
        self._folder, self._most = folder, most_bytes
        # None: it is being made, or cannot be.
        self._known: OrderedDict[_Version, Path | None] = OrderedDict()
        self._lock = threading.Lock()
        self._worker = ThreadPoolExecutor(1, "own sounds")
        self._shipped = resources.shipped("prompts").absolute()

    def ready(self, path: Path, use: Use) -> Path | None:
        """The file to be played; None: it is not ready yet, and is made from now on."""
        version = _version(path, use)
        if version is None:
            return None
        with self._lock:
            if version in self._known:
                made = self._known[version]
                if made is None or made.is_file():
                    return made
            self._known[version] = None  # it is new, or somebody has emptied the folder
            while len(self._known) > _MOST_KNOWN:
                self._known.popitem(last=False)
        self._worker.submit(self._make, version)
        return None

    def as_heard(self, path: Path, use: Use) -> str:
        """What the media engine is told to play: the file itself, while nothing better is there."""
        if path.is_relative_to(self._shipped):
            return str(path)
        return str(self.ready(path, use) or path)

    def use(self, office: Office, folder: Path) -> None:
        """All that this office has is made ready; the thread looks through its folder too."""
        self._worker.submit(lambda: [self.ready(*one) for one in own_sounds(office, folder)])

    def settle(self) -> "Future[None]":
        """Done when all that was asked for until now is made."""
        return self._worker.submit(lambda: None)

    def close(self) -> None:
        self._worker.shutdown(wait=True, cancel_futures=True)

    def dump(self) -> dict[str, int]:
        return {"known": len(self._known)}

    def _make(self, version: _Version) -> None:
        try:
            made = prepare(version.path, self._folder, version.use)
            with self._lock:
                self._known[version] = made
            self._bound()
        except (SoundFileError, OSError) as error:
            _log.warning(
                "a sound of the office cannot be played",
                file=str(version.path),
                why=str(error),
                remedy=REMEDY,
            )
        except Exception:
            _log.exception("a sound of the office broke our reading", file=str(version.path))

    def _bound(self) -> None:
        """The least recently used leave, but none that is in use."""
        with self._lock:
            used = {path for path in self._known.values() if path is not None}
        files = [(path.stat(), path) for path in self._folder.glob("*.flac")]
        total = sum(status.st_size for status, _ in files)
        for status, path in sorted(files, key=lambda one: one[0].st_mtime):
            if total <= self._most:
                return
            if path not in used:
                path.unlink(missing_ok=True)
                total -= status.st_size


def own_sounds(office: Office, folder: Path) -> Iterator[tuple[Path, Use]]:
    """Every sound file that the office has put beside its own; `folder` is the office file's."""
    for name in office.music.values():
        yield (folder / name).absolute(), Use.MUSIC
    if office.prompts is None:
        return
    own = (folder / office.prompts).absolute()
    for path in sorted(own.rglob("*")):
        if path.suffix.lower() in SUFFIXES and path.is_file():
            yield path, Use.MUSIC if path.parent == own / MUSIC else Use.PROMPT


def prepare(path: Path, folder: Path, use: Use) -> Path:
    """The file as it is played, made if it is not there. Raises SoundFileError, OSError."""
    target = folder / f"{_digest(path, use)}.flac"
    if target.is_file():
        os.utime(target)
        return target
    # numpy and soxr cost memory that a switch with nothing to prepare does not need.
    from softswitch.office.preparing import bring_to

    folder.mkdir(parents=True, exist_ok=True)
    fresh = folder / f".{target.name}.{os.getpid()}.new"
    try:
        bring_to(use.value, path, fresh)
        fresh.replace(target)
    finally:
        with suppress(OSError):
            fresh.unlink(missing_ok=True)
    return target


def _digest(path: Path, use: Use) -> str:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256")
    digest.update(_RECIPE + use.name.encode())
    return digest.hexdigest()[:40]
