"""A backup holds everything, and comes back whole or not at all."""

import asyncio
import tarfile
from pathlib import Path

import pytest

from softswitch.backup import BackupError, make_backup, restore_backup
from softswitch.store.database import Database
from softswitch.store.events import EventLog
from softswitch.store.ports import StoreError
from tests.softswitch.store.stories import answered_in_queue, event, started

CALLS = 5_000  # more than one step of rows


def url(folder: Path) -> str:
    return f"sqlite+aiosqlite:///{folder / 'softswitch.db'}"


def _put(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


async def filled(folder: Path) -> Database:
    _put(folder / "messages" / "office" / "1.wav", b"RIFF sound")
    _put(folder / "softswitch.pid", b"1")
    _put(folder / "sounds" / "1.flac", b"made from the office's own")
    database = Database(url(folder), folder)
    await database.start()
    log = EventLog(database)
    for one in answered_in_queue():
        log.append(one)
    for number in range(CALLS):
        log.append(event("n", number, n=number, text='Zażółć "gęślą" jaźń\n\x00'))
    await log.flush()
    return database


async def test_it_comes_back_as_it_was(tmp_path: Path) -> None:
    """While the office runs on: what comes later is no part of it."""
    database = await filled(tmp_path / "old")
    before = await database.history.get_call("c1")
    office = tmp_path / "office" / "office.yaml"
    _put(office, b"office: {}")
    target = tmp_path / "backup.tar.gz"
    manifest = await asyncio.to_thread(
        make_backup, target, url(tmp_path / "old"), tmp_path / "old", office
    )
    log = EventLog(database)
    log.append(started("later"))
    await log.flush()
    await database.close()
    assert target.stat().st_mode & 0o777 == 0o600
    assert [one.name for one in sorted(target.parent.iterdir())] == [
        "backup.tar.gz",
        "office",
        "old",
    ]

    new = tmp_path / "new"
    restored = await asyncio.to_thread(restore_backup, target, url(new), new)
    assert restored.manifest == manifest
    assert (new / "messages" / "office" / "1.wav").read_bytes() == b"RIFF sound"
    assert (new / "office" / "office.yaml").read_text() == "office: {}"
    assert not (new / "softswitch.pid").exists()
    assert not (new / "sounds").exists()
    again = Database(url(new), new)
    await again.start()
    assert await again.history.get_call("c1") == before
    assert await again.history.get_call("later") is None
    await again.close()


async def test_what_is_there_is_never_written_over(tmp_path: Path) -> None:
    old = tmp_path / "old"
    await (await filled(old)).close()
    target = tmp_path / "backup.tar.gz"
    with pytest.raises(BackupError, match="in the data folder"):
        await asyncio.to_thread(make_backup, old / "backup.tar.gz", url(old), old)
    await asyncio.to_thread(make_backup, target, url(old), old)
    with pytest.raises(BackupError, match="there already"):
        await asyncio.to_thread(make_backup, target, url(old), old)
    with pytest.raises(BackupError, match="not empty"):
        await asyncio.to_thread(restore_backup, target, url(old), old)
    new = tmp_path / "new"
    with pytest.raises(StoreError, match="holds an office already"):
        await asyncio.to_thread(restore_backup, target, url(old), new)
    assert not list(new.iterdir())
    with pytest.raises(StoreError, match="no store"):
        await asyncio.to_thread(
            make_backup, tmp_path / "other.tar.gz", url(tmp_path / "nobody"), tmp_path / "nobody"
        )


@pytest.mark.parametrize("harm", ["cut", "table", "outside", "format"])
async def test_a_broken_one_leaves_nothing(tmp_path: Path, harm: str) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    await (await filled(old)).close()
    target, broken = tmp_path / "backup.tar.gz", tmp_path / "broken.tar.gz"
    await asyncio.to_thread(make_backup, target, url(old), old)
    if harm == "cut":
        broken.write_bytes(target.read_bytes()[:-3000])
    else:
        _harm(target, broken, tmp_path / "parts", harm)
    with pytest.raises(BackupError) as caught:
        await asyncio.to_thread(restore_backup, broken, url(new), new)
    told = caught.value.args[0].in_language("pl")
    assert harm != "cut" or told.endswith("to nie archiwum albo brakuje końca")
    assert not list(new.iterdir())
    assert not (tmp_path / "evil").exists()


def _harm(target: Path, broken: Path, parts: Path, harm: str) -> None:
    with tarfile.open(target) as archive:
        archive.extractall(parts, filter="data")
    if harm == "table":
        (parts / "tables" / "events.jsonl").write_text("no row\n")
    manifest = parts / "softswitch-backup.json"
    if harm == "format":
        manifest.write_text(manifest.read_text().replace('"format": 1', '"format": 2'))
    with tarfile.open(broken, "w:gz") as archive:
        for path in sorted(parts.rglob("*"), reverse=True):
            archive.add(path, path.relative_to(parts).as_posix(), recursive=False)
        if harm == "outside":
            archive.add(manifest, "data/../../evil")
