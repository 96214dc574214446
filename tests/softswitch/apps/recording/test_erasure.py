"""A client of a running office is forgotten.

After all that may happen to him, no byte of his number is left in any file of the data folder,
nothing brings it back, and whoever is not him is left alone.
"""

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from sqlalchemy import select

from softswitch.control import ControlError, ask
from softswitch.office.codes import Setting
from softswitch.store.database import JOURNAL
from softswitch.store.history import CallFilter, History
from softswitch.store.journal import DAMAGED
from softswitch.store.schema import events, mails, traces
from softswitch.trace.message import unpack
from tests.helpers.callback_office import CallbackOffice
from tests.helpers.hand_phone import Call, Phone
from tests.helpers.office_fixtures import Line
from tests.helpers.office_in_process import MAILBOX, MAIN, SHORT
from tests.softswitch.apps.test_transfer import answer, refer, told

HIM, OTHER, NATIONAL = "+48600100200", "+48600100201", "600100200"
FOREIGN = "+44 600 100 200"
POLICIES = """\
recording:
  - {number: "+48 22 123 45 70", purpose: ustalenia, keep: 90d, notice: notice_recorded}
  - {direction: out, purpose: zlecenia, keep: 30d, notice: notice_recorded}
"""


class RecordingOffice(CallbackOffice):
    def _write(self) -> None:
        super()._write()
        path = self.folder / "office.yaml"
        path.write_text(path.read_text() + POLICIES)
        sound = np.zeros(800, np.int16)
        soundfile.write(self.folder / "prompts" / "notice_recorded.wav", sound, 8000)

    async def do(self, verb: str, **what: Any) -> dict[str, Any]:
        """What a command asks of the running switch."""
        return await asyncio.to_thread(lambda: ask(self.data, verb, **what))

    async def rows(self, query: Any) -> Any:
        """What the store has, all that was put so far included."""

        async def read(server):  # type: ignore[no-untyped-def]
            await server.desk.outbox._store.flush()
            return await server.desk.outbox._store.read(query)

        return await self.run(read)


async def everything(office: RecordingOffice) -> str:
    """Every byte of the data folder and of what is packed in it, without what parts digits."""
    found = every_byte(office.data)
    for row in await office.rows(select(traces.c.data)):
        found += b"".join(one.text for one in unpack(row.data).messages).decode("latin-1")
    return without_blanks(found)


def every_byte(folder: Path) -> str:
    files = [path for path in folder.rglob("*") if path.is_file()]
    return without_blanks(b"".join([path.read_bytes() for path in files]).decode("latin-1"))


def without_blanks(text: str) -> str:
    for between in (FOREIGN, " ", "-", "\xc2\xa0"):
        text = text.replace(between, "")
    return text


def left_of(found: str) -> list[str]:
    return [one for one in (NATIONAL, NATIONAL[::-1]) if one in found]


async def talked(office: RecordingOffice, out: Call, far: Phone, *, is_recorded: bool) -> str:
    """They talk, and it is over; the call."""
    inward, _ = await asyncio.gather(answer(far), out.answered())  # one of them hears the notice
    await office.until(lambda: "bridge.started" in office.kinds(), "they talk")
    if is_recorded:
        await office.until(lambda: "recording.started" in office.kinds(), "it is recorded")
    await asyncio.sleep(0.2)
    out.bye()
    await inward.over()
    await office.calm()
    call = office.calls()[-1]
    if is_recorded:
        ended = lambda: "recording.ended" in [one.kind for one in office.story(call)]  # noqa: E731
        await office.until(ended, "its file is closed")
    return call


async def led_to_him(office: RecordingOffice, provider: Phone, piotr: Phone) -> str:
    """Another client, whom 102 transfers to his number; the call."""
    provider.user = OTHER
    out = await provider.dial(SHORT)
    inward, _ = await asyncio.gather(answer(piotr), out.answered())
    await office.until(lambda: "bridge.started" in office.kinds(), "they talk")
    assert (await refer(inward, NATIONAL)).status == 202
    asked = await answer(provider)
    await told(inward, 200)
    inward.bye()
    await office.until(lambda: office.kinds().count("bridge.started") == 2, "they talk")
    out.bye()
    await asked.over()
    await office.calm()
    provider.user = HIM
    return office.calls()[-1]


async def his_calls(office: RecordingOffice, provider: Phone, piotr: Phone) -> tuple[str, str]:
    """A talk, a message, a call to him, one that names him, one that nobody takes; a talk of him
    and the call of another one."""
    call = await talked(office, await provider.dial(SHORT), piotr, is_recorded=True)
    await office.do("note", call=call, text="jego żona: 600 100 777")
    out = await (await provider.dial(MAILBOX)).answered()
    await office.until(lambda: office.left().get("recordings"), "the recording")
    await asyncio.sleep(1.3)
    out.bye()
    await office.calm()
    await talked(office, await piotr.dial(f"0{NATIONAL}"), provider, is_recorded=True)
    other = await led_to_him(office, provider, piotr)
    await office.do("note", call=other, text=f"to nie {FOREIGN}, tylko 600-100-200")
    await office.missed(provider, HIM)
    return call, other


async def is_traced(office: RecordingOffice) -> None:
    """Messages are written a second later."""
    while left_of(await everything(office)) == [] or not await office.rows(select(traces.c.call)):
        await asyncio.sleep(0.1)
    call = office.calls()[-1]
    while call not in {row.call for row in await office.rows(select(traces.c.call))}:
        await asyncio.sleep(0.1)


async def test_nothing_of_him_is_left_and_nothing_brings_it_back(
    tmp_path: Path, patch_waits: pytest.MonkeyPatch
) -> None:
    async with RecordingOffice(tmp_path / "office") as office, AsyncExitStack() as stack:
        await he_is_forgotten(Line(office, stack), office)
    assert left_of(every_byte(office.data)) == [], "nor its end"


async def he_is_forgotten(line: Line, office: RecordingOffice) -> None:
    provider, piotr = await line.provider(), await line.phone("102")
    talk, other = await his_calls(office, provider, piotr)
    await is_traced(office)
    [item] = office.waiting()
    await office.do("callback close", id=item.id, reason="spam")
    what = {"number": "600 100 200", "reason": "art. 17"}
    await is_refused_meanwhile(line, provider, what)
    trial = await office.do("person erase", trial=True, **what)
    assert left_of(await everything(office)) == [NATIONAL, NATIONAL[::-1]]
    done = await office.do("person erase", **what)
    # Messages of a call may still be on their way to the store.
    assert {**done, "traces": 0} == {**trial, "traces": 0} and done["overwritten"]
    assert not done["kept"] and not done["files"] and not done["forwards"]
    assert len(done["recordings"]) == 2 and done["messages"] == 1 and done["calls"] >= 4
    assert done["mails"] >= 1 and done["callbacks"] == 2 and done["traces"] >= 5
    assert not {one.stem for one in office.data.rglob("*.sealed")} & set(done["recordings"])
    await is_forgotten(office)
    await nothing_brings_it_back(office, item.id, talk)
    await others_are_left_alone(office, other)
    again = await office.do("person erase", **what)
    assert not any(again[kind] for kind in COUNTED)


COUNTED = ("messages", "mails", "callbacks", "calls", "events", "traces", "erased_before")


async def is_refused_meanwhile(line: Line, provider: Phone, what: dict[str, str]) -> None:
    """He waits in a queue, and talks with nobody yet; or his number stands in the reason."""
    office, marta = line.office, await line.phone("121")
    assert isinstance(office, RecordingOffice)
    out = await (await provider.dial(MAIN)).answered()
    await marta.rung()
    with pytest.raises(ControlError, match="a call with this number is up"):
        await office.do("person erase", **what)
    out.bye()
    await office.calm()
    with pytest.raises(ControlError, match="leave the number out of the reason"):
        await office.do("person erase", **{**what, "reason": "asked for by 0600-100-200"})


async def is_forgotten(office: RecordingOffice) -> None:
    assert left_of(await everything(office)) == []
    assert "600100777" not in await everything(office)
    assert not list((office.data / "messages").rglob("*.wav"))


async def nothing_brings_it_back(office: RecordingOffice, item: str, talk: str) -> None:
    """Not what the switch remembers, nor what it still had to write."""
    with pytest.raises(ControlError, match="no item"):
        await office.do("callback open", id=item)
    await office.do("note", call=talk, text="usunięto na wniosek")
    await asyncio.sleep(1.2)
    await is_forgotten(office)


async def others_are_left_alone(office: RecordingOffice, call: str) -> None:
    async def read(server):  # type: ignore[no-untyped-def]
        history = History(server.desk.outbox._store)
        return await history.list_calls(CallFilter()), await history.get_call(call)

    rows, story = await office.run(read)
    assert [row.number for row in rows if row.id == call] == [OTHER]
    [note] = [one for one in story.events if one.kind == "call.noted"]
    assert FOREIGN in note.data["text"] and "erased-" in note.data["text"]
    assert "600100201" in await everything(office)
    assert await office.rows(select(events.c.id)) and await office.rows(select(mails.c.id)) == []


async def test_what_stays_is_named(tmp_path: Path, patch_waits: pytest.MonkeyPatch) -> None:
    async with RecordingOffice(tmp_path / "office") as office:
        office.ask(
            lambda server: server.desk.standing.set("101", Setting.FORWARD_ALL, False, target=HIM)
        )
        versions = office.data / "versions"
        versions.mkdir()
        (versions / "1.yaml").write_text("callbacks: {spam: ['600 100 200']}\n")
        (versions / "2.yaml").write_text(f"callbacks: {{spam: ['{FOREIGN}']}}\n")
        (office.data / f"{JOURNAL}{DAMAGED}").write_text(f'["call.save",{{"a":"{HIM}')
        told = await office.do("person erase", number=HIM, reason="art. 17", trial=True)
    assert told["forwards"] == ["101"] and not told["contacts"]
    assert told["files"] == ["softswitch.journal.jsonl.damaged", "versions/1.yaml"]
