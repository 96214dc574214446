"""The packet loop on encrypted legs: what libsrtp does by Python's hand, octet for octet; and
nothing in the open, whatever is wrong.
"""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pylibsrtp import Error, Policy, Session

from media.native.functions import Interpreted, Loops
from media.native.load import Compiled
from media.native.pump import (
    AT,
    DONE,
    KEPT,
    NO_TALKER,
    NOBODY,
    NOTHING,
    READ,
    SEAL,
    SEALED,
    SIZE,
    SLOTS,
    STEPPED,
    UNUSUAL,
)
from tests.media.native import bench as benches
from tests.media.native.bench import OUT_SSRC, PLAIN, Bench

PROFILES = {
    Policy.SRTP_PROFILE_AES128_CM_SHA1_80: 10,
    Policy.SRTP_PROFILE_AES128_CM_SHA1_32: 4,
    Policy.SRTP_PROFILE_AEAD_AES_128_GCM: 16,
    Policy.SRTP_PROFILE_AEAD_AES_256_GCM: 16,
}
CM_80 = Policy.SRTP_PROFILE_AES128_CM_SHA1_80
VOICE = bytes(range(160))


def session(key: int, kind: int, profile: int = CM_80) -> Session:
    return Session(Policy(bytes([key]) * 44, kind, srtp_profile=profile))


class SealedBench(Bench):
    """Either side has its key; the far phones are pylibsrtp's."""

    def __init__(self, loops: Loops, profile: int = CM_80) -> None:
        super().__init__(loops)
        self.profile = profile
        self.tx = session(1, Policy.SSRC_ANY_OUTBOUND, profile)
        self.rx = session(2, Policy.SSRC_ANY_INBOUND, profile)
        self.reopen(session(2, Policy.SSRC_ANY_OUTBOUND, profile))
        self.listen()
        self.arm(self.way, (0, 0))
        self.steps: list[int] = []

    @property
    def way(self) -> int:
        return SEALED - self.out.fileno()

    def reopen(self, sealer: Session | None) -> None:
        self.records.close(self.out.fileno())
        self.records.open(self.out.fileno(), benches.ROW + 1, sealer)

    def listen(self) -> None:
        near = self.near.fileno()
        self.records.open(near, benches.ROW)
        self.records.admit(near, session(1, Policy.SSRC_ANY_INBOUND, self.profile))

    def feed(self, packet: bytes) -> tuple[int, bytes | None]:
        told, sent = super().feed(packet)
        if told != STEPPED:
            return told, sent
        self.steps.append(self.arena.views[self.arena.state[KEPT]][2])
        return self.run(), self.sent()

    def say(self, number: int, payload: bytes = VOICE) -> tuple[int, bytes | None]:
        return self.feed(self.tx.protect(packet(number, payload)))


def packet(number: int, payload: bytes = VOICE) -> bytes:
    return PLAIN[:2] + (number & 0xFFFF).to_bytes(2, "big") + PLAIN[4:] + payload


def readdressed(number: int, payload: bytes = VOICE) -> bytes:
    head = bytes([0x80, 0]) + (number & 0xFFFF).to_bytes(2, "big") + PLAIN[4:8]
    return head + OUT_SSRC.to_bytes(4, "big") + payload


@pytest.fixture
def bench(loops: Loops) -> Iterator[SealedBench]:
    one = SealedBench(loops)
    yield one
    one.close()


@pytest.mark.parametrize("profile", PROFILES)
def test_what_is_opened_goes_on_sealed_as_libsrtp_seals_it(loops: Loops, profile: int) -> None:
    bench = SealedBench(loops, profile)
    try:
        twin = session(2, Policy.SSRC_ANY_OUTBOUND, profile)
        for number in range(0xFFFC, 0x10004):
            told, sent = bench.say(number)
            assert told == DONE and sent == twin.protect(readdressed(number))
            assert sent is not None and len(sent) == 172 + PROFILES[profile]
            assert bench.rx.unprotect(sent) == readdressed(number)
        assert bench.arena.logged == 8 and not bench.arena.kept
    finally:
        bench.close()


def test_from_plain_to_sealed_and_from_sealed_to_plain(bench: SealedBench) -> None:
    bench.records.open(bench.near.fileno(), benches.ROW)
    bench.records.admit(bench.near.fileno())
    bench.arm(bench.way, (0, 0))
    told, sent = bench.feed(packet(7))
    assert told == DONE and sent is not None and bench.rx.unprotect(sent) == readdressed(7)
    bench.listen()
    bench.reopen(None)
    bench.arm(bench.out.fileno(), (0, 0))
    assert bench.say(8) == (DONE, readdressed(8))


def test_what_is_heard_stays_as_it_was_opened(bench: SealedBench) -> None:
    """Sealed is a copy of it, in the slot behind."""
    bench.heard[benches.ROW] = 1
    for number in range(3):
        payload = bytes([number]) * 160
        told, sent = bench.say(number, payload)
        assert told == DONE and sent is not None
        assert bench.rx.unprotect(sent) == readdressed(number, payload)
    _, kept = bench.arena.take()
    assert [row.tobytes()[12:172] for row in kept.packets] == [bytes([i]) * 160 for i in range(3)]


def test_the_last_slot_has_one_behind_it(bench: SealedBench) -> None:
    bench.heard[benches.ROW] = 1
    bench.arena.state[KEPT] = SLOTS - 1
    told, sent = bench.say(1)
    assert told == DONE and sent is not None and bench.rx.unprotect(sent) == readdressed(1)
    assert bench.arena.is_full
    assert bench.arena.views[SLOTS - 1][12:172] == VOICE


def test_what_is_plain_forged_cut_off_or_repeated_is_counted_and_no_more(
    bench: SealedBench,
) -> None:
    sealed = bench.tx.protect(packet(1))
    assert bench.feed(sealed)[1] is not None
    before = bench.arena.logged
    wrong = [sealed, packet(2), packet(2) + bytes(10), b"", b"\x80", sealed[:11], bytes(700)]
    other = bench.tx.protect(packet(3))
    wrong += [other[:-1], other + b"\0", other[:-1] + bytes([other[-1] ^ 1])]
    wrong += [other[:100] + bytes([other[100] ^ 1]) + other[101:]]
    for count, one in enumerate(wrong):
        assert bench.feed(one) == (DONE, None)
        assert bench.forged.tolist() == [0] * 5 + [count + 1] + [0] * 10
    assert bench.arena.logged == before and not bench.arena.kept
    assert bench.feed(other)[1] is not None  # and that one is still good


def test_nothing_plain_leaves_where_nothing_can_be_sealed(bench: SealedBench) -> None:
    """The record of where it goes is nobody's by now, or another one's."""
    bench.reopen(None)
    bench.arm(bench.way, (0, 0))
    assert bench.say(1) == (DONE, None)
    bench.records.words[bench.out.fileno(), SEAL] = 0
    assert bench.say(2) == (DONE, None)
    bench.records.close(bench.out.fileno())
    assert bench.say(3) == (UNUSUAL, None)  # nor is it ordinary any more


def test_one_number_is_sealed_once(bench: SealedBench) -> None:
    """The same key stream twice would betray both: libsrtp refuses it, and it is dropped."""
    assert bench.say(1)[1] is not None
    bench.arm(bench.way, (-1, 0))
    assert bench.say(2) == (DONE, None)
    told, sent = bench.say(3)
    assert told == DONE and sent is not None and bench.rx.unprotect(sent) == readdressed(2)


def test_each_upper_octet_of_the_numbers_is_told_once(bench: SealedBench) -> None:
    for number in (0x1FE, 0x1FF, 0x200, 0x201, 0x300, 0x2FF, 0x301):
        assert bench.say(number)[1] is not None
    assert bench.steps == [1, 2, 3, 2, 3]


def test_a_step_that_is_told_is_gone_on_with_once(bench: SealedBench) -> None:
    state = bench.arena.state
    bench.say(0x1FF)
    assert Bench.feed(bench, bench.tx.protect(packet(0x200))) == (STEPPED, None)
    assert state[READ] == 172
    assert bench.run() == DONE and state[READ] == NOTHING
    assert bench.run() == DONE and state[AT] == 1
    assert bench.arena.logged == 2
    assert bench.other.recv(2000)


@pytest.mark.parametrize("size", [0, 1, 159, 161, 640, 675, 682, 683, 690, 692])
@pytest.mark.parametrize("profile", PROFILES)
def test_what_is_not_ordinary_is_told_of_at_its_plain_size(
    loops: Loops, profile: int, size: int
) -> None:
    bench = SealedBench(loops, profile)
    try:
        bench.say(1)
        assert bench.say(2, bytes([7]) * size) == (UNUSUAL, None)
        assert bench.arena.state[SIZE] == 12 + size
        view = bench.arena.views[bench.arena.state[KEPT]]
        assert bytes(view[: 12 + size]) == packet(2, bytes([7]) * size)[:704]
    finally:
        bench.close()


def test_more_than_a_slot_holds_is_nothing(bench: SealedBench) -> None:
    for size in (703, 800, 1200):
        bench.say(size, bytes(size))
    assert bench.arena.logged == 0
    assert int(bench.forged.sum()) == 3  # cut off, it is not authentic


def test_only_who_is_admitted_is_read(bench: SealedBench) -> None:
    near = bench.near.fileno()
    bench.records.open(near, benches.ROW)
    bench.arm(NOBODY)
    sealed = bench.tx.protect(packet(1))
    assert bench.feed(sealed) == (NO_TALKER, None)
    assert bench.near.recv(2000) == sealed
    bench.records.admit(near, session(1, Policy.SSRC_ANY_INBOUND))
    bench.arm(NOBODY)
    assert bench.feed(sealed) == (DONE, None) and bench.arena.logged == 1


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.data())
def test_both_forms_do_the_same_to_sealed_packets_property(
    compiled: Compiled, data: st.DataObject
) -> None:
    profile = data.draw(st.sampled_from(list(PROFILES)))
    both = [SealedBench(form, profile) for form in (Interpreted(), compiled)]
    shifts = data.draw(st.tuples(*[st.integers(-(1 << 40), 1 << 40)] * 2))
    kinds = st.sampled_from(["good", "plain", "flipped", "cut", "again", "stranger"])
    sizes = st.one_of(st.just(160), st.sampled_from([0, 159, 161, 676, 690]))
    packets = data.draw(
        st.lists(st.tuples(kinds, st.integers(0, 0xFFFF), sizes, st.integers(0, 255)), max_size=8)
    )
    heard, last = data.draw(st.booleans()), b"\x80"
    tx = session(1, Policy.SSRC_ANY_OUTBOUND, profile)
    try:
        for bench in both:
            bench.arm(bench.way, shifts)
            bench.heard[benches.ROW] = heard
        for kind, number, size, filled in packets:
            plain = packet(number, bytes([filled]) * size)
            try:
                sealed = tx.protect(plain)
            except Error:  # the number was used
                continue
            wire = {"good": sealed, "plain": plain, "again": last, "cut": sealed[:-1]}.get(kind)
            if kind == "flipped":
                wire = sealed[:filled] + bytes([sealed[-1]]) + sealed[filled + 1 :]
            last = sealed
            one, other = (bench.feed(wire or bytes(filled)) for bench in both)
            assert one == other
            assert both[0].state() == both[1].state()
        assert both[0].traces() == both[1].traces()
        assert both[0].steps == both[1].steps
        assert both[0].forged.tolist() == both[1].forged.tolist()
    finally:
        for bench in both:
            bench.close()
