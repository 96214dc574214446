"""The whole state of an office in one file, and back into an empty folder.

    softswitch-backup.json   what it is: revision of the tables, when it was made
    tables/NAME.jsonl        the database, whichever it was (`store/dump.py`)
    data/…                   what lies in the data folder beside it
    office/…                 the office's files, if they were asked for

A gzipped tar that only its owner may read; it appears whole or not at all. The office may run
meanwhile: the tables are of one moment, and a file that is being written is taken as far as it is.
The keys of recordings are no part of it (docs/operate.md says why). Blocking: for commands.
"""

import asyncio
import json
import os
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from softswitch.control import SOCKET
from softswitch.office.prepared import SOUNDS
from softswitch.reload import PID_FILE, STATE_FILE
from softswitch.store.connection import sqlite_file
from softswitch.store.dump import fill, snapshot
from softswitch.wording import say

MANIFEST, TABLES, DATA, OFFICE = "softswitch-backup.json", "tables", "data", "office"
FORMAT = 1
# They belong to a process that runs.
_PASSING = frozenset((SOCKET, PID_FILE, STATE_FILE))


class BackupError(Exception):
    """It cannot be made or taken back; the text says why, and nothing was changed."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup says of itself."""

    format: int
    revision: str
    made: str  # ISO 8601, UTC
    tables: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Restored:
    """What came back."""

    manifest: Manifest
    rows: int
    files: int


def make_backup(target: Path, url: str, data: Path, office: Path | None = None) -> Manifest:
    """Write `target`. Raises StoreError, BackupError for one that is there, OSError."""
    if target.exists():
        raise BackupError(say("file_there_name", file=str(target)))
    if target.resolve().is_relative_to(data.resolve()):
        raise BackupError(say("backup_in_data"))
    target.parent.mkdir(parents=True, exist_ok=True)
    # Beside the target: there is its room, and the last step is a change of name.
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".backup-") as folder:
        part = Path(folder) / "part"
        manifest = asyncio.run(_tables(url, Path(folder)))
        opened = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(opened, "wb") as file:
            with tarfile.open(fileobj=file, mode="w:gz") as archive:
                archive.add(Path(folder) / MANIFEST, MANIFEST)
                for name in manifest.tables:
                    archive.add(Path(folder) / name, f"{TABLES}/{name}.jsonl")
                _add_folder(archive, data, DATA, _without(url))
                if office is not None:
                    _add_folder(archive, office.resolve().parent, OFFICE, frozenset())
            file.flush()
            os.fsync(file.fileno())
        part.rename(target)
    return manifest


async def _tables(url: str, folder: Path) -> Manifest:
    async with snapshot(url) as now:
        made = datetime.now(UTC).isoformat(timespec="seconds")
        for name in now.tables:
            with (folder / name).open("wb") as file:
                async for line in now.lines(name):
                    file.write(line)
        manifest = Manifest(FORMAT, now.revision, made, now.tables)
    (folder / MANIFEST).write_text(json.dumps(asdict(manifest), indent=1))
    return manifest


def _without(url: str) -> frozenset[str]:
    """Files of the data folder that are no part of a backup."""
    database = sqlite_file(url)
    if database is None:
        return _PASSING
    return _PASSING | {database.name + end for end in ("", "-wal", "-shm", "-journal")}


def _add_folder(archive: tarfile.TarFile, folder: Path, name: str, without: frozenset[str]) -> None:
    for path in sorted(folder.rglob("*")):
        inner = path.relative_to(folder)
        # Sounds are made again from the office's own: up to half a gigabyte.
        is_left_out = str(inner) in without or (name == DATA and inner.parts[0] == SOUNDS)
        if path.is_file() and not path.is_symlink() and not is_left_out:
            with suppress(FileNotFoundError):  # a message was deleted this moment
                archive.add(path, str(PurePosixPath(name, inner.as_posix())), recursive=False)


def restore_backup(source: Path, url: str, data: Path) -> Restored:
    """Into an empty data folder and an empty database; the office's files into `data/office`.

    Raises StoreError, BackupError, OSError. After an error what it had made is taken away again.
    """
    if data.exists() and any(data.iterdir()):
        raise BackupError(say("folder_not_empty", folder=str(data)))
    data.mkdir(parents=True, exist_ok=True)
    done = False
    try:
        with tarfile.open(source, "r:gz") as archive:
            manifest = _manifest(archive)
            tables = _table_lines(archive, manifest)
            rows = asyncio.run(fill(url, manifest.revision, tables))
            files = _extract(archive, data)
        done = True
    except (tarfile.TarError, EOFError) as error:
        raise BackupError(
            say("no_whole_backup", file=str(source), why=say("backup_cut_off"))
        ) from error
    except (KeyError, ValueError) as error:
        raise BackupError(say("no_whole_backup", file=str(source), why=str(error))) from error
    finally:
        if not done:
            _empty(data)
    return Restored(manifest, rows, files)


def _manifest(archive: tarfile.TarFile) -> Manifest:
    file = archive.extractfile(MANIFEST)
    if file is None:
        raise BackupError(say("backup_no_contents"))
    fields = json.load(file)
    if fields.get("format") != FORMAT:
        raise BackupError(say("backup_newer"))
    return Manifest(**{**fields, "tables": tuple(fields["tables"])})


def _table_lines(
    archive: tarfile.TarFile, manifest: Manifest
) -> Iterator[tuple[str, Iterator[bytes]]]:
    for name in manifest.tables:
        file = archive.extractfile(f"{TABLES}/{name}.jsonl")
        yield name, iter(file or ())


def _extract(archive: tarfile.TarFile, data: Path) -> int:
    """What lay in the data folder, and the office's files; `filter` keeps all of it inside."""
    count = 0
    for member in archive.getmembers():
        top, _, rest = member.name.partition("/")
        if not member.isfile() or top not in (DATA, OFFICE) or not rest:
            continue
        member.name = rest if top == DATA else f"{OFFICE}/{rest}"
        archive.extract(member, data, filter="data")
        count += 1
    return count


def _empty(folder: Path) -> None:
    for path in sorted(folder.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
