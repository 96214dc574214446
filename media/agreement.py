"""An offer and its answer, taken into a leg's row: codecs, payload types, what decodes and encodes.

RFC 3264 6.1: whoever listed several codecs may change among them without asking; `other_codec` is
how we follow. Knows no addresses (media/network.py) and no sound (media/plays.py).
"""

from collections.abc import Callable
from typing import Final

from msgspec.structs import replace

from media.codecs.format import NARROW, format_of
from media.commands import (
    Event,
    OtherCodec,
    SetRemote,
)
from media.emodel import impairment_of
from media.inflow import Inflow
from media.legs import Leg
from media.outflow import outflow_of
from media.rows import NO_TYPE, Law, Rows
from media.srtp import Srtp, SrtpError
from media.srtp_commands import Rolled, SrtpKeys

# RFC 3551 4.2: "a receiver SHOULD accept packets representing between 0 and 200 ms"; we send less.
PTIMES: Final = range(10, 61, 10)


class NotSpoken(Exception):
    """A codec, packet length or cipher that is none of ours; the text says which."""


def agree(rows: Rows, leg: Leg, command: SetRemote, emit: Callable[[Event], None]) -> bool:
    """Takes the agreement over; True if the leg is coded otherwise than before. NotSpoken."""
    try:
        new = format_of(command.codec, command.clock)
    except ValueError as error:
        raise NotSpoken(str(error)) from None
    if command.ptime not in PTIMES:
        raise NotSpoken(f"packets of {command.ptime} ms")
    srtp = _srtp(rows, leg, command.srtp, emit)
    line = leg.line
    is_first = leg.remote is None
    is_other = is_first or line.format != new
    sent = (command.ptime, command.most_bits)
    if is_other or leg.remote is None or (leg.remote.ptime, leg.remote.most_bits) != sent:
        leg.outflow = outflow_of(new, *sent)
    leg.remote, leg.srtp = command, srtp
    if is_other:
        line.format, line.law = new, Law.__members__.get(new.name, Law.OBJECT)
        _set_format(rows, leg)
    _set_types(rows, leg, command)
    return is_other and not is_first


def _srtp(
    rows: Rows, leg: Leg, keys: SrtpKeys | None, emit: Callable[[Event], None]
) -> Srtp | None:
    if keys is None:
        return None
    # Not the leg itself, which knows its cipher: a circle is never collected in a worker.
    row, number = leg.row, leg.number

    def count_forged() -> None:
        rows.strangers[row] += 1

    def tell_rolled(source: int, rollover: int) -> None:
        emit(Rolled(number, source, rollover))

    try:
        if leg.srtp is None:
            return Srtp(keys, count_forged, tell_rolled)
        leg.srtp.rekey(keys)
    except SrtpError as error:
        raise NotSpoken(str(error)) from None
    return leg.srtp


def _set_format(rows: Rows, leg: Leg) -> None:
    row, new = leg.row, leg.line.format
    rows.law[row] = leg.line.law
    rows.unit[row] = new.unit
    if rows.is_wide[row] != new.is_wide:
        rows.forget_opinions(row)
    rows.is_wide[row] = new.is_wide
    rows.is_high[row] = new.is_wide and leg.line.law is not Law.G722
    rows.g722_in[row] = rows.g722_out[row] = 0
    rows.reception.clock[row] = new.clock
    costs = impairment_of(new)
    rows.ie[row], rows.bpl[row] = costs.ie, costs.bpl
    # What waits in the ring is of the codec before.
    rows.is_started[row] = False
    rows.inflows.pop(row, None)
    if leg.line.law is Law.OBJECT:
        rows.inflows[row] = Inflow(new)


def _set_types(rows: Rows, leg: Leg, command: SetRemote) -> None:
    line, row = leg.line, leg.row
    line.type_in = line.type_out = command.payload_type
    rows.type_in[row] = rows.type_out[row] = command.payload_type
    line.event_in, line.event_out = command.dtmf_receive, command.dtmf_send
    rows.event_type_in[row] = _or_none(command.dtmf_receive)
    # Usually the audio's own clock (RFC 4733 2.1); some phones count 8000 beside Opus too.
    leg.receiver.unit = max(1, command.dtmf_clock // NARROW)
    line.noise_in = line.noise_out = command.noise_type
    rows.noise_type_in[row] = _or_none(command.noise_type)
    line.others_in = frozenset(other.payload_type for other in command.others)
    rows.other_types_in[row] = False
    for other in line.others_in:
        rows.other_types_in[row, other] = True


def _or_none(payload_type: int | None) -> int:
    return NO_TYPE if payload_type is None else payload_type


def other_codec(command: SetRemote, payload_type: int) -> SetRemote | None:
    """The same agreement with another of its codecs first; None: it was not among them."""
    chosen = next((one for one in command.others if one.payload_type == payload_type), None)
    if chosen is None:
        return None
    old = OtherCodec(
        command.codec,
        command.payload_type,
        command.clock,
        command.dtmf_send,
        command.dtmf_receive,
        command.dtmf_clock,
    )
    return replace(
        command,
        codec=chosen.codec,
        payload_type=chosen.payload_type,
        clock=chosen.clock,
        dtmf_send=chosen.dtmf_send,
        dtmf_receive=chosen.dtmf_receive,
        dtmf_clock=chosen.dtmf_clock,
        others=(old, *(one for one in command.others if one is not chosen)),
    )
