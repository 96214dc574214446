"""A stream between a phone and the switch that can be held up: what the switch says waits, what the
phone says passes. So two requests meet on it whenever a test wants them to.
"""

import contextlib
import socket
import threading

from tests.live.ports import free_port

HOST = "127.0.0.1"
_LOOK = 0.1


class HeldLine:
    """Listens on `port` and passes on to `server`; `said`: what the phone sent, `told`: what it was
    sent, `held`: what waits."""

    def __init__(self, server: tuple[str, int]) -> None:
        self._server, self.port = server, free_port()
        self.said, self.told, self.held = b"", b"", b""
        self._is_held = False
        self._lock, self._end = threading.Lock(), threading.Event()
        self._phone: socket.socket | None = None
        self._listener = socket.create_server((HOST, self.port))
        self._listener.settimeout(_LOOK)
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    def __enter__(self) -> "HeldLine":
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        for thread in self._threads:
            thread.join()
        self._listener.close()

    def hold(self) -> None:
        with self._lock:
            self._is_held = True

    def release(self) -> None:
        with self._lock:
            self._is_held = False
            waits, self.held = self.held, b""
            self._tell(waits)

    def _tell(self, data: bytes) -> None:
        if self._phone is not None and data:
            self.told += data
            with contextlib.suppress(OSError):  # it has gone
                self._phone.sendall(data)

    def _accept(self) -> None:
        while not self._end.is_set():
            with contextlib.suppress(TimeoutError):
                phone, _ = self._listener.accept()
                switch = socket.create_connection(self._server)
                self._phone = phone
                for act in (lambda: self._up(phone, switch), lambda: self._down(switch)):  # noqa: B023
                    thread = threading.Thread(target=act)
                    self._threads.append(thread)
                    thread.start()

    def _up(self, phone: socket.socket, switch: socket.socket) -> None:
        with phone:
            while data := self._read(phone):
                self.said += data
                with contextlib.suppress(OSError):
                    switch.sendall(data)
            with contextlib.suppress(OSError):
                switch.shutdown(socket.SHUT_RDWR)

    def _down(self, switch: socket.socket) -> None:
        with switch:
            while data := self._read(switch):
                with self._lock:
                    if self._is_held:
                        self.held += data
                    else:
                        self._tell(data)

    def _read(self, source: socket.socket) -> bytes:
        """What comes next; nothing: it is over."""
        source.settimeout(_LOOK)
        while not self._end.is_set():
            try:
                return source.recv(65_536)
            except TimeoutError:
                continue
            except OSError:
                break
        return b""
