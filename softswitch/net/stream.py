"""One TCP or TLS connection of SIP (RFC 3261 18.3; RFC 5626 3.5.1 for keep-alives).

Cuts the stream into messages and answers a ping.
"""

from softswitch.log import get_logger
from softswitch.net.connection import Connection, Owner
from softswitch.sip.flow import Transport
from softswitch.sip.framing import MAX_MESSAGE, FramingError, Keepalive, StreamFramer

_log = get_logger("net.stream")


class StreamConnection(Connection):
    """See the module's docstring."""

    def __init__(self, owner: Owner, transport: Transport) -> None:
        super().__init__(owner, transport)
        self._framer = StreamFramer(MAX_MESSAGE)

    def arrived(self, data: bytes) -> None:
        self.traffic.last = self.loop.time()
        try:
            frames = self._framer.feed(data)
        except FramingError as error:
            # RFC 3261 18.3: without a good Content-Length the stream has no next message.
            _log.info("a stream cannot be cut", remote=self.flow.remote, error=str(error))
            self.abort()
            return
        if not self._framer.is_half:
            self.traffic.half = None
        elif frames or self.traffic.half is None:
            self.traffic.half = self.traffic.last
        for frame in frames:
            if isinstance(frame, Keepalive):
                self._keep_alive(frame)
            else:
                self.traffic.messages += 1
                self.owner.received(frame, self.flow)
            if not self.is_open:
                return

    def _keep_alive(self, frame: Keepalive) -> None:
        """RFC 5626 4.4.1: a double CRLF is a ping and wants a single one back."""
        if frame is Keepalive.PING:
            self.put(b"\r\n")

    def write(self, data: bytes) -> bool:
        was_put = self.put(data)
        if was_put:
            self.traffic.last = self.loop.time()
        return was_put
