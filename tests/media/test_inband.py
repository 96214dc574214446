"""Places with a pair of tones, joined into digits."""

from media.inband import LET_GO, NO_PAIR, ToneReceiver

FIVE, SIX = 5, 6


def digits(*places: int) -> list[tuple[str, int]]:
    receiver = ToneReceiver()
    found = [digit for place in places for digit in receiver.receive([place])]
    return [(digit.digit, digit.duration_ms) for digit in (*found, *receiver.release())]


def test_two_places_are_a_key_and_one_is_none() -> None:
    assert digits(FIVE, FIVE, *[NO_PAIR] * LET_GO) == [("5", 30)]
    assert digits(FIVE, NO_PAIR, FIVE, NO_PAIR, SIX) == []


def test_a_key_is_told_when_it_is_let_go() -> None:
    receiver = ToneReceiver()
    assert receiver.receive([FIVE] * 10) == ()
    assert receiver.pressed == "5"
    assert receiver.receive([NO_PAIR] * (LET_GO - 1)) == ()
    (digit,) = receiver.receive([NO_PAIR])
    assert (digit.digit, digit.duration_ms) == ("5", 110)
    assert receiver.pressed is None and receiver.is_idle


def test_a_short_interruption_does_not_part_a_key() -> None:
    assert digits(*[FIVE] * 5, *[NO_PAIR] * (LET_GO - 1), *[FIVE] * 5) == [("5", 150)]
    assert digits(*[FIVE] * 5, *[NO_PAIR] * LET_GO, *[FIVE] * 5) == [("5", 60), ("5", 60)]


def test_another_key_needs_no_pause() -> None:
    assert digits(*[FIVE] * 4, *[SIX] * 4) == [("5", 50), ("6", 50)]


def test_one_wrong_place_in_a_key_is_nothing() -> None:
    assert digits(*[FIVE] * 4, SIX, *[FIVE] * 4) == [("5", 100)]


def test_the_sixteen_keys() -> None:
    keys = [digits(pair, pair)[0][0] for pair in range(16)]
    assert "".join(keys) == "123A456B789C*0#D"
