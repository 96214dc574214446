"""Keys in and out: repeats, losses, late packets, long presses; what we send is what we hear."""

import pytest

from media.dtmf import (
    MAX_DURATION,
    MISSING_END_SECONDS,
    Digit,
    DigitReceiver,
    DigitSender,
    TelephoneEvent,
    build_event,
    parse_event,
)


def payload(event: int, duration: int, end: bool = False) -> bytes:
    return build_event(TelephoneEvent(event, end, 10, duration))


def press(event: int, steps: int = 5) -> list[bytes]:
    growing = [payload(event, 160 * (step + 1)) for step in range(steps - 1)]
    return growing + [payload(event, 160 * steps, end=True)] * 3


def hear(packets: list[tuple[bytes, int]], receiver: DigitReceiver | None = None) -> list[Digit]:
    receiver = receiver or DigitReceiver()
    heard: list[Digit] = []
    for index, (data, timestamp) in enumerate(packets):
        heard += receiver.receive(data, timestamp, index * 0.02)
    return heard


def at(timestamp: int, packets: list[bytes]) -> list[tuple[bytes, int]]:
    return [(data, timestamp) for data in packets]


def test_wire_format() -> None:
    """RFC 4733 2.3: event, E R volume, duration."""
    assert payload(11, 400, end=True) == b"\x0b\x8a\x01\x90"
    assert parse_event(b"\x0b\x8a\x01\x90") == TelephoneEvent(11, True, 10, 400)
    assert parse_event(b"\x0b\x8a\x01") is None


def test_all_keys() -> None:
    for event, digit in enumerate("0123456789*#ABCD"):
        assert hear(at(1000, press(event))) == [Digit(digit, 100)]


def test_other_events_are_not_digits() -> None:
    for event in (16, 32, 36, 255):
        assert hear(at(1000, press(event))) == []


def test_one_digit_once_by_timestamp() -> None:
    assert hear(at(1000, press(5) * 3)) == [Digit("5", 100)]


def test_the_same_key_twice_is_two_digits() -> None:
    assert hear(at(1000, press(5)) + at(3000, press(5))) == [Digit("5", 100), Digit("5", 100)]


def test_any_single_loss_changes_nothing() -> None:
    whole = at(1000, press(5)) + at(3000, press(6))
    for lost in range(len(whole)):
        heard = hear(whole[:lost] + whole[lost + 1 :])
        assert [digit.digit for digit in heard] == ["5", "6"], lost


def test_only_an_end_packet_is_enough() -> None:
    assert hear(at(1000, press(7)[-1:])) == [Digit("7", 100)]


def test_missing_end_by_time_out() -> None:
    receiver = DigitReceiver()
    assert hear(at(1000, press(8)[:4]), receiver) == []
    assert receiver.pressed == "8"
    assert receiver.deadline == pytest.approx(0.06 + MISSING_END_SECONDS)
    assert receiver.tick(0.1) == ()
    assert receiver.tick(0.06 + MISSING_END_SECONDS) == (Digit("8", 80),)
    assert receiver.pressed is None
    assert receiver.deadline is None
    assert receiver.receive(press(8)[-1], 1000, 1.0) == ()


def test_missing_end_by_the_next_press() -> None:
    packets = at(1000, press(1)[:3]) + at(3000, press(2)[-1:])
    assert hear(packets) == [Digit("1", 60), Digit("2", 100)]


def test_late_packets_of_an_earlier_press_are_nothing() -> None:
    packets = [*at(1000, press(1)), *at(3000, press(2)[:2]), *at(1000, press(1)[-1:])]
    packets += at(3000, press(2)[2:])
    assert hear(packets) == [Digit("1", 100), Digit("2", 100)]


def test_reordered_within_a_press() -> None:
    first, *rest = press(3)
    assert hear(at(1000, [rest[0], first, *rest[1:]])) == [Digit("3", 100)]


def test_timestamps_over_the_wrap() -> None:
    packets = at(2**32 - 200, press(4)) + at(1600, press(5)) + at(2**32 - 200, press(4)[-1:])
    assert hear(packets) == [Digit("4", 100), Digit("5", 100)]


def test_a_sender_that_begins_anew_is_heard() -> None:
    """A far jump back is another stream, not a late packet."""
    assert len(hear(at(1_000_000, press(4)) + at(500, press(5)))) == 2


def test_reset_at_a_new_source() -> None:
    receiver = DigitReceiver()
    assert hear(at(5000, press(4)[:2]), receiver) == []
    assert receiver.reset() == (Digit("4", 40),)
    assert hear(at(4000, press(5)), receiver) == [Digit("5", 100)]


def test_a_long_press_in_segments_is_one_digit() -> None:
    """RFC 4733 2.5.1.3."""
    first = [payload(9, MAX_DURATION - 100), payload(9, MAX_DURATION)]
    second = [payload(9, 160), payload(9, 320, end=True)]
    heard = hear(at(1000, first) + at(1000 + MAX_DURATION, second))
    assert heard == [Digit("9", (MAX_DURATION + 320) // 8)]


def test_bad_payloads_are_ignored() -> None:
    receiver = DigitReceiver()
    for data in (b"", b"\x01", b"\xff\xff\xff\xff", b"\x10\x00\x00\x00"):
        assert receiver.receive(data, 1, 0.0) == ()
    assert receiver.pressed is None


def test_sender_schedule() -> None:
    sender = DigitSender(duration_ms=100, gap_ms=80)
    sender.push("5")
    steps = [sender.step(8000 + 160 * index) for index in range(10)]
    packets = [packet for packet in steps if packet is not None]
    assert steps[7:] == [None, None, None]
    assert not sender.is_busy
    assert [packet.marker for packet in packets] == [True] + [False] * 6
    assert {packet.timestamp for packet in packets} == {8000}
    events = [parse_event(packet.payload) for packet in packets]
    assert [event.duration for event in events if event] == [160, 320, 480, 640, 800, 800, 800]
    assert [event.is_end for event in events if event] == [False] * 4 + [True] * 3


def test_sender_is_busy_through_the_gap() -> None:
    sender = DigitSender(duration_ms=40, gap_ms=100)
    sender.push("1")
    busy = []
    for index in range(8):
        sender.step(index * 160)
        busy.append(sender.is_busy)
    assert busy == [True] * 6 + [False] * 2


@pytest.mark.parametrize(("duration", "gap"), [(160, 80), (40, 0), (1, 1), (100, 45)])
def test_what_is_sent_is_heard_also_with_loss(duration: int, gap: int) -> None:
    for lose_each in (0, 2, 3):
        sender, receiver = DigitSender(duration, gap), DigitReceiver()
        heard: list[Digit] = []
        sender.push("0123456789*#abcd")
        for index in range(400):
            packet = sender.step(2**32 - 1000 + index * 160 & 0xFFFFFFFF)
            now = index * 0.02
            heard += receiver.tick(now)
            if packet is not None and not (lose_each and index % lose_each == 0):
                heard += receiver.receive(packet.payload, packet.timestamp, now)
        assert "".join(digit.digit for digit in heard) == "0123456789*#ABCD"
        assert not sender.is_busy
        if not lose_each:
            assert {digit.duration_ms for digit in heard} == {max(20, duration // 20 * 20)}


def test_sender_refuses_what_is_not_a_key() -> None:
    sender = DigitSender()
    with pytest.raises(ValueError, match="'x'"):
        sender.push("12x")
    assert not sender.is_busy
    assert sender.step(0) is None
