"""Sends what a tick has made: each row's packet to its leg's far phone.

Written for two readers, as media/native/pump.py is.
"""

from typing import Final

from media.native.pump import ELSEWHERE, NOBODY, PACKET, SEALED, send_sealed
from media.native.system import copy, transmit

# Where the loop stands: `state`.
COUNT: Final = 0  # rows that are sent to
AT: Final = 1  # and the next one
STATE: Final = 2

# What the caller is told.
DONE: Final = 0
SEND: Final = 1  # the packet of the last row is to be sent by the caller


def transmit_rows(
    rows: memoryview,
    system: memoryview,
    records: memoryview,
    outs: memoryview,
    octets: memoryview,
    scratch: memoryview,
    lengths: memoryview,
    state: memoryview,
) -> int:
    """Goes on from state[AT]; DONE when all rows are sent to."""
    while state[AT] < state[COUNT]:
        row = rows[state[AT]]
        state[AT] += 1
        out = outs[row]
        if out == ELSEWHERE:
            return SEND
        if out <= SEALED:  # the tag would stand where the next row begins
            copy(system, scratch, 0, octets, row * PACKET, PACKET)
            send_sealed(out, 0, 0, system, records, scratch, lengths)
        elif out != NOBODY:
            transmit(system, out, octets, row * PACKET, PACKET)
    return DONE
