"""The door by which the office's own commands reach the running switch: a Unix socket.

It lies in the data folder and only its owner may use it. One line of JSON goes in, `{"do": verb,
…}`, one line comes out: `{"ok": true, …}` or `{"ok": false, "why": "…", "said": …}`, the reason in
English and as a sentence to be told in another language. What the verbs are is handed in; nothing
here knows of calls or people.
"""

import asyncio
import json
import os
import pwd
import socket
import struct
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from softswitch.log import get_logger
from softswitch.wording import Said, of_disk, read, say

_log = get_logger("control")

SOCKET = "control.sock"
# Everybody of a large office in one answer.
MAX_LINE = 4_000_000
# A command waits so long for the switch, and the switch for a command's line.
PATIENCE = 10.0
# unix(7): the address of a socket has 108 bytes, its end included.
MAX_ADDRESS = 100

# In a request: who asked, as the system knows him, whatever the request says.
_BY = "by"
# unix(7), SO_PEERCRED: struct ucred, the process, user and group of the other end.
_CREDENTIALS = struct.Struct("3i")

Answer = Mapping[str, Any]
# One that must wait for a disk is a coroutine function.
Verb = Callable[[Mapping[str, Any]], Answer | Awaitable[Answer]]


class ControlError(Exception):
    """The command cannot be carried out; its argument, a sentence or a text, says why."""


class NotRunning(ControlError):
    """No switch runs with this data folder."""


class Control:
    """The switch's side. A verb may raise `ControlError`."""

    def __init__(self, data: Path, verbs: Mapping[str, Verb]) -> None:
        self._path = data / SOCKET
        self._verbs = verbs
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> "Control":
        """Listen. Telephones work without it: a folder that can hold no socket stops nothing."""
        try:
            await self._listen()
        except OSError as error:
            _log.error("commands cannot reach this office", error=str(error))
        return self

    async def _listen(self) -> None:
        self._path.unlink(missing_ok=True)  # of a process that was killed
        listening = socket.socket(socket.AF_UNIX)
        try:
            with _address(self._path) as address:
                before = os.umask(0o177)
                try:
                    listening.bind(address)
                finally:
                    os.umask(before)
            self._server = await asyncio.start_unix_server(
                self._came, sock=listening, limit=MAX_LINE
            )
        except BaseException:
            listening.close()
            raise

    async def __aexit__(self, *_: object) -> None:
        if self._server is not None:
            self._server.close()
            self._path.unlink(missing_ok=True)
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)

    def _came(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._serve(reader, writer), name="control")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(PATIENCE):
                line = await reader.readline()
            # What was begun is done: an erasure may take longer than anybody waits for it.
            user = _user_of(writer.get_extra_info("socket"))
            answer = json.dumps(await self._answer(line, user)).encode()
            async with asyncio.timeout(PATIENCE):
                writer.write(answer + b"\n")
                await writer.drain()
        except (TimeoutError, OSError, ValueError) as error:
            _log.warning("a command was not understood", error=str(error))
        finally:
            writer.close()

    async def _answer(self, line: bytes, user: str) -> Answer:
        try:
            request = json.loads(line) | {_BY: user}
            verb = self._verbs[request["do"]]
        except (ValueError, KeyError, TypeError):
            return _refusal(say("unknown_command"))
        try:
            answer = verb(request)
            return {"ok": True, **(answer if isinstance(answer, Mapping) else await answer)}
        except ControlError as error:
            return _refusal(error.args[0])
        except Exception:  # a mistake of ours must not keep the door shut
            _log.exception("a command broke", do=request["do"])
            return _refusal(say("fault_of_switch"))


def _user_of(calling: socket.socket) -> str:
    """The name of who is at the other end; his number where it has none."""
    credentials = calling.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    _, number, _ = _CREDENTIALS.unpack(credentials)
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return str(number)


def who_asked(request: Mapping[str, Any]) -> str:
    """The system user, for whatever tells later who did it; not what he says of himself."""
    return str(request.get(_BY) or "command")


def _refusal(why: str) -> Answer:
    said = why.as_data() if isinstance(why, Said) else None
    return {"ok": False, "why": why, "said": said}


def ask(data: Path, verb: str, patience: float = PATIENCE, **what: Any) -> dict[str, Any]:
    """A command's side: have it done, and wait so long. Raises `ControlError`."""
    line = json.dumps({"do": verb, **what}).encode() + b"\n"
    path = data / SOCKET
    try:
        with socket.socket(socket.AF_UNIX) as calling, _address(path) as address:
            calling.settimeout(patience)
            calling.connect(address)
            calling.sendall(line)
            with calling.makefile("rb") as answer:
                found = answer.readline(MAX_LINE)
    except (FileNotFoundError, ConnectionRefusedError) as error:
        raise NotRunning(say("no_office_runs", folder=str(data))) from error
    except OSError as error:
        raise ControlError(say("office_unanswering", why=of_disk(error))) from error
    return _read(found)


def is_running(data: Path) -> bool:
    """Whether a switch takes commands for this data folder."""
    try:
        ask(data, "nothing")
    except NotRunning:
        return False
    except ControlError:  # it knows no such verb, or has no time
        return True
    return True


def _read(line: bytes) -> dict[str, Any]:
    try:
        answer = json.loads(line)
        is_done = answer["ok"]
    except (ValueError, KeyError, TypeError):
        raise ControlError(say("office_gave_no_answer")) from None
    if not is_done:
        raise ControlError(_why(answer))
    return dict(answer)


def _why(answer: Mapping[str, Any]) -> str:
    """Of a switch of another version perhaps, which may know other sentences."""
    try:
        return read(answer["said"])
    except (KeyError, TypeError, AttributeError, ValueError):
        return str(answer.get("why", ""))


@contextmanager
def _address(path: Path) -> Iterator[str]:
    """The socket's address, however deep its folder lies."""
    if len(os.fsencode(path)) <= MAX_ADDRESS:
        yield str(path)
        return
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)
