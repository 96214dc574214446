"""RTCP of one leg: what we report, and what the far phone reports of us.

RFC 3550 6.4 (SR, RR), 6.5.1 (CNAME), 6.6 (BYE), 6.4.1 (round trip from LSR and DLSR).
Sans-IO: bytes in and out; `now` is the monotonic, `wall` the Unix time, both in seconds.
"""

from media.quality import round_trip_ms
from media.rows import FRAME, RATE, Rows
from media.rtcp import (
    SDES_CNAME,
    Goodbye,
    ReceiverReport,
    ReportBlock,
    RtcpError,
    RtcpPacket,
    SenderInfo,
    SenderReport,
    SourceChunk,
    SourceDescription,
    build_compound,
    ntp_middle,
    ntp_time,
    parse_compound,
)


class Reports:
    """The RTCP memory of a leg. None = not measured."""

    __slots__ = ("_last_report", "_last_report_at", "loss_remote", "round_trip")

    def __init__(self) -> None:
        self._last_report = 0
        self._last_report_at = 0.0
        self.round_trip: float | None = None
        self.loss_remote: float | None = None

    def build(
        self, rows: Rows, row: int, cname: str, now: float, wall: float, goodbye: bool = False
    ) -> bytes:
        """A compound packet: SR if we ever sent, else RR; CNAME; BYE if asked."""
        ssrc = int(rows.ssrc_out[row])
        blocks = self._blocks(rows, row, now)
        packets: list[RtcpPacket] = [ReceiverReport(ssrc, blocks)]
        if rows.packets_out[row]:
            since = (now - float(rows.last_sent[row])) * RATE - FRAME
            info = SenderInfo(
                ntp_time(wall),
                (int(rows.timestamp_out[row]) + int(since)) & 0xFFFFFFFF,
                int(rows.packets_out[row]),
                int(rows.octets_out[row]),
            )
            packets = [SenderReport(ssrc, info, blocks)]
        packets.append(SourceDescription((SourceChunk(ssrc, ((SDES_CNAME, cname),)),)))
        if goodbye:
            packets.append(Goodbye((ssrc,)))
        return build_compound(packets)

    def _blocks(self, rows: Rows, row: int, now: float) -> tuple[ReportBlock, ...]:
        delay = 0
        if self._last_report:
            delay = int((now - self._last_report_at) * 65536)
        source = int(rows.ssrc_in[row])
        block = rows.reception.report(row, source, self._last_report, delay)
        return (block,) if block is not None else ()

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
        return True

    def _take_block(self, block: ReportBlock, wall: float) -> None:
        self.loss_remote = block.fraction_lost / 256
        middle = ntp_middle(ntp_time(wall))
        trip = round_trip_ms(middle, block.last_sender_report, block.delay_since_last)
        if trip is not None:
            self.round_trip = trip
