"""The packet loop: compiled and interpreted do the same, octet for octet, whatever comes."""

from collections.abc import Iterator
from time import monotonic_ns

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from media.native.functions import Interpreted, Loops
from media.native.load import Compiled
from media.native.pump import (
    AT,
    COUNT,
    DONE,
    ELSEWHERE,
    FEW_TALKERS,
    FULL,
    GATHERED,
    KEPT,
    LIMIT,
    LOG_SIZE,
    LOGGED_COUNT,
    NO_TALKER,
    NOBODY,
    NOTHING,
    NOW,
    READ,
    SEND,
    SHORTEST_NAP,
    SIZE,
    SLOT,
    SLOTS,
    TALKERS,
    UNTIL,
    UNUSUAL,
)
from tests.media.native.bench import PLAIN, ROW, Bench, pair

# Below, at and above every length that is looked at, and more than a slot holds.
HOSTILE = (0, 1, 11, 12, 13, 171, 172, 173, 703, 704, 705, 1400)
WHILE, LONG = 5_000_000, 120_000_000_000
"""Nanoseconds: what a wait takes at least; and what none takes that something ends."""


@pytest.fixture
def bench(loops: Loops) -> Iterator[Bench]:
    one = Bench(loops)
    yield one
    one.close()


def packet(payload: bytes = b"\xd5" * 160, head: bytes = PLAIN) -> bytes:
    return head + payload


def test_an_ordinary_packet_goes_on_with_its_new_header(bench: Bench) -> None:
    bench.arm(bench.out.fileno(), (0x20, 0x200))
    told, sent = bench.feed(packet())
    assert told == DONE
    # Both numbers wrap.
    assert sent == bytes([0x80, 0, 0, 0x10, 0, 0, 1, 0, 0xFF, 0xEE, 0xDD, 0xCC]) + b"\xd5" * 160
    logged, kept = bench.arena.take()
    entry = logged.rows[0], logged.sequences[0], logged.timestamps[0]
    assert entry == (ROW, 0xFFF0, 0xFFFFFF00) and not kept.owners.size


def test_shifts_may_be_below_zero(bench: Bench) -> None:
    bench.arm(bench.out.fileno(), (-0x18000, -(1 << 33)))
    _, sent = bench.feed(packet())
    assert sent is not None and sent[2:8] == bytes([0x7F, 0xF0, 0xFF, 0xFF, 0xFF, 0])


def test_its_octets_are_kept_if_they_are_heard(bench: Bench) -> None:
    bench.arm(NOBODY)
    bench.heard[ROW] = 1
    assert bench.feed(packet(bytes(range(160)))) == (DONE, None)
    _, kept = bench.arena.take()
    assert kept.packets[0, 12:172].tobytes() == bytes(range(160))


def test_what_only_python_can_send_is_handed_over_ready(bench: Bench) -> None:
    bench.arm(ELSEWHERE, (0, 0))
    bench.heard[ROW] = 1
    assert bench.feed(packet()) == (SEND, None)
    slot = bench.arena.views[bench.arena.state[SLOT]]
    assert bytes(slot[:12]) == bytes([0x80, 0]) + PLAIN[2:8] + b"\xff\xee\xdd\xcc"


@pytest.mark.parametrize("size", HOSTILE)
def test_no_other_length_goes_on(bench: Bench, size: int) -> None:
    bench.arm(bench.out.fileno())
    assert bench.feed(packet())[0] == DONE  # what lies in the slot already is ordinary
    told, sent = bench.feed((PLAIN + bytes(1400))[:size])
    assert (told, sent is not None) == ((DONE, True) if size == 172 else (UNUSUAL, False))
    if told == UNUSUAL:
        assert bench.arena.state[SIZE] == min(size, 704)
        assert bench.arena.logged == 1


def test_another_source_type_marker_or_version_is_unusual(bench: Bench) -> None:
    bench.arm(bench.out.fileno())
    for place in (0, 1, 8, 9, 10, 11):
        for bit in range(8):
            head = bytearray(PLAIN)
            head[place] ^= 1 << bit
            assert bench.feed(packet(head=bytes(head))) == (UNUSUAL, None)


@pytest.mark.parametrize("size", HOSTILE)
def test_what_python_has_read_goes_the_same_way(bench: Bench, size: int) -> None:
    bench.let_python_read()
    bench.arm(bench.out.fileno())
    told, sent = bench.feed((PLAIN + bytes(1400))[:size])
    assert (told, sent is not None) == ((DONE, True) if size == 172 else (UNUSUAL, False))
    assert bench.arena.state[READ] == NOTHING  # and not once more
    assert bench.run() == DONE


def test_a_record_that_is_not_armed_lets_nothing_pass(bench: Bench) -> None:
    for head in (PLAIN, bytes(12), b"\xff" * 12):
        assert bench.feed(packet(head=head)) == (UNUSUAL, None)


def test_whoever_is_no_talker_is_not_read(bench: Bench) -> None:
    bench.records.close(bench.near.fileno())
    assert bench.feed(packet()) == (NO_TALKER, None)
    assert bench.near.recv(2000) == packet()
    bench.records.open(bench.near.fileno(), ROW)
    assert bench.feed(packet()) == (NO_TALKER, None)
    assert bench.near.recv(2000) == packet()
    bench.records.admit(bench.near.fileno())
    bench.arena.state[LIMIT] = bench.near.fileno()
    assert bench.feed(packet()) == (NO_TALKER, None)


def test_without_room_nothing_is_read(bench: Bench) -> None:
    bench.arm(NOBODY)
    for place, full in ((KEPT, SLOTS), (LOGGED_COUNT, LOG_SIZE)):
        bench.arena.state[place] = full
        assert bench.feed(packet()) == (FULL, None)
        bench.arena.state[place] = 0
    assert bench.state()[-1] == 0 and bench.run() == DONE


def test_a_wake_up_for_nothing_and_a_far_side_that_is_gone(bench: Bench) -> None:
    bench.arm(bench.out.fileno())
    bench.other.close()
    for _ in range(3):  # the second one meets the ICMP error about the first
        assert bench.phone.send(packet()) == 172
        bench.ready.look(1000)
        bench.arena.state[COUNT], bench.arena.state[AT] = bench.ready.count, 0
        assert bench.run() == DONE
    bench.arena.state[AT] = 0
    assert bench.run() == DONE  # it is empty by now
    assert bench.arena.logged == 3
    bench.other, _ = pair()


@pytest.mark.parametrize("is_nap", [True, False])
def test_it_waits_and_goes_on_until_it_is_time(bench: Bench, is_nap: bool) -> None:
    bench.arm(bench.out.fileno())
    bench.heard[ROW] = 1
    bench.phone.send(packet())
    bench.phone.send(packet())
    state = bench.arena.state
    while state[GATHERED] < 2:  # nothing is looked at if it is too late already
        assert bench.serve(NOBODY if is_nap else bench.ready.fileno(), WHILE) == DONE
        assert monotonic_ns() >= state[UNTIL]
    assert [len(bench.other.recv(2000)) for _ in range(2)] == [172, 172]
    assert state[GATHERED] == bench.arena.logged == bench.arena.kept == 2
    assert state[AT] == state[COUNT]
    logged, kept = bench.arena.take()
    assert list(logged.arrivals) == list(kept.arrivals) == sorted(kept.arrivals)
    assert 0 < logged.arrivals[0] < logged.arrivals[1] <= state[NOW] / 1e9
    assert state[NOW] <= monotonic_ns()


def test_a_wait_ends_when_it_should(bench: Bench) -> None:
    """By a packet; by another one's descriptor, a packet or none; a nap by its time alone."""
    state = bench.arena.state
    bench.phone.send(packet())
    assert bench.serve(bench.ready.fileno(), LONG) == UNUSUAL
    assert state[NOW] < bench.began + LONG
    bench.phone.send(packet())
    bench.other.send(b"a command")
    assert bench.serve(bench.out.fileno(), LONG) == UNUSUAL
    assert state[NOW] < bench.began + LONG
    bench.out.recv(100)
    bench.phone.send(packet())
    told = DONE
    while told == DONE:  # one that is late waits no more
        told = bench.serve(bench.out.fileno(), WHILE)
    assert state[NOW] >= state[UNTIL]
    bench.phone.send(packet())
    assert bench.serve(NOBODY, LONG) == UNUSUAL
    assert bench.began + SHORTEST_NAP <= state[NOW] < bench.began + LONG


def test_whose_packets_wait_in_line_does_not_wait(bench: Bench) -> None:
    state = bench.arena.state
    state[TALKERS] = FEW_TALKERS + 1
    state[COUNT] = state[AT] = FEW_TALKERS // 2 + 1
    bench.phone.send(packet())
    assert bench.serve(bench.out.fileno(), LONG) == UNUSUAL  # which nobody writes to
    assert state[NOW] < bench.began + LONG


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.data())
def test_both_forms_do_the_same_property(compiled: Compiled, data: st.DataObject) -> None:
    benches = [Bench(Interpreted()), Bench(compiled)]
    shifts = data.draw(st.tuples(*[st.integers(-(1 << 40), 1 << 40)] * 2))
    way = data.draw(st.sampled_from(["out", NOBODY, ELSEWHERE]))
    head = st.one_of(st.just(PLAIN), st.binary(min_size=12, max_size=12))
    sizes = st.one_of(st.just(160), st.sampled_from([0, 159, 161, 692, 1000]))
    packets = data.draw(st.lists(st.tuples(head, sizes, st.integers(0, 255)), max_size=6))
    heard, is_read_before = data.draw(st.booleans()), data.draw(st.booleans())
    try:
        for bench in benches:
            if is_read_before:
                bench.let_python_read()
            bench.arm(bench.out.fileno() if way == "out" else int(way), shifts)
            bench.heard[ROW] = heard
        for first, size, filled in packets:
            one, other = (bench.feed(first + bytes([filled]) * size) for bench in benches)
            assert one == other
            assert benches[0].state() == benches[1].state()
        assert benches[0].traces() == benches[1].traces()
    finally:
        for bench in benches:
            bench.close()
