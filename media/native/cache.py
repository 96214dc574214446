"""Where machine code is kept: one file in a folder that nobody but us and root may write to.

The file's name is of what the code was made: our sources, the versions of compiler and libsrtp, the
architecture. So nothing stale or foreign is ever found, and what is damaged is compiled again.

It lies beside our sources, as what Python compiles does, where whoever compiles owns them: so an
installation by root serves everybody. Who may not write there has it in a folder of his own.
"""

import fcntl
import hashlib
import json
import mmap
import os
import platform
import stat
import struct
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

from media.native.elf import Code

_MAGIC: Final = b"packets1"
_HEAD: Final = struct.Struct("<8s32sI")  # the magic, SHA-256 of all behind it, the index's length
_DIGESTED: Final = 40  # from here on
_ALIGNED: Final = 64
# Of other versions, so that one can go back without compiling anew.
_KEPT: Final = 7
_BESIDE: Final = Path(__file__).parent / "__pycache__"
# Whoever is root may change the interpreter itself (as sshd's StrictModes has it, and ld.so).
_ROOT: Final = 0
# One who compiles serves others, who may read it.
_FOLDER: Final = 0o755
_READABLE: Final = 0o644
# What compiles, and the library that the code calls: it was tried with that version.
_MADE_WITH: Final = ("numba", "llvmlite", "pylibsrtp")


class Unusable(Exception):
    """There is no machine code that may be used; the text says why, and what to do.

    Unusable > Absent.
    """


class Absent(Unusable):
    """Nothing is there, or nothing good: compiling mends that."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A file that was found good, mapped executable: each function's place in it."""

    path: Path
    pages: mmap.mmap
    entries: dict[str, int]


def _digest_of_sources() -> str:
    """Empty: there are none to be read."""
    digest, sources = hashlib.sha256(), sorted(Path(__file__).parent.glob("*.py"))
    try:
        for source in sources:
            digest.update(source.read_bytes())
    except OSError:
        return ""
    return digest.hexdigest() if sources else ""


# Of what this process runs: the package may be replaced by another version while a spare worker
# waits, and that one's code works on other memory than ours.
_SOURCES: Final = _digest_of_sources()


def folders(given: str) -> Iterator[Path]:
    """Where it may lie, best first: the folder that was given and no other; else beside our
    sources; else in systemd's CacheDirectory, or the user's. Raises Unusable behind them.
    """
    if given:
        yield Path(given)
        return
    yield _BESIDE
    if "CACHE_DIRECTORY" in os.environ:
        yield Path(os.environ["CACHE_DIRECTORY"].split(":")[0])
    elif os.environ.get("XDG_CACHE_HOME"):
        yield Path(os.environ["XDG_CACHE_HOME"], "softswitch")
    else:
        try:
            yield Path.home() / ".cache" / "softswitch"
        except RuntimeError:
            raise Unusable(
                "there is no home folder: name one by SOFTSWITCH_MEDIA_NATIVE_CACHE"
            ) from None


def key() -> str:
    """Of what the code is made. Raises Unusable: without a compiler there is none."""
    if not _SOURCES:
        raise Unusable("the sources of media.native cannot be read")
    if sys.maxsize < 1 << 62:
        raise Unusable("the machine is not a 64-bit one")
    try:
        parts = [f"{name} {version(name)}" for name in _MADE_WITH]
    except PackageNotFoundError as error:
        raise Unusable(f"{error.name} is missing: pip install 'softswitch[native]'") from None
    parts += [sys.platform, platform.machine(), sys.byteorder, sys.version]
    return hashlib.sha256("\n".join([*parts, _SOURCES]).encode()).hexdigest()[:32]


def find(given: str) -> Stored:
    """What was compiled of these sources on such a machine, in any of the `folders`. Raises
    Unusable; Absent, if compiling may mend it.
    """
    refused: list[Unusable] = []
    try:
        for folder in folders(given):
            try:
                return read(folder)
            except Unusable as error:
                refused.append(error)
    except Unusable as error:
        refused.append(error)
    raise next((one for one in reversed(refused) if isinstance(one, Absent)), refused[-1])


def read(folder: Path) -> Stored:
    """The same, in one folder."""
    path = folder / f"{key()}.code"
    try:
        _refuse_foreign(folder)
    except OSError as error:
        raise Absent(f"{path}: {error.strerror}") from None
    return _mapped(path)


def _mapped(path: Path) -> Stored:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError as error:
        raise Absent(f"{path}: {error.strerror}") from None
    with os.fdopen(descriptor, "rb"):
        if not _is_trusted(os.fstat(descriptor)):
            raise Absent(f"{path} is not ours alone")
        try:
            pages = mmap.mmap(descriptor, 0, mmap.MAP_PRIVATE, mmap.PROT_READ | mmap.PROT_EXEC)
        except OSError as error:
            raise Unusable(f"{path} may not be executed: {error.strerror}") from None
        except ValueError:
            raise Absent(f"{path} is damaged") from None
    return Stored(path, pages, _checked(pages, path))


def _refuse_foreign(folder: Path) -> None:
    """Raises Unusable, OSError."""
    if not _is_trusted(folder.stat()):
        raise Unusable(f"{folder} is not ours alone (chmod go-w and chown it, or name another)")


def _is_trusted(status: os.stat_result) -> bool:
    """Whoever can write it could have us do anything. There is no secret in it to be read."""
    return status.st_uid in (os.geteuid(), _ROOT) and not _may_others_write(status)


def _may_others_write(status: os.stat_result) -> bool:
    return bool(status.st_mode & (stat.S_IWGRP | stat.S_IWOTH))


def _checked(octets: mmap.mmap, path: Path) -> dict[str, int]:
    try:
        magic, digest, size = _HEAD.unpack_from(octets)
        if magic == _MAGIC and digest == hashlib.sha256(octets[_DIGESTED:]).digest():
            return dict(json.loads(octets[_HEAD.size : _HEAD.size + size]))
    except struct.error:
        pass
    raise Absent(f"{path} is damaged")


def write(folder: Path, codes: dict[str, Code], prove: Callable[[Stored], None]) -> Path:
    """All at once, under the name of what it was made; `alone`. What `prove` raises ends it before
    anybody finds it. Raises OSError, Unusable.
    """
    path = folder / f"{key()}.code"
    for left in folder.glob("*.new"):  # by a compiler that was ended
        left.unlink(missing_ok=True)
    with tempfile.NamedTemporaryFile(dir=folder, suffix=".new", delete=False) as file:
        try:
            file.write(_packed(codes))
            file.flush()
            os.fchmod(file.fileno(), _READABLE)
            os.fsync(file.fileno())
            prove(_mapped(Path(file.name)))
            Path(file.name).replace(path)
        except BaseException:
            Path(file.name).unlink(missing_ok=True)
            raise
    others = [one for one in folder.glob("*.code") if one != path]
    others.sort(key=lambda one: one.stat().st_mtime)
    for old in others[:-_KEPT]:
        old.unlink(missing_ok=True)
    return path


def _packed(codes: dict[str, Code]) -> bytes:
    """Functions behind the index, each where a cache line begins."""
    size = len(json.dumps({name: 1 << 30 for name in codes}))  # the entries are no longer
    at, entries, bodies = _HEAD.size + size, dict[str, int](), b""
    for name, code in codes.items():
        gap = -(at + len(bodies)) % _ALIGNED
        bodies += bytes(gap) + code.octets
        entries[name] = at + len(bodies) - len(code.octets) + code.entry
    index = json.dumps(entries).ljust(size).encode()
    digest = hashlib.sha256(struct.pack("<I", size) + index + bodies).digest()
    return _HEAD.pack(_MAGIC, digest, size) + index + bodies


@contextmanager
def room(given: str) -> Iterator[Path]:
    """The first of the `folders` in which we may compile, `alone`. Raises OSError, Unusable."""
    with ExitStack() as stack:
        yield _entered(stack, given)


def _entered(stack: ExitStack, given: str) -> Path:
    refused: OSError | Unusable | None = None
    for folder in folders(given):
        try:
            if folder != _BESIDE or _are_sources_ours():
                stack.enter_context(alone(folder))
                return folder
        except (OSError, Unusable) as error:
            refused = error
    raise refused or Unusable("no folder may be written to")


def _are_sources_ours() -> bool:
    """Who only may write there, as root may everywhere, leaves nothing in somebody's tree."""
    status = _BESIDE.parent.stat()
    return status.st_uid == os.geteuid() and not _may_others_write(status)


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """One compiler at a time; the folder is made, or found ours. Raises OSError, Unusable."""
    folder.mkdir(mode=_FOLDER, parents=True, exist_ok=True)
    _refuse_foreign(folder)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
