"""Whether a provider is there, in virtual time."""

import pytest

from softswitch.trunks.watch import ANSWER_WITHIN, WHILE_DOWN, Health, Watch


def ask(watch: Watch, limit: float = 1000.0) -> float:
    """The time of the next question."""
    while watch.deadline is not None and watch.deadline < limit:
        now = watch.deadline
        if watch.tick(now):
            return now
    raise AssertionError("nothing is asked")


def heard_once() -> Watch:
    watch = Watch(30.0, 0.0)
    assert ask(watch) == 0
    watch.answered(200, 0.5)
    return watch


@pytest.mark.parametrize("status", [200, 404, 405, 403, 500])
def test_any_answer_is_a_sign_of_life(status: int) -> None:
    watch = Watch(30.0, 0.0)
    ask(watch)
    watch.answered(status, 1.0)
    assert watch.health is Health.UP and ask(watch) == 31.0


def test_three_silences_within_seconds_and_back_at_once() -> None:
    watch = heard_once()
    times = [ask(watch) for _ in range(3)]
    assert times == [30.5, 30.5 + ANSWER_WITHIN, 30.5 + 2 * ANSWER_WITHIN]
    assert not watch.is_left_out
    again = ask(watch)
    assert watch.health is Health.DOWN and watch.is_left_out
    assert again == 30.5 + 3 * ANSWER_WITHIN + WHILE_DOWN
    watch.answered(200, again)
    assert watch.health is Health.UP and not watch.is_left_out


@pytest.mark.parametrize("status", [503, 408])
def test_no_service_is_no_life(status: int) -> None:
    watch = heard_once()
    for _ in range(3):
        watch.answered(status, ask(watch))
    assert watch.health is Health.DOWN


def test_one_answer_makes_good_for_two_silences() -> None:
    watch = heard_once()
    for _ in range(5):
        watch.silent(ask(watch))
        watch.silent(ask(watch))
        watch.answered(200, ask(watch))
    assert watch.health is Health.UP


def test_who_never_answers_questions_is_left_out_only_after_a_call_in_vain() -> None:
    watch = Watch(30.0, 0.0)
    for _ in range(3):
        watch.silent(ask(watch))
    assert watch.health is Health.DOWN and not watch.is_left_out
    watch.call_unanswered(50.0)
    assert watch.is_left_out
    watch.heard(60.0)
    assert not watch.is_left_out


def test_a_call_in_vain_asks_at_once() -> None:
    watch = heard_once()
    watch.call_unanswered(10.0)
    assert ask(watch) == 10.0


def test_of_many_servers_all_must_be_silent() -> None:
    watch = Watch(30.0, 0.0)
    watch.servers = 5
    for _ in range(4):
        watch.silent(ask(watch))
    assert watch.silences == 4 and watch.health.name == "UNKNOWN"
    watch.silent(ask(watch))
    assert watch.health is Health.DOWN


def test_nobody_is_asked_where_that_is_not_wanted() -> None:
    watch = Watch(None, 0.0)
    assert watch.deadline is None and not watch.tick(100.0)
    watch.call_unanswered(100.0)
    watch.heard(101.0)
    assert watch.deadline is None and not watch.is_left_out
