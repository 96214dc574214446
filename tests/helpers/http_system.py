"""Another system, spoken to by HTTP: it answers what the test says, and keeps what it was asked."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class System:
    """An HTTP server that answers what the test says."""

    def __init__(self) -> None:
        self.answer, self.status, self.delay = b'{"outcome": "vip"}', 200, 0.0
        self.asked: list[tuple[dict[str, str], bytes]] = []
        self.url = ""
        self.connections = 0
        self.tasks: list[asyncio.Task[None] | None] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.tasks.append(asyncio.current_task())
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
                lines = (line.split(": ", 1) for line in head[1:] if line)
                headers = {name.lower(): value for name, value in lines}
                body = await reader.readexactly(int(headers["content-length"]))
                self.asked.append((headers, body))
                await asyncio.sleep(self.delay)
                length = f"Content-Length: {len(self.answer)}\r\n\r\n"
                writer.write(f"HTTP/1.1 {self.status} x\r\n{length}".encode() + self.answer)
                await writer.drain()
        except (asyncio.IncompleteReadError, asyncio.CancelledError, ConnectionError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def http_system(path: str = "/route") -> AsyncIterator[System]:
    """One that listens on loopback; `url` is its address."""
    made = System()
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    made.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}{path}"
    yield made
    server.close()
    serving = [task for task in made.tasks if task is not None]
    for task in serving:
        task.cancel()
    if serving:
        await asyncio.wait(serving)
