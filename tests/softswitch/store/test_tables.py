"""Registrations, messages and mails on a real file, over a restart."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from msgspec import structs

from softswitch.store.bindings import BindingRecord, read_bindings
from softswitch.store.database import Database, open_for_reading
from softswitch.store.messages import MailboxCount, Message
from softswitch.store.outbox import LONGEST_RETRY, Mail, retry_delay
from tests.softswitch.store.conftest import url
from tests.softswitch.store.stories import START

PHONE = BindingRecord(
    extension="101",
    contact="sip:101@192.0.2.7:5060;transport=udp",
    transport="udp",
    local_host="192.0.2.1",
    local_port=5060,
    remote_host="198.51.100.9",
    remote_port=40123,
    connection=None,
    path=("<sip:edge.example;lr>", "<sip:two.example;lr>"),
    instance="<urn:uuid:00000000-0000-1000-8000-000a95a0e128>",
    reg_id=1,
    q=0.5,
    expires=1_795_500_000.25,
    call_id="abc@phone",
    cseq=4_294_967_295,
    user_agent="Telefon żółty",
    registered=1_795_400_000.0,
)


async def test_registrations_survive_a_restart(database: Database, tmp_path: Path) -> None:
    assert database.bindings.load() == []
    soft = structs.replace(
        PHONE, instance=None, reg_id=None, contact="sip:101@10.0.0.1", registered=1.0
    )
    gone = structs.replace(PHONE, extension="102")
    for one in (PHONE, soft, gone):
        database.bindings.save(one)
    database.bindings.delete(gone)
    await database.close()
    again = Database(url(tmp_path), tmp_path)
    await again.start()
    assert again.bindings.load() == [soft, PHONE]
    await again.close()


async def test_a_device_that_moved_replaces_itself(database: Database) -> None:
    moved = structs.replace(PHONE, contact="sip:101@203.0.113.1", remote_host="203.0.113.1", cseq=7)
    database.bindings.save(PHONE)
    database.bindings.save(moved)
    await database.flush()
    assert list(await read_bindings(database)) == [moved]


async def test_saved_deleted_and_saved_again_in_one_batch(database: Database) -> None:
    database.bindings.save(PHONE)
    database.bindings.delete(PHONE)
    database.bindings.save(PHONE)
    await database.flush()
    assert list(await read_bindings(database)) == [PHONE]


async def test_another_process_reads_beside_us(database: Database, tmp_path: Path) -> None:
    database.bindings.save(PHONE)
    await database.flush()
    async with open_for_reading(url(tmp_path)) as shelf:
        assert list(await read_bindings(shelf)) == [PHONE]


def message(number: int) -> Message:
    return Message(
        id=f"m{number}",
        mailbox="reception",
        call=f"c{number}",
        number="+48600100200",
        name="Jan Kowalski",
        at=START + timedelta(minutes=number),
        seconds=34.2,
        path=f"/data/m{number}.wav",
    )


async def test_messages_are_heard_and_handled_for_the_whole_team(database: Database) -> None:
    table = database.messages
    for number in (1, 2, 3):
        table.add(message(number))
    table.mark_heard("m1", "101", START + timedelta(hours=1))
    table.mark_handled("m1", "102", START + timedelta(hours=2))
    table.mark_handled("m2", "102", START)
    table.mark_open("m2")
    await database.flush()
    assert await table.count("reception") == MailboxCount(new=2, old=1)
    assert await table.count("other") == MailboxCount(new=0, old=0)
    opened = await table.list_messages("reception", only_open=True)
    assert [one.id for one in opened] == ["m3", "m2"]
    assert [one.id for one in await table.list_messages(limit=1)] == ["m3"]
    first = await table.get("m1")
    assert first == replace(
        message(1),
        heard_at=START + timedelta(hours=1),
        heard_by="101",
        handled_at=START + timedelta(hours=2),
        handled_by="102",
    )
    assert await table.get("m9") is None


def mail(number: int) -> Mail:
    return Mail(
        recipients=("biuro@kancelaria.example", "anna@kancelaria.example"),
        subject="Nowa wiadomość",
        body="Treść\n",
        created=START + timedelta(seconds=number),
        id=f"mail{number}",
    )


async def test_a_mail_waits_longer_after_each_try_and_is_done_when_sent(database: Database) -> None:
    outbox = database.outbox
    outbox.add(mail(1))
    outbox.add(mail(2))
    assert [one.id for one in await outbox.due(START + timedelta(seconds=1))] == ["mail1"]
    (first, second) = await outbox.due(START + timedelta(seconds=5))
    await outbox.failed(first, START, "no connection", left=["anna@kancelaria.example"])
    await outbox.sent(second, START)
    assert await outbox.due(START + timedelta(seconds=59)) == []
    assert await outbox.next_due() == START + timedelta(seconds=60)
    (again,) = await outbox.due(START + timedelta(seconds=60))
    assert (again.tries, again.last_error) == (1, "no connection")
    assert again.recipients == ("anna@kancelaria.example",)
    await outbox.sent(again, START)
    assert await outbox.next_due() is None
    assert all(one.sent_at == START for one in await outbox.list_mails())
    assert await outbox.list_mails(only_waiting=True) == []


def test_retries_double_to_an_hour_and_never_end() -> None:
    minutes = [retry_delay(tries) / timedelta(minutes=1) for tries in range(1, 9)]
    assert minutes == [1, 2, 4, 8, 16, 32, 60, 60]
    assert retry_delay(10**9) == LONGEST_RETRY


async def test_waiting_for_a_mail_ends_when_one_comes(database: Database) -> None:
    await database.outbox.due(START)
    await database.outbox.wait(0.01)
    database.outbox.add(mail(1))
    await database.outbox.wait(3600)
