"""RTCP of one leg: what we report, and what the far phone reports of us.

RFC 3550 6.4 (SR, RR), 6.5.1 (CNAME), 6.6 (BYE), 6.4.1 (round trip from LSR and DLSR); RFC 3611
4.7 (how the voice is heard), where it was offered.
Sans-IO: bytes in and out; `now` is the monotonic, `wall` the Unix time, both in seconds.
A report is written as one struct: hundreds of legs report each second.
"""

import struct
from typing import Final

import numpy as np

from media.emodel import mos
from media.quality import round_trip_ms
from media.rows import FRAME, RATE, Rows
from media.rtcp import (
    GOODBYE,
    RECEIVER_REPORT,
    SDES_CNAME,
    SENDER_REPORT,
    SOURCE_DESCRIPTION,
    ExtendedReport,
    ReceiverReport,
    ReportBlock,
    RtcpError,
    SenderReport,
    ntp_middle,
    ntp_time,
    parse_compound,
)
from media.rtcp_xr import VoipMetrics, build_extended

_HEAD: Final = struct.Struct("!BBHI")  # version and count, type, words - 1, SSRC
_SENDER: Final = struct.Struct("!QIII")
_BLOCK: Final = struct.Struct("!IIIIII")
_VERSION: Final = 0x80
# RFC 3550 6.4.1: cumulative loss has 24 signed bits.
_MAX_LOST: Final = 0x7FFFFF


class Reports:
    """The RTCP memory of a leg. None = not measured."""

    __slots__ = (
        "_fresh_loss",
        "_last_report",
        "_last_report_at",
        "loss_remote",
        "mos",
        "round_trip",
    )

    def __init__(self) -> None:
        self._last_report = 0
        self._last_report_at = 0.0
        self.round_trip: float | None = None
        self.loss_remote: float | None = None
        self._fresh_loss: float | None = None
        # What the far phone says itself of what it hears (RFC 3611).
        self.mos: float | None = None

    def take_loss(self) -> float | None:
        """The worst share that the far phone missed since the last time; None: it did not say."""
        fresh, self._fresh_loss = self._fresh_loss, None
        return fresh

    def build(
        self,
        rows: Rows,
        row: int,
        cname: str,
        now: float,
        wall: float,
        goodbye: bool = False,
        extended: bool = False,
    ) -> bytes:
        """A compound packet: SR if we ever sent, else RR; CNAME; XR and BYE if asked."""
        ssrc = int(rows.ssrc_out[row])
        block = self._block(rows, row, now)
        count, words = (1, 7) if block else (0, 1)
        packets = int(rows.packets_out[row])
        if packets:
            unit = int(rows.unit[row])
            since = int((now - float(rows.last_sent[row])) * RATE * unit) - FRAME * unit
            stamp = (int(rows.timestamp_out[row]) + since) & 0xFFFFFFFF
            octets = int(rows.octets_out[row]) & 0xFFFFFFFF
            report = (
                _HEAD.pack(_VERSION | count, SENDER_REPORT, words + 5, ssrc)
                + _SENDER.pack(ntp_time(wall), stamp, packets & 0xFFFFFFFF, octets)
                + block
            )
        else:
            report = _HEAD.pack(_VERSION | count, RECEIVER_REPORT, words, ssrc) + block
        report += _description(ssrc, cname)
        if extended and block:
            report += build_extended(ssrc, self._metrics(rows, row))
        if goodbye:
            report += _HEAD.pack(_VERSION | 1, GOODBYE, 1, ssrc)
        return report

    def _block(self, rows: Rows, row: int, now: float) -> bytes:
        """How the leg's source is received (A.3); begins a new interval. Empty: not valid yet."""
        quality = rows.reception
        if quality.probation[row] != 0:
            return b""
        received = int(quality.received[row])
        highest = int(quality.cycles[row]) + int(quality.max_sequence[row])
        expected = highest - int(quality.base_sequence[row]) + 1
        of_interval = expected - int(quality.expected_prior[row])
        lost = of_interval - (received - int(quality.received_prior[row]))
        quality.expected_prior[row], quality.received_prior[row] = expected, received
        fraction = min(255, (lost << 8) // of_interval) if of_interval > 0 and lost > 0 else 0
        total = max(-_MAX_LOST, min(_MAX_LOST, expected - received))
        delay = int((now - self._last_report_at) * 65536) if self._last_report else 0
        return _BLOCK.pack(
            int(rows.ssrc_in[row]),
            fraction << 24 | total & 0xFFFFFF,
            highest & 0xFFFFFFFF,
            int(quality.jitter[row]),
            self._last_report,
            delay & 0xFFFFFFFF,
        )

    def _metrics(self, rows: Rows, row: int) -> VoipMetrics:
        """How the leg's source is heard (RFC 3611 4.7), by the counts of the whole stream. R has no
        place for wideband's scale there; opinions are on that of the codec.
        """
        quality, only = rows.reception, np.array([row])
        expected = max(1, int(quality.expected(only)[0]))
        late = int(rows.late[row]) if rows.hears[row] else 0
        r, is_wide = float(rows.r_last[row]), rows.is_wide[only]
        conversing, listening = (
            float(mos(column[only], is_wide)[0]) if r else None
            for column in (rows.r_last, rows.r_listening)
        )
        return VoipMetrics(
            int(rows.ssrc_in[row]),
            max(0, int(quality.lost(only)[0])) / expected,
            late / expected,
            None if is_wide[0] else r or None,
            listening,
            conversing,
            round(self.round_trip or 0.0),
            int(rows.depth[row]) * 20 if rows.hears[row] else None,
            quality.bursts.metrics(row, FRAME * 1000 / RATE),
        )

    def read(self, data: bytes, ssrc: int, now: float, wall: float) -> bool:
        """Takes a compound packet; `ssrc` is ours. False: it is none."""
        try:
            packets = parse_compound(data)
        except RtcpError:
            return False
        for packet in packets:
            if isinstance(packet, SenderReport):
                self._last_report = ntp_middle(packet.info.ntp_time)
                self._last_report_at = now
            if isinstance(packet, SenderReport | ReceiverReport):
                for block in packet.blocks:
                    if block.ssrc == ssrc:
                        self._take_block(block, wall)
            elif isinstance(packet, ExtendedReport):
                for told in packet.metrics:
                    if told.ssrc == ssrc:
                        self.mos = told.mos or told.mos_listening or self.mos
        return True

    def _take_block(self, block: ReportBlock, wall: float) -> None:
        self.loss_remote = block.fraction_lost / 256
        self._fresh_loss = max(self._fresh_loss or 0.0, self.loss_remote)
        middle = ntp_middle(ntp_time(wall))
        trip = round_trip_ms(middle, block.last_sender_report, block.delay_since_last)
        if trip is not None:
            self.round_trip = trip


def _description(ssrc: int, cname: str) -> bytes:
    """SDES with the CNAME (6.5), ended and filled up with null octets."""
    text = cname.encode()[:255]
    items = bytes([SDES_CNAME, len(text)]) + text
    items += bytes(4 - len(items) % 4)
    return _HEAD.pack(_VERSION | 1, SOURCE_DESCRIPTION, 1 + len(items) // 4, ssrc) + items
