"""The packet loop: until the next tick is due it waits, reads one packet of each talker that is
ready, and sends on what is ordinary.

RFC 3550 5.1 (the header). An ordinary packet is 20 ms of G.711 of the source that is known, without
a marker. What it was and when it came is logged; its octets stay in their slot if the tick wants to
hear them; and if its leg feeds another one, its header is rewritten and it is sent on. Of anything
else the caller is told, who goes on behind it by calling again. What is encrypted is opened and
sealed where it stands, by the session that its record leads to (RFC 3711; media/libsrtp.py).

Written for two readers: it runs as it stands, on memoryviews, and compiled, on the same memory (see
media/native/functions.py). So all values are whole numbers below 2^63, and what is written is
masked to the width of where it goes. What is kept of a header without a look at it - the first 16
bits, the SSRC - stays in the order that it has in memory.
"""

import platform
import struct
import sys
from typing import Final

from media.native.system import (
    clock,
    copy,
    htonl,
    htons,
    look,
    ntohl,
    ntohs,
    receive,
    seal,
    transmit,
    unseal,
    wait,
)

# Packets that are kept whole between two counts; there is one slot more, to work in. 80 ms of G.711
# fit into a slot. 11 cache lines, an odd number, so that columns of headers do not all fall into
# the same sets of a cache.
SLOTS: Final = 2048
SLOT_SIZE: Final = 704
# Ordinary packets between two counts: numbers only.
LOG_SIZE: Final = 8192
# The owner of a slot is a row, or this and the place of its ordinary packet in the log.
LOGGED: Final = 1 << 16
PACKET: Final = 172

# An epoll_event in 32-bit words, without a gap on Intel's. Where the descriptor stands in it.
_IS_PACKED: Final = platform.machine() in ("x86_64", "i686", "i586")
EVENT: Final = 3 if _IS_PACKED else 4
DESCRIPTOR: Final = 1 if _IS_PACKED else 2

# What the loop knows of a descriptor: one record, a cache line of 64-bit words.
RECORD: Final = 8
ROW: Final = 0  # whose packets they are
KEY: Final = 1  # what an ordinary packet shows: key_of, or NEVER
OUT: Final = 2  # the descriptor that it goes on to, or NOBODY, or ELSEWHERE, or from SEALED down
KEY_OUT: Final = 3  # and what it shows then
SHIFTS: Final = 4  # of its sequence (the lower 16 bits) and its timestamp: shifts_of
OPEN: Final = 5  # the session that opens what is read here, or PLAIN, or UNREAD
SEAL: Final = 6  # the session that seals what is sent here, or PLAIN
HIGH: Final = 7  # the upper octet of the last number that was opened; of another one one is told

_PLAIN: Final = 0x8000  # version 2, nothing else; the payload type is added
UNREAD: Final = -1  # not by the loop: the caller reads it, if anybody does
NEVER: Final = -1
NOBODY: Final = -1
ELSEWHERE: Final = -2  # the caller sends it
# This less a descriptor: sealed by that one's session. So a plain packet needs no look at the
# record of where it goes.
SEALED: Final = -3
PLAIN: Final = 0
NOTHING: Final = -1
# Of nobody: not read, and nothing in it leads anywhere.
BLANK: Final = (0, NEVER, NOBODY, 0, 0, UNREAD, PLAIN, NOTHING)
# A tag of AES-GCM is the longest. What is behind the last full slot is free, so it has room.
TAG: Final = 16

# Where the loop stands: `state`.
COUNT: Final = 0  # events that are ready
AT: Final = 1  # and the next one
LIMIT: Final = 2  # records that there are
KEPT: Final = 3  # slots that are full
LOGGED_COUNT: Final = 4
SLOT: Final = 5  # of the packet that the caller is told of
SIZE: Final = 6
READ: Final = 7  # octets that the caller has read into the slot, of the last event, or NOTHING
# And how it waits. Times are nanoseconds of the monotonic clock.
POLL: Final = 8  # the epoll that is looked at
MOST: Final = 9  # events that there is room for
UNTIL: Final = 10  # when it is time for the caller
AWAITED: Final = 11  # the descriptor that ends a wait, or NOBODY: naps
NOW: Final = 12  # when it looked last: what is ready arrived then
TALKERS: Final = 13  # that there are
GATHERED: Final = 14  # events that were found since the caller set it to 0
STATE: Final = 15

# Under load it naps, so that one wake-up finds many packets: a wake-up costs as much as a packet. A
# fifth of what comes in 20 ms is then found at once; 2 ms of delay in the mean, and 4 at most.
NAP: Final = 4_000_000
# A packet that comes when we have just looked waits for our work, a nap, and its turn in the next
# work: naps are shortened so that all of it stays below 5 ms, down to what still finds company.
LONGEST_DELAY: Final = 4_500_000
SHORTEST_NAP: Final = 500_000
# With so few talkers a wake-up that finds half of them means nothing.
FEW_TALKERS: Final = 20

# What the caller is told.
DONE: Final = 0  # all that was ready is handled, and it is time
FULL: Final = 1  # no room for the next packet
NO_TALKER: Final = 2  # the descriptor of the last event is not the loop's to read
UNUSUAL: Final = 3  # the packet in the slot, of the last event, is no ordinary one
SEND: Final = 4  # the packet in the slot is to be sent on by the caller
STEPPED: Final = 5  # the packet in the next slot has another HIGH; the loop goes on with it


def key_of(payload_type: int, ssrc: int) -> int:
    """What a header without marker, extension and the like shows, as it stands in memory."""
    first, source = struct.pack(">H", _PLAIN | payload_type), struct.pack(">I", ssrc)
    return int.from_bytes(first, sys.byteorder) << 32 | int.from_bytes(source, sys.byteorder)


def shifts_of(sequence: int, timestamp: int) -> int:
    """By how much both numbers grow, in one word."""
    return (timestamp & 0xFFFFFFFF) << 16 | sequence & 0xFFFF


def readdress(
    record: int,
    at: int,
    sequence: int,
    timestamp: int,
    records: memoryview,
    halves: memoryview,
    words: memoryview,
) -> None:
    """The header of an ordinary packet, as the stream that it goes on in has it."""
    key = records[record + KEY_OUT]
    halves[at >> 1] = key >> 32
    shifts = records[record + SHIFTS]
    halves[(at >> 1) + 1] = htons(sequence + shifts & 0xFFFF)
    words[(at >> 2) + 1] = htonl(timestamp + (shifts >> 16) & 0xFFFFFFFF)
    words[(at >> 2) + 2] = key & 0xFFFFFFFF


def take(
    descriptor: int,
    slot: int,
    system: memoryview,
    records: memoryview,
    forged: memoryview,
    octets: memoryview,
    lengths: memoryview,
) -> int:
    """One packet into a free slot, opened if it is sealed; its plain size, or NOTHING: none came,
    an ICMP error about a packet of ours did, or one that was made without the key.
    """
    record, at = descriptor * RECORD, slot * SLOT_SIZE
    session = records[record + OPEN]
    if session == PLAIN:
        return receive(system, descriptor, octets, at, SLOT_SIZE)
    size = receive(system, descriptor, octets, at, SLOT_SIZE + TAG)
    if size < 0:
        return NOTHING
    lengths[slot] = size
    if unseal(system, session, octets, at, lengths, slot) != 0:
        forged[records[record + ROW]] += 1
        return NOTHING
    return lengths[slot]


def has_stepped(record: int, slot: int, records: memoryview, octets: memoryview) -> int:
    """Whether a packet that was opened is to be told of (media/srtp.py counts the rounds)."""
    high = octets[slot * SLOT_SIZE + 2]
    if records[record + OPEN] == PLAIN or records[record + HIGH] == high:
        return 0
    records[record + HIGH] = high
    return 1


def send_sealed(
    out: int,
    at: int,
    place: int,
    system: memoryview,
    records: memoryview,
    octets: memoryview,
    lengths: memoryview,
) -> None:
    """An ordinary packet, sealed where it stands: nothing else may leave by that descriptor."""
    descriptor = SEALED - out
    session = records[descriptor * RECORD + SEAL]
    if session == PLAIN:
        return
    lengths[place] = PACKET
    if seal(system, session, octets, at, lengths, place) == 0:
        transmit(system, descriptor, octets, at, lengths[place])


def pass_on(
    record: int, slot: int, size: int, system: memoryview, records: memoryview,
    heard: memoryview, octets: memoryview, halves: memoryview, words: memoryview,
    owners: memoryview, lengths: memoryview, log_halves: memoryview, log_words: memoryview,
    state: memoryview,
) -> int:  # fmt: skip
    """A packet that stands in the next free slot. DONE, UNUSUAL or SEND."""
    at = slot * SLOT_SIZE
    key = halves[at >> 1] << 32 | words[(at >> 2) + 2]
    if key != records[record + KEY] or size != PACKET:
        state[SIZE] = size
        return UNUSUAL
    sequence, timestamp = ntohs(halves[(at >> 1) + 1]), ntohl(words[(at >> 2) + 1])
    row, place = records[record + ROW], state[LOGGED_COUNT]
    log_halves[place * 4] = row
    log_halves[place * 4 + 1] = sequence
    log_words[place * 2 + 1] = timestamp
    state[LOGGED_COUNT] = place + 1
    if heard[row] != 0:
        owners[slot] = place | LOGGED
        state[KEPT] = slot + 1
    out = records[record + OUT]
    if out == NOBODY:
        return DONE
    readdress(record, at, sequence, timestamp, records, halves, words)
    if out == ELSEWHERE:
        state[SLOT] = slot
        return SEND
    if out > SEALED:
        transmit(system, out, octets, at, PACKET)
        return DONE
    free = state[KEPT]  # behind what is kept there is always one
    if free != slot:
        copy(system, octets, free * SLOT_SIZE, octets, at, PACKET)
    send_sealed(out, free * SLOT_SIZE, free, system, records, octets, lengths)
    return DONE


def come_back(events: memoryview, system: memoryview, state: memoryview) -> int:
    """Waits for company, and looks who is ready; 0: it is time for the caller."""
    now = clock(system)
    rest = state[UNTIL] - now
    if rest <= 0:
        return 0
    # A nap finds a fifth of the talkers ready; if it is half of them, packets wait in line.
    if 2 * state[COUNT] <= state[TALKERS] or state[TALKERS] <= FEW_TALKERS:
        if state[AWAITED] == NOBODY:
            nap = max(SHORTEST_NAP, LONGEST_DELAY - 2 * (now - state[NOW]))
            rest = min(rest, NAP, nap)
        wait(system, state[AWAITED], rest)
    count = max(0, look(system, state[POLL], events, state[MOST]))
    state[NOW] = clock(system)
    state[COUNT], state[AT] = count, 0
    state[GATHERED] += count
    return 1


def pump(
    events: memoryview, system: memoryview, records: memoryview, heard: memoryview,
    forged: memoryview, octets: memoryview, halves: memoryview, words: memoryview,
    owners: memoryview, lengths: memoryview, kept_at: memoryview, log_halves: memoryview,
    log_words: memoryview, logged_at: memoryview, state: memoryview,
) -> int:  # fmt: skip
    """Goes on from state[AT]; DONE when all events are handled and state[UNTIL] has come."""
    told, size, slot, record = DONE, state[READ], state[KEPT], 0
    if size >= 0:
        state[READ] = NOTHING
        record = events[(state[AT] - 1) * EVENT + DESCRIPTOR] * RECORD
    while told == DONE:
        if size >= 0:
            kept_at[slot] = logged_at[state[LOGGED_COUNT]] = state[NOW]
            told = pass_on(
                record, slot, size, system, records, heard, octets, halves, words, owners,
                lengths, log_halves, log_words, state,
            )  # fmt: skip
            size = NOTHING
        elif state[AT] == state[COUNT]:
            if come_back(events, system, state) == 0:
                break
        elif state[KEPT] == SLOTS or state[LOGGED_COUNT] == LOG_SIZE:
            told = FULL
        else:
            descriptor, slot = events[state[AT] * EVENT + DESCRIPTOR], state[KEPT]
            state[AT] += 1
            record = descriptor * RECORD
            if descriptor >= state[LIMIT] or records[record + OPEN] == UNREAD:
                told = NO_TALKER
                break
            size = take(descriptor, slot, system, records, forged, octets, lengths)
            if size >= 0 and has_stepped(record, slot, records, octets) != 0:
                state[READ], told = size, STEPPED
    return told
