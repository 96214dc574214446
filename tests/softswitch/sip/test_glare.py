"""The pause after a 491 and the Retry-After of a 500."""

from __future__ import annotations

from softswitch.sip.glare import chance, delay_after_491, retry_after

TOKENS = [f"token{number}" for number in range(2000)]


def test_who_owns_the_call_id_waits_longer() -> None:
    ours = [delay_after_491(True, token) for token in TOKENS]
    theirs = [delay_after_491(False, token) for token in TOKENS]
    assert 2.1 <= min(ours) < 2.15 and 3.95 < max(ours) <= 4.0
    assert 0.0 <= min(theirs) < 0.05 and 1.95 < max(theirs) <= 2.0
    assert min(ours) > max(theirs)


def test_in_steps_of_ten_milliseconds() -> None:
    for token in TOKENS[:100]:
        hundredths = delay_after_491(True, token) * 100
        assert abs(hundredths - round(hundredths)) < 1e-6


def test_retry_after_is_0_to_10_seconds() -> None:
    assert {retry_after(token) for token in TOKENS} == set(range(11))


def test_the_same_token_the_same_number() -> None:
    assert chance("a", 1000) == chance("a", 1000)
    assert len({chance(token, 2**40) for token in TOKENS}) == len(TOKENS)
