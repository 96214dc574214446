"""The legs' sockets at work: opened and closed, aimed at their far phones, RTCP sent and read.

RFC 3550 6.2 (report interval), 6.6 (BYE); media/latch.py decides about sources.
"""

import contextlib
import ipaddress
from collections.abc import Callable
from functools import lru_cache
from typing import Final

from media.commands import Event, Latched, MediaSettings, SetRemote
from media.forward import Forwarder
from media.latch import Address, Latch, Verdict
from media.legs import Leg
from media.line import nowhere
from media.rows import Rows
from media.rtp import parse_header
from media.sockets import LegSockets, PortRange, open_sockets, reopen_sockets
from media.srtp import NotAuthentic

TICKS_A_SECOND: Final = 50
# Reports leave together in every fifth tick: one alone takes up to eight times as long, in code
# that the packets in between have pushed out of the caches. Not in the tick that ends a block.
REPORT_TICKS: Final = 5
_REPORT_TICK: Final = 2
# One wake-up reads so many of a leg's unexpected packets, so that a flood starves nobody.
MAX_STRANGERS: Final = 4
# Far addresses that need not be read again: phones and trunks are many calls' long the same.
HOSTS: Final = 512
# An RTCP compound packet within the usual MTU.
MAX_REPORT: Final = 1500

Handler = Callable[[float], None]


class NetworkError(Exception):
    """A far address that cannot be sent to; the text says why."""


class Network:
    """`on_watch(fd, handler)` and `on_unwatch(fd)` are set by the loop; a talker has no handler."""

    def __init__(
        self,
        settings: MediaSettings,
        ports: PortRange,
        rows: Rows,
        forwarder: Forwarder,
        emit: Callable[[Event], None],
        wall: Callable[[], float],
    ) -> None:
        self._settings = settings
        self._ports = ports
        self._rows = rows
        self._forwarder = forwarder
        self._emit = emit
        self._wall = wall
        self.on_watch: Callable[[int, Handler | None], None] = lambda fd, handler: None
        self.on_unwatch: Callable[[int], None] = lambda fd: None
        # Legs report in turns: each time those of one bucket.
        interval = max(1, round(settings.rtcp_seconds * TICKS_A_SECOND / REPORT_TICKS))
        self._buckets: list[dict[int, Leg]] = [{} for _ in range(interval)]

    def open(self, host: str, port: int, now: float) -> LegSockets:
        """On this port, or any (0). Raises NoPort."""
        if port:
            return reopen_sockets(host, port, self._ports)
        return open_sockets(host, self._ports, now)

    def watch(self, leg: Leg) -> None:
        self.on_watch(leg.sockets.catcher.fileno(), lambda now: self._catch(leg, now))
        self.on_watch(leg.sockets.control.fileno(), lambda now: self._read_report(leg, now))
        self._bucket(leg)[leg.number] = leg

    def _bucket(self, leg: Leg) -> dict[int, Leg]:
        return self._buckets[leg.row * 7 % len(self._buckets)]

    # --- where the far phone is ---

    def signal(self, leg: Leg, remote: SetRemote, now: float) -> None:
        """The address of an offer or answer. Raises NetworkError."""
        signalled = Address(_canonical(remote.host), remote.port)
        if leg.latch is None:
            leg.latch = Latch(signalled, remote.strict_source, now)
        elif not leg.latch.signal(signalled, remote.strict_source, now):
            self._connect(leg)  # the keys may be others
            return
        self._aim(leg, leg.latch.aim)

    def _connect(self, leg: Leg) -> None:
        """The leg's line to its talker, through its cipher if it has one."""
        line, talker, srtp = leg.line, leg.sockets.talker, leg.srtp
        if talker is None:
            line.transmit = nowhere
            return
        line.srtp, line.receive, line.transmit = srtp, None, talker.send
        if srtp is not None:
            line.receive = srtp.receiving(talker.recv_into)
            line.transmit = srtp.sending(talker.send)
        self._forwarder.attach(line, talker.fileno())

    def _aim(self, leg: Leg, to: Address) -> None:
        """Connects the leg's talker. An address nobody can send to leaves the leg without one."""
        line, forwarder = leg.line, self._forwarder
        if line.descriptor >= 0:
            self.on_unwatch(line.descriptor)
            forwarder.detach(line)
        line.transmit = nowhere
        try:
            if not _is_numeric(to.host) or not 0 < to.port < 65536:
                leg.sockets.silence()
            else:
                talker = leg.sockets.aim(to)
                self._connect(leg)
                self.on_watch(talker.fileno(), None)
        except OSError as error:
            raise NetworkError(f"{to.host}:{to.port}: {error.strerror or error}") from None
        finally:
            forwarder.refresh(line)

    def _catch(self, leg: Leg, now: float) -> None:
        """Packets that did not come from the latched source."""
        for _ in range(MAX_STRANGERS):
            slot = self._forwarder.free_slot(now)
            try:
                size, source = leg.sockets.catcher.recvfrom_into(slot)
            except OSError:
                return
            try:
                size = size if leg.srtp is None else leg.srtp.open(slot, size)
            except NotAuthentic:
                continue
            head = parse_header(slot, size)
            if head is None or leg.latch is None or not leg.line.takes(head.payload_type):
                self._rows.strangers[leg.row] += 1
                continue
            heard = float(self._rows.last_arrival[leg.row])
            verdict = leg.latch.consider(Address(source[0], source[1]), now, heard)
            if verdict is Verdict.STRANGER:
                self._rows.strangers[leg.row] += 1
                continue
            if verdict is Verdict.MOVE:
                # An address that cannot be sent to may still be heard.
                with contextlib.suppress(NetworkError):
                    self._aim(leg, leg.latch.aim)
                self._emit(Latched(leg.number, source[0], source[1]))
            self._forwarder.accept(leg.line, size, now)

    # --- RTCP ---

    def report(self, tick: int, now: float) -> None:
        """Every leg once in rtcp_seconds; to be called each tick."""
        turn, among = divmod(tick, REPORT_TICKS)
        if among != _REPORT_TICK:
            return
        for leg in self._buckets[turn % len(self._buckets)].values():
            self._send_report(leg, now)

    def _send_report(self, leg: Leg, now: float, goodbye: bool = False) -> None:
        if leg.remote is None or leg.latch is None:
            return
        rows, settings = self._rows, self._settings
        if not rows.packets_out[leg.row] and not rows.packets_in[leg.row]:
            return
        wall, extended = self._wall(), leg.remote.xr
        data = leg.reports.build(rows, leg.row, settings.cname, now, wall, goodbye, extended)
        data = data if leg.srtp is None else leg.srtp.seal_report(data)
        to = self._report_address(leg.remote, leg.latch)
        if _is_numeric(to.host) and 0 < to.port < 65536:
            with contextlib.suppress(OSError):
                leg.sockets.control.sendto(data, (to.host, to.port))

    @staticmethod
    def _report_address(remote: SetRemote, latch: Latch) -> Address:
        """The signalled one, unless RTP showed that the signalled addresses are not real."""
        if latch.is_moved and latch.aim.host != latch.signalled.host:
            return Address(latch.aim.host, latch.aim.port + 1)
        return Address(remote.rtcp_host or remote.host, remote.rtcp_port or remote.port + 1)

    def _read_report(self, leg: Leg, now: float) -> None:
        try:
            data, source = leg.sockets.control.recvfrom(MAX_REPORT)
        except OSError:
            return
        remote, latch = leg.remote, leg.latch
        if remote is None or latch is None:
            return
        try:
            data = data if leg.srtp is None else leg.srtp.open_report(data)
        except NotAuthentic:
            return
        known = {latch.aim.host, latch.signalled.host, _canonical(remote.rtcp_host)}
        ssrc = int(self._rows.ssrc_out[leg.row])
        if source[0] not in known or not leg.reports.read(data, ssrc, now, self._wall()):
            self._rows.strangers[leg.row] += 1

    def say_goodbye(self, leg: Leg, now: float) -> None:
        """RTCP BYE with a last report, while the leg still has a far phone."""
        self._send_report(leg, now, goodbye=True)

    def close(self, leg: Leg, now: float) -> None:
        """Sockets closed, ports drained."""
        self._bucket(leg).pop(leg.number, None)
        sockets = leg.sockets
        if leg.line.descriptor >= 0:
            self.on_unwatch(leg.line.descriptor)
            self._forwarder.detach(leg.line)
        self.on_unwatch(sockets.catcher.fileno())
        self.on_unwatch(sockets.control.fileno())
        sockets.close()
        self._ports.give_back(sockets.port, now)

    def dump(self) -> dict[str, int]:
        forwarder = self._forwarder
        talkers = {"talkers": len(forwarder.lines)}
        return {**talkers, **forwarder.records.dump(), **self._ports.dump()}


@lru_cache(HOSTS)
def _is_numeric(host: str) -> bool:
    """An address that a packet can go to. A name is not looked up here: that would block."""
    try:
        return not ipaddress.ip_address(host).is_unspecified
    except ValueError:
        return False


@lru_cache(HOSTS)
def _canonical(host: str) -> str:
    """As the kernel writes it, so that sources compare equal."""
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        return host
