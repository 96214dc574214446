"""Wrong passwords are answered ever later, for one device and for nobody else."""

from itertools import pairwise

import pytest

from softswitch.guard.credentials import (
    EARLY,
    FREE,
    INSTANCES,
    LONGEST_DELAY,
    MAX_TROUBLES,
    Credentials,
    Who,
)

OFFICE = "203.0.113.7"
HOUR, WEEK = 3_600.0, 7 * 86_400.0
WRONG = Who(OFFICE, "101", "<urn:uuid:old>")


def hammer(credentials: Credentials, who: Who, start: float, seconds: float, pause: float) -> int:
    """A phone that tries its old password for so long; how often it was looked at."""
    looked, now = 0, start
    while now < start + seconds:
        if credentials.may_try(who, 5060, now):
            looked += 1
            now += credentials.wrong(who, now)
        now += pause
    return looked


def test_the_delay_grows_to_a_minute() -> None:
    credentials, now, delays = Credentials(), 0.0, []
    for _ in range(FREE + 9):
        delays.append(credentials.wrong(WRONG, now))
        now += delays[-1] + 1
    assert delays[:FREE] == [0.0] * FREE
    assert delays[FREE:] == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    assert all(earlier <= later for earlier, later in pairwise(delays))


def test_the_right_password_clears_at_once() -> None:
    credentials = Credentials()
    for _ in range(20):
        credentials.wrong(WRONG, 0.0)
    assert credentials.may_try(WRONG, 5060, EARLY)  # somebody corrects it while it waits
    credentials.right(WRONG, 5060)
    assert credentials.wait(WRONG, EARLY) == 0.0
    assert credentials.wrong(WRONG, EARLY + 1) == 0.0
    assert credentials.is_quiet("198.51.100.1")


def test_guesses_sent_together_are_not_all_judged() -> None:
    credentials = Credentials()
    for _ in range(FREE + 7):
        credentials.wrong(WRONG, 0.0)
    judged = sum(credentials.may_try(WRONG, 5060, number / 500) for number in range(30_000))
    assert judged <= LONGEST_DELAY / EARLY + 1


def test_two_hundred_phones_and_one_with_an_old_password_for_a_week() -> None:
    """Nobody but the one phone is ever refused a look at its credentials."""
    credentials = Credentials()
    neighbours = [Who(OFFICE, str(200 + n), f"<urn:uuid:{n}>") for n in range(199)]
    same_user = Who(OFFICE, "101", "<urn:uuid:desk>")
    hour = 0.0
    while hour < WEEK:
        looked = hammer(credentials, WRONG, hour, 600.0, 0.1)
        assert looked <= 600 / EARLY + 30
        for who in (*neighbours, same_user):
            assert credentials.may_try(who, 5060, hour + 600)
            assert credentials.wait(who, hour + 600) == 0.0
            credentials.right(who, 5060)
        credentials.expire(hour + 600)
        hour += 12 * HOUR
    assert credentials.wrong(neighbours[0], WEEK) == 0.0  # its first mistake is free


def test_existing_and_unknown_users_are_treated_alike() -> None:
    """There is nothing to ask: the policy knows no users. The same tries have the same waits."""
    story = []
    for user in ("101", "no-such-user"):
        credentials, who, now, seen = Credentials(), Who(OFFICE, user, "x"), 0.0, []
        for _ in range(40):
            looked = credentials.may_try(who, 5060, now)
            delay = credentials.wrong(who, now) if looked else credentials.wait(who, now)
            seen.append((looked, delay))
            now += 3.7
        story.append(seen)
    assert story[0] == story[1]


def test_a_new_device_for_each_guess_gains_nothing() -> None:
    credentials = Credentials()
    free = sum(
        credentials.wrong(Who(OFFICE, "101", f"device {n}"), 0.0) == 0.0 for n in range(1000)
    )
    assert free <= INSTANCES + FREE
    # The phone that was right before is no part of it.
    good = Who("198.51.100.9", "101", "desk")
    credentials.right(good, 5060)
    for n in range(100):
        credentials.wrong(Who("198.51.100.9", "101", f"device {n}"), 0.0)
    assert credentials.may_try(good, 5060, 0.0) and credentials.wrong(good, 0.0) == 0.0


def test_who_copies_the_name_of_a_healthy_phone_does_not_stop_it() -> None:
    credentials, phone = Credentials(), Who(OFFICE, "101", "desk")
    credentials.right(phone, 5062)
    for _ in range(50):
        credentials.wrong(phone, 0.0)
    assert credentials.may_try(phone, 5062, 0.5)  # by the flow that was right before
    assert credentials.may_try(phone, 6000, EARLY) and not credentials.may_try(phone, 6000, EARLY)


def test_tables_are_bounded_and_forget() -> None:
    credentials = Credentials()
    for n in range(MAX_TROUBLES + 500):
        credentials.wrong(Who(f"10.0.{n >> 8}.{n & 255}", "101", "x"), float(n))
    used, bound = credentials.sizes()["guard wrong credentials"]
    assert used == bound == MAX_TROUBLES
    credentials.expire(MAX_TROUBLES + 500 + 2 * HOUR)
    assert credentials.sizes()["guard wrong credentials"][0] == 0
    assert credentials._devices == {} and credentials._addresses == {}


@pytest.mark.parametrize("pause", [HOUR + 1, 2 * HOUR])
def test_a_failure_now_and_then_is_always_the_first(pause: float) -> None:
    credentials = Credentials()
    assert all(credentials.wrong(WRONG, n * pause) == 0.0 for n in range(50))
