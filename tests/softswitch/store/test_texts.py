"""Texts that wait, on a real file and over a restart."""

from dataclasses import replace
from pathlib import Path

from softswitch.store.database import Database
from softswitch.store.texts import TextRecord
from tests.softswitch.store.conftest import url

TEXT = TextRecord("t1", "102", "101", 10.25, 1_900_000_000.5, "text/plain", "Zażółć\0".encode())


async def test_texts_survive_a_restart_in_their_order(database: Database, tmp_path: Path) -> None:
    assert database.texts.load() == []
    later = replace(TEXT, id="t0", at=11.0, kind="image/png", body=bytes(range(256)))
    gone = replace(TEXT, id="t2")
    for one in (later, TEXT, gone, TEXT):
        database.texts.save(one)
    database.texts.delete(gone)
    await database.close()
    again = Database(url(tmp_path), tmp_path)
    await again.start()
    assert again.texts.load() == [TEXT, later]
    assert again.texts.load() == []
    await again.close()


def test_no_log_shows_a_body_by_accident() -> None:
    assert "Za" not in repr(TEXT)
