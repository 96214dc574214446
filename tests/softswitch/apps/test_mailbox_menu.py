"""Messages and greetings by phone, against a whole server with its store."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import numpy as np
import pytest
import soundfile

from softswitch.apps import mailbox_menu
from softswitch.office.mailbox import Situation
from softswitch.store.messages import Message
from tests.helpers.hand_phone import Call
from tests.helpers.office_fixtures import Line
from tests.helpers.office_in_process import PROMPTS, OfficeInProcess
from tests.softswitch.apps.test_route import press

CLIENT = "+48600555123"
MORE = ("mailbox_menu", "mailbox_empty", "mailbox_closed", "message_from", "message_hidden")
MORE += ("message_one", "message_few", "message_many", "message_deleted", "message_handled")
MORE += ("message_kept", "greeting_menu", "greeting_record", "greeting_keep", "greeting_saved")
MORE += ("number_1_feminine", "number_2_feminine", "wrong_password", "call_failed")
MORE += tuple(f"time_{hour}" for hour in range(24)) + tuple(f"number_{n}" for n in range(10, 60))


class MailOffice(OfficeInProcess):
    """Jan has a mailbox with a PIN, Marta and he share the office's."""

    def _write(self) -> None:
        super()._write()
        file = self.folder / "office.yaml"
        text = file.read_text()
        for before, after in (
            ("email: jan@kancelaria.example", "email: jan@kancelaria.example, pin: '4711'"),
            ("office: {name: Sekretariat,", "office: {name: Sekretariat, number: 330,"),
            ("121: {name: Marta}", "121: {name: Marta, voicemail: office}"),
        ):
            assert text.count(before) == 1, before
            text = text.replace(before, after)
        file.write_text(text)
        sound = np.zeros(800, np.int16)
        for name in (*PROMPTS, *MORE):
            soundfile.write(self.folder / "prompts" / f"{name}.wav", sound, 8000)

    async def message(self, mailbox: str, name: str, number: str | None = CLIENT) -> Message:
        """A message that lies there."""
        path = self.folder / "data" / "messages" / mailbox / f"{name}.wav"
        path.parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(path, np.zeros(4000, np.int16), 8000)

        def add(server):  # type: ignore[no-untyped-def]
            at = server.desk.exchange.clock()
            message = Message(name, mailbox, None, number, "Klient", at, 0.5, str(path.absolute()))
            server.desk.messages.add(message)
            return message

        return self.ask(add)

    async def stored(self, mailbox: str) -> dict[str, Message]:
        async def read(server):  # type: ignore[no-untyped-def]
            await server.desk.messages._store.flush()
            return await server.desk.messages.list_messages(mailbox)

        return {one.id: one for one in await self.run(read)}


@pytest.fixture
async def mail(tmp_path: Path, patch_waits: pytest.MonkeyPatch) -> AsyncIterator[MailOffice]:
    patch_waits.setattr(mailbox_menu, "KEY_SECONDS", 2.0)
    running = MailOffice(tmp_path / "office")
    async with running:
        yield running
        await running.calm()


@pytest.fixture
async def line(mail: MailOffice) -> AsyncIterator[Line]:
    async with AsyncExitStack() as stack:
        yield Line(mail, stack)
        await mail.calm()


async def keys(call: Call, said: str) -> None:
    for key in said:
        await press(call, key)
        await asyncio.sleep(0.25)


async def noted(office: MailOffice, kind: str) -> None:
    await office.until(lambda: kind in [event.kind for event in office.events], kind)


async def test_a_team_hears_deletes_keeps_and_marks(mail: MailOffice, line: Line) -> None:
    for name in ("a", "b", "c"):
        await mail.message("office", name, None if name == "b" else CLIENT)
    marta = await line.phone("121")
    call = await (await marta.dial("*97*330")).answered()
    await keys(call, "16")  # past the count; the first is done
    await noted(mail, "voicemail.handled")
    await keys(call, "3")
    await noted(mail, "voicemail.deleted")
    await keys(call, "4")
    await noted(mail, "voicemail.kept")
    call.bye()
    await mail.calm()
    left = await mail.stored("office")
    assert set(left) == {"a", "c"}
    assert (left["a"].handled_by, left["a"].heard_by) == ("121", "121")
    assert left["c"].heard_at is None
    assert not (mail.folder / "data" / "messages" / "office" / "b.wav").exists()


async def test_the_pin_opens_ones_own_from_a_colleagues_phone(mail: MailOffice, line: Line) -> None:
    await mail.message("103", "a")
    piotr = await line.phone("102")
    wrong = await (await piotr.dial("*97*103")).answered()
    await keys(wrong, "0000")
    await keys(wrong, "0001")
    await keys(wrong, "0002")
    await wrong.over()
    assert (await mail.stored("103"))["a"].heard_at is None
    right = await (await piotr.dial("*97103")).answered()
    await keys(right, "4711")
    await mail.until(lambda: "service.used" in mail.kinds(), "the code")
    for _ in range(40):
        if (await mail.stored("103"))["a"].heard_at is not None:
            break
        await asyncio.sleep(0.1)
    assert (await mail.stored("103"))["a"].heard_by == "102"
    right.bye()


async def test_whose_it_is_not_hears_nothing(mail: MailOffice, line: Line) -> None:
    await mail.message("office", "a")
    anna = await line.phone("101")
    for code in ("*97*330", "*97", "*97*102"):
        call = await (await anna.dial(code)).answered()
        await call.over()
    assert (await mail.stored("office"))["a"].heard_at is None


async def test_a_call_back_marks_the_message(mail: MailOffice, line: Line) -> None:
    await mail.message("office", "a")
    provider, marta = await line.provider(), await line.phone("121")
    call = await (await marta.dial("*97")).answered()
    await keys(call, "15")
    out = await provider.rung()
    assert CLIENT in out.invite.start
    out.answer()
    await noted(mail, "bridge.started")
    out.bye()
    await call.over()
    await mail.calm()
    assert (await mail.stored("office"))["a"].handled_by == "121"


async def test_a_greeting_is_recorded_and_heard(mail: MailOffice, line: Line) -> None:
    marta = await line.phone("121")
    call = await (await marta.dial("*97")).answered()
    await keys(call, "7")
    await asyncio.sleep(0.4)
    await keys(call, "2")
    await mail.until(lambda: mail.left().get("recordings"), "the recording")
    await asyncio.sleep(1.4)
    await keys(call, "#")
    await asyncio.sleep(0.3)
    await keys(call, "1")  # keep it
    await noted(mail, "voicemail.greeting")
    call.bye()
    await mail.calm()
    path = mail.folder / "data" / "greetings" / "office" / f"{Situation.BUSY.value}.wav"
    assert path.exists() and [one.name for one in path.parent.iterdir()] == ["busy.wav"]
