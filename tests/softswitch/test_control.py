"""The running switch's door for commands: answers, refusals, nonsense, a deep folder."""

import asyncio
import json
import os
import pwd
import socket
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from softswitch import control
from softswitch.control import SOCKET, Control, ControlError, NotRunning, ask, who_asked
from softswitch.wording import say


def double(request: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"twice": 2 * request["number"]}


def refuse(request: Mapping[str, Any]) -> Mapping[str, Any]:
    raise ControlError("not today")


VERBS = {"double": double, "refuse": refuse}


async def test_a_command_is_answered(tmp_path: Path) -> None:
    async with Control(tmp_path, VERBS):
        answer = await asyncio.to_thread(ask, tmp_path, "double", number=21)
        assert answer["twice"] == 42
        with pytest.raises(ControlError, match="not today"):
            await asyncio.to_thread(ask, tmp_path, "refuse")
        with pytest.raises(ControlError, match="does not know"):
            await asyncio.to_thread(ask, tmp_path, "sing")
        with pytest.raises(ControlError, match="fault"):
            await asyncio.to_thread(ask, tmp_path, "double")
        assert stat.S_IMODE((tmp_path / SOCKET).stat().st_mode) == 0o600
    with pytest.raises(NotRunning):
        ask(tmp_path, "double", number=1)


async def test_who_asks_is_known_whatever_he_says(tmp_path: Path) -> None:
    async with Control(tmp_path, {"who": lambda request: {"name": who_asked(request)}}):
        answer = await asyncio.to_thread(ask, tmp_path, "who", by="mallory")
        assert answer["name"] == pwd.getpwuid(os.geteuid()).pw_name


async def test_a_refusal_can_be_told_in_another_language(tmp_path: Path) -> None:
    def refuse_in_words(request: Mapping[str, Any]) -> Mapping[str, Any]:
        raise ControlError(say("note_too_long", most=2, length=2022))

    async with Control(tmp_path, {"refuse": refuse_in_words}):
        with pytest.raises(ControlError) as found:
            await asyncio.to_thread(ask, tmp_path, "refuse")
        assert str(found.value) == "a note has at most 2 characters, this one 2022"
        told = found.value.args[0].in_language("pl")
        assert told == "notatka ma najwyżej 2 znaki, ta ma 2022"
        with pytest.raises(ControlError) as found:
            await asyncio.to_thread(ask, tmp_path, "sing")
        assert found.value.args[0].in_language("pl") == "centrala nie zna tego polecenia"


async def test_a_switch_of_another_version_is_told_as_it_says_it(tmp_path: Path) -> None:
    """Its sentence is not known here, or it says none."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        verb = json.loads(await reader.readline())["do"]
        said = {"code": "of_tomorrow", "facts": {}} if verb == "new" else None
        writer.write(json.dumps({"ok": False, "why": "not today", "said": said}).encode() + b"\n")
        writer.close()

    async with await asyncio.start_unix_server(answer, str(tmp_path / SOCKET)):
        for verb in ("new", "old"):
            with pytest.raises(ControlError, match="^not today$"):
                await asyncio.to_thread(ask, tmp_path, verb)


async def test_what_a_killed_process_left_is_no_obstacle(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(tmp_path / SOCKET))
    with pytest.raises(NotRunning):
        ask(tmp_path, "double", number=1)
    async with Control(tmp_path, VERBS):
        assert (await asyncio.to_thread(ask, tmp_path, "double", number=1))["twice"] == 2


async def test_a_folder_deeper_than_an_address(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 120) / "data"
    deep.mkdir(parents=True)
    async with Control(deep, VERBS):
        assert (await asyncio.to_thread(ask, deep, "double", number=2))["twice"] == 4


@pytest.mark.parametrize(
    "line", [b"", b"\n", b"{\n", b"[]\n", b'"do"\n', b'{"do": []}\n', b"\xff\n"]
)
async def test_nonsense(tmp_path: Path, line: bytes) -> None:
    async with Control(tmp_path, VERBS):
        reader, writer = await asyncio.open_unix_connection(str(tmp_path / SOCKET))
        writer.write(line)
        writer.write_eof()
        assert b'"ok": false' in await reader.readline()
        writer.close()
        await writer.wait_closed()
        assert (await asyncio.to_thread(ask, tmp_path, "double", number=3))["twice"] == 6


async def test_who_says_nothing_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(control, "PATIENCE", 0.1)
    async with Control(tmp_path, VERBS):
        reader, writer = await asyncio.open_unix_connection(str(tmp_path / SOCKET))
        assert await reader.read() == b""
        writer.close()
        await writer.wait_closed()


async def test_the_end_waits_for_nobody(tmp_path: Path) -> None:
    async with Control(tmp_path, VERBS):
        reader, writer = await asyncio.open_unix_connection(str(tmp_path / SOCKET))
        await asyncio.sleep(0.05)
    assert await reader.read() == b""
    writer.close()
    await writer.wait_closed()


async def test_a_folder_that_can_hold_none(tmp_path: Path) -> None:
    async with Control(tmp_path / "gone", VERBS):
        pass


async def test_what_takes_long_is_done_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(control, "PATIENCE", 0.4)
    done: list[str] = []

    async def slow(request: Mapping[str, Any]) -> Mapping[str, Any]:
        await asyncio.sleep(0.8)
        done.append(request["what"])
        return {}

    async with Control(tmp_path, {"slow": slow}):
        await asyncio.to_thread(ask, tmp_path, "slow", 60.0, what="all of it")
        with pytest.raises(ControlError, match="does not answer"):
            await asyncio.to_thread(ask, tmp_path, "slow", 0.05, what="nobody waits")
        while len(done) < 2:  # noqa: ASYNC110  (nobody is told)
            await asyncio.sleep(0.02)
    assert done == ["all of it", "nobody waits"]
