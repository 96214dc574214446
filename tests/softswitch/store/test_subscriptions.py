"""Subscriptions on a real file, over a restart and in the journal's words."""

from dataclasses import replace
from pathlib import Path

from softswitch.store.database import Database, open_for_reading
from softswitch.store.operations import Write, from_fields, to_fields
from softswitch.store.subscriptions import SubscriptionRecord, _values, read_subscriptions
from tests.softswitch.store.conftest import url

LAMP = SubscriptionRecord(
    call_id="a@phone",
    local_tag="ours",
    remote_tag="theirs",
    watcher="101",
    package="dialog",
    event_id=None,
    watched="sip:102@office.example",
    local="<sip:102@office.example>;tag=ours",
    remote='"Anna Zielińska" <sip:101@office.example>;tag=theirs',
    target="sip:101@192.0.2.7:5062;transport=tcp",
    routes=("<sip:edge.example;lr>",),
    secure=False,
    transport="tcp",
    local_host="192.0.2.1",
    local_port=5060,
    remote_host="192.0.2.7",
    remote_port=40123,
    remote_cseq=4_294_967_295,
    notified=200,
    expires=1_795_500_000.25,
)


async def test_subscriptions_survive_a_restart(database: Database, tmp_path: Path) -> None:
    assert database.subscriptions.load() == []
    other = replace(LAMP, call_id="b@phone", event_id="7", secure=True, routes=())
    gone = replace(LAMP, local_tag="gone")
    for one in (LAMP, other, gone):
        database.subscriptions.save(one)
    database.subscriptions.delete(gone)
    await database.close()
    again = Database(url(tmp_path), tmp_path)
    await again.start()
    assert again.subscriptions.load() == [LAMP, other]
    assert again.subscriptions.load() == []
    await again.close()


async def test_the_newest_of_a_dialog_counts(database: Database, tmp_path: Path) -> None:
    database.subscriptions.save(LAMP)
    database.subscriptions.save(replace(LAMP, notified=300, remote_port=50000))
    await database.flush()
    async with open_for_reading(url(tmp_path)) as shelf:
        (found,) = await read_subscriptions(shelf)
    assert (found.notified, found.remote_port) == (300, 50000)


def test_the_journal_tells_it_by_its_columns() -> None:
    write = Write("subscription.save", _values(LAMP))
    fields = to_fields(write)
    assert (fields["watcher"], fields["notified"]) == ("101", 200)
    assert from_fields("subscription.save", fields) == write
