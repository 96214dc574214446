"""An account kept registered, in virtual time."""

import pytest

from softswitch.trunks.registration import (
    LONGEST_PAUSE,
    PATIENCE,
    REFUSED_PAUSE,
    Ask,
    Phase,
    Registration,
    Risk,
)

ASK = Ask(0, 600)


class Played:
    """A registration and a clock."""

    def __init__(self, servers: int = 1, chance: float = 0.5) -> None:
        self.now, self.chance = 1000.0, chance
        self.one = Registration(600, servers, lambda: self.chance, self.now)

    def asks(self, within: float = 10_000.0) -> Ask:
        """What is sent next, at its time."""
        end = self.now + within
        while self.one.deadline is not None and self.one.deadline <= end:
            self.now = max(self.now, self.one.deadline)
            ask = self.one.tick(self.now)
            if ask is not None:
                return ask
        raise AssertionError(f"nothing is asked within {within} s")


def registered(servers: int = 1, seconds: float = 600) -> Played:
    played = Played(servers)
    assert played.asks(0) == ASK
    played.one.granted(seconds, played.now)
    return played


@pytest.mark.parametrize(("chance", "after"), [(0.0, 300.0), (0.5, 390.0), (1.0, 480.0)])
def test_a_grant_is_refreshed_before_its_end_by_chance(chance: float, after: float) -> None:
    played = Played(chance=chance)
    assert played.asks(0) == ASK
    played.one.granted(600, played.now)
    assert played.one.valid_until == played.now + 600 and played.one.risk is None
    assert played.one.deadline == pytest.approx(played.now + after)
    assert played.one.tick(played.now + after - 1) is None
    assert played.asks() == ASK


def test_a_grant_of_nearly_nothing_is_no_storm() -> None:
    played = registered(seconds=1)
    begin = played.now
    played.asks()
    assert played.now - begin >= 5


def test_too_brief_is_asked_again_at_once_and_kept() -> None:
    played = Played()
    played.asks(0)
    assert played.one.too_brief(3600, played.now) == Ask(0, 3600)
    played.one.granted(3600, played.now)
    assert played.asks() == Ask(0, 3600)
    assert played.one.too_brief(60, played.now) is None  # less than we asked for: nonsense
    assert played.one.risk is Risk.REFUSED and played.one.error.startswith("423")


def test_silence_goes_to_the_next_server_and_then_waits_longer_and_longer() -> None:
    played = Played(servers=3, chance=1.0)
    begin = played.now
    assert [played.asks(PATIENCE).server for _ in range(3)] == [0, 1, 2]
    assert played.one.risk is None
    played.now += PATIENCE
    assert played.one.tick(played.now) is None
    assert played.one.risk is Risk.UNANSWERED and played.now - begin == 3 * PATIENCE
    pauses = []
    for _ in range(6):
        before = played.now
        assert played.asks().server == 0
        pauses.append(played.now - before)
        for _ in range(3):
            played.one.silent(played.now)
            if played.one.deadline == played.now:
                played.asks(0)
    assert pauses == [4, 8, 16, 32, LONGEST_PAUSE, LONGEST_PAUSE]


def test_it_stays_with_the_server_that_answers() -> None:
    played = Played(servers=2)
    assert played.asks(0).server == 0
    played.one.refused(503, "No", None, played.now)
    assert played.asks(0).server == 1
    played.one.granted(600, played.now)
    assert played.asks().server == 1
    assert played.one.risk is None


def test_a_lapsed_grant_is_seen_while_nobody_answers() -> None:
    played = registered(seconds=20)
    while played.one.valid_until is not None:
        played.asks(60)
    assert played.one.risk is Risk.UNANSWERED


@pytest.mark.parametrize("status", [401, 403, 404, 407, 606])
def test_a_refusal_by_name_is_not_repeated_for_minutes(status: int) -> None:
    played = Played()
    played.asks(0)
    played.one.refused(status, "No", None, played.now)
    begin = played.now
    assert played.one.risk is Risk.REFUSED and played.one.valid_until is None
    played.one.ask_again(played.now)  # what moved is no reason either
    played.asks()
    assert played.now - begin >= REFUSED_PAUSE * 0.9
    played.one.granted(600, played.now)
    assert played.one.risk is None and played.one.error == ""


@pytest.mark.parametrize(("said", "waits"), [(120.0, 120.0), (86400.0, 600.0)])
def test_retry_after_is_heeded_within_reason(said: float, waits: float) -> None:
    played = Played(servers=2, chance=1.0)
    played.asks(0)
    played.one.refused(503, "Later", said, played.now)
    begin = played.now
    played.asks()
    assert played.now - begin == pytest.approx(waits)


def test_what_moved_is_registered_at_once() -> None:
    played = registered()
    played.one.ask_again(played.now)
    assert played.asks(0) == ASK


def test_other_servers() -> None:
    played = registered(servers=2)
    played.one.serve_by(3, 1, played.now)  # ours is still there, at another place
    assert played.one.deadline != played.now and played.one.server == 1
    played.one.serve_by(2, None, played.now)
    assert played.asks(0) == Ask(0, 600)


def test_a_name_that_leads_nowhere_and_then_somewhere() -> None:
    played = Played(servers=0)
    assert played.one.tick(played.now) is None
    assert played.one.risk is Risk.UNANSWERED and played.one.phase is Phase.RESTING
    played.one.serve_by(1, None, played.now)
    assert played.asks(0) == ASK


def test_a_late_grant_counts() -> None:
    played = Played()
    played.asks(0)
    played.now += PATIENCE
    played.one.tick(played.now)
    assert played.one.risk is Risk.UNANSWERED
    played.one.granted(600, played.now + 1)
    assert played.one.risk is None and played.one.valid_until is not None


def test_leaving() -> None:
    played = registered()
    assert played.one.leave(played.now) == Ask(0, 0)
    assert played.one.deadline == played.now + PATIENCE
    played.one.granted(0, played.now)
    assert played.one.phase is Phase.GONE and played.one.deadline is None


def test_leaving_is_not_waited_for_for_ever() -> None:
    played = registered()
    played.one.leave(played.now)
    assert played.one.tick(played.now + PATIENCE) is None
    assert played.one.phase is Phase.GONE


def test_who_is_not_registered_has_nothing_to_take_away() -> None:
    played = Played()
    assert played.one.leave(played.now) is None and played.one.phase is Phase.GONE
