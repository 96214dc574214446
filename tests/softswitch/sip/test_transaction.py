"""The tables of RFC 3261 section 17, walked through in virtual time."""

from __future__ import annotations

from math import inf

import pytest

from softswitch.sip.machines import (
    CLIENT_INVITE,
    CLIENT_PLAIN,
    MACHINES,
    SERVER_INVITE,
    SERVER_PLAIN,
    Action,
    End,
    Input,
    Machine,
    Repeat,
    State,
)
from softswitch.sip.transaction import (
    RINGING_REFRESH,
    MachinePlan,
    TimerConfig,
    Transaction,
    TransactionKey,
)

TIMERS = TimerConfig()
KEY = TransactionKey("client", "INVITE", "z9hG4bK1", "")


def start(machine: Machine, reliable: bool = False, timers: TimerConfig = TIMERS) -> Transaction:
    return Transaction(KEY, MachinePlan.of(machine, timers, reliable), 0.0)


def let_pass(transaction: Transaction, until: float) -> list[tuple[float, Action]]:
    """Call `expire` each time it is due; what came of it, and when."""
    happened = []
    while transaction.due <= until:
        now = transaction.due
        happened += [(now, action) for action in transaction.expire(now)]
    return happened


def sendings(happened: list[tuple[float, Action]]) -> list[float]:
    return [when for when, action in happened if action is Action.SEND]


@pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: machine.name)
def test_each_state_can_be_reached_and_left(machine: Machine) -> None:
    reached = {machine.start}
    for row in machine.rows.values():
        reached |= {transition.state for transition in row.on.values()}
    assert reached == {*machine.rows, State.TERMINATED}
    for state, row in machine.rows.items():
        assert any(transition.state is not state for transition in row.on.values())


@pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: machine.name)
def test_each_clock_has_a_transition(machine: Machine) -> None:
    for state, row in machine.rows.items():
        if row.repeat is not Repeat.NEVER:
            assert Input.REPEAT in row.on, state
        if row.end is not End.NEVER:
            assert Input.END in row.on, state


@pytest.mark.parametrize("reliable", [False, True], ids=["udp", "tcp"])
@pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: machine.name)
def test_any_input_in_any_state_is_harmless(machine: Machine, reliable: bool) -> None:
    for first in Input:
        for second in Input:
            for third in Input:
                transaction = start(machine, reliable)
                for now, event in enumerate((first, second, third)):
                    transaction.step(event, float(now))
                assert transaction.due > 0
                assert transaction.is_terminated == (transaction.state is State.TERMINATED)
                if transaction.is_terminated:
                    assert transaction.due == inf
                    assert transaction.step(Input.REQUEST, 9.0) == ()


class TestClientInvite:
    def test_timer_a_doubles_until_timer_b(self) -> None:
        transaction = start(CLIENT_INVITE)
        happened = let_pass(transaction, 100)
        assert sendings(happened) == [0.5, 1.5, 3.5, 7.5, 15.5, 31.5]
        assert happened[-1] == (32.0, Action.TIMED_OUT)
        assert transaction.is_terminated

    def test_over_tcp_nothing_is_repeated(self) -> None:
        assert let_pass(start(CLIENT_INVITE, reliable=True), 100) == [(32.0, Action.TIMED_OUT)]

    def test_ringing_has_no_clock(self) -> None:
        transaction = start(CLIENT_INVITE)
        assert transaction.step(Input.PROVISIONAL, 0.1) == (Action.DELIVER,)
        assert transaction.due == inf

    def test_a_cancelled_one_is_bounded_from_outside(self) -> None:
        transaction = start(CLIENT_INVITE)
        transaction.step(Input.PROVISIONAL, 0.1)
        transaction.end_in(32.0, 1.0)
        transaction.step(Input.PROVISIONAL, 2.0)
        assert let_pass(transaction, 100) == [(33.0, Action.TIMED_OUT)]

    @pytest.mark.parametrize("rings", [False, True])
    def test_a_failure_is_acknowledged_each_time_and_delivered_once(self, rings: bool) -> None:
        transaction = start(CLIENT_INVITE)
        if rings:
            transaction.step(Input.PROVISIONAL, 0.5)
        assert transaction.step(Input.FAILURE, 1) == (Action.ACKNOWLEDGE, Action.DELIVER)
        assert transaction.step(Input.FAILURE, 2) == (Action.ACKNOWLEDGE,)
        assert transaction.step(Input.PROVISIONAL, 3) == ()
        assert transaction.step(Input.SUCCESS, 3) == ()
        assert transaction.due == 33.0  # timer D, from the first one
        assert let_pass(transaction, 100) == []
        assert transaction.is_terminated

    def test_timer_d_is_32_seconds_even_with_a_short_t1(self) -> None:
        transaction = start(CLIENT_INVITE, timers=TimerConfig(t1=0.01))
        transaction.step(Input.FAILURE, 1)
        assert transaction.due == 33.0

    def test_over_tcp_a_failure_ends_it_at_once(self) -> None:
        transaction = start(CLIENT_INVITE, reliable=True)
        assert transaction.step(Input.FAILURE, 1) == (Action.ACKNOWLEDGE, Action.DELIVER)
        assert transaction.is_terminated

    @pytest.mark.parametrize("reliable", [False, True])
    def test_accepted_takes_every_2xx_until_timer_m(self, reliable: bool) -> None:
        transaction = start(CLIENT_INVITE, reliable)
        for now in (1, 2, 20):
            assert transaction.step(Input.SUCCESS, now) == (Action.DELIVER,)
        assert transaction.state is State.ACCEPTED
        assert transaction.step(Input.FAILURE, 21) == ()
        assert transaction.due == 33.0
        assert let_pass(transaction, 100) == []

    def test_a_broken_transport_is_told(self) -> None:
        assert start(CLIENT_INVITE).step(Input.BROKEN, 1) == (Action.NOT_CARRIED,)


class TestClientPlain:
    def test_timer_e_doubles_to_t2_until_timer_f(self) -> None:
        happened = let_pass(start(CLIENT_PLAIN), 100)
        assert sendings(happened) == [0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5]
        assert happened[-1] == (32.0, Action.TIMED_OUT)

    def test_in_proceeding_each_repeat_waits_t2_and_timer_f_runs_on(self) -> None:
        transaction = start(CLIENT_PLAIN)
        transaction.step(Input.PROVISIONAL, 0.2)
        happened = let_pass(transaction, 100)
        assert sendings(happened) == [0.5, 4.5, 8.5, 12.5, 16.5, 20.5, 24.5, 28.5]
        assert happened[-1] == (32.0, Action.TIMED_OUT)

    @pytest.mark.parametrize("final", [Input.SUCCESS, Input.FAILURE])
    def test_timer_k(self, final: Input) -> None:
        transaction = start(CLIENT_PLAIN)
        assert transaction.step(final, 1) == (Action.DELIVER,)
        assert transaction.step(final, 2) == ()
        assert transaction.due == 6.0
        assert let_pass(transaction, 100) == []
        assert transaction.is_terminated

    def test_over_tcp(self) -> None:
        transaction = start(CLIENT_PLAIN, reliable=True)
        assert transaction.due == 32.0
        transaction.step(Input.PROVISIONAL, 1)
        assert transaction.due == 32.0
        assert transaction.step(Input.SUCCESS, 2) == (Action.DELIVER,)
        assert transaction.is_terminated


class TestServerInvite:
    def test_a_repeat_gets_the_last_provisional(self) -> None:
        transaction = start(SERVER_INVITE)
        assert transaction.step(Input.PROVISIONAL, 0) == (Action.SEND,)
        assert transaction.step(Input.REQUEST, 1) == (Action.SEND,)

    @pytest.mark.parametrize("reliable", [False, True])
    def test_ringing_is_repeated_each_minute(self, reliable: bool) -> None:
        happened = let_pass(start(SERVER_INVITE, reliable), 200)
        assert sendings(happened) == [RINGING_REFRESH * n for n in (1, 2, 3)]

    def test_timer_g_doubles_to_t2_until_timer_h(self) -> None:
        transaction = start(SERVER_INVITE)
        assert transaction.step(Input.FAILURE, 10) == (Action.SEND,)
        happened = let_pass(transaction, 100)
        expected = [10.5, 11.5, 13.5, 17.5, 21.5, 25.5, 29.5, 33.5, 37.5, 41.5]
        assert sendings(happened) == expected
        assert happened[-1] == (42.0, Action.TIMED_OUT)

    def test_over_tcp_the_ack_is_awaited_without_repeats(self) -> None:
        transaction = start(SERVER_INVITE, reliable=True)
        transaction.step(Input.FAILURE, 10)
        assert let_pass(transaction, 100) == [(42.0, Action.TIMED_OUT)]

    def test_the_ack_stops_the_repeats_and_timer_i_absorbs(self) -> None:
        transaction = start(SERVER_INVITE)
        transaction.step(Input.FAILURE, 10)
        assert transaction.step(Input.REQUEST, 10.1) == (Action.SEND,)
        assert transaction.step(Input.ACK, 10.2) == ()
        assert transaction.state is State.CONFIRMED
        assert transaction.step(Input.ACK, 10.3) == ()
        assert transaction.step(Input.REQUEST, 10.3) == ()
        assert let_pass(transaction, 15.1) == []
        assert not transaction.is_terminated
        let_pass(transaction, 15.2)
        assert transaction.is_terminated

    def test_over_tcp_the_ack_ends_it(self) -> None:
        transaction = start(SERVER_INVITE, reliable=True)
        transaction.step(Input.FAILURE, 10)
        transaction.step(Input.ACK, 11)
        assert transaction.is_terminated

    @pytest.mark.parametrize("reliable", [False, True])
    def test_accepted_absorbs_repeats_until_timer_l(self, reliable: bool) -> None:
        transaction = start(SERVER_INVITE, reliable)
        assert transaction.step(Input.SUCCESS, 10) == (Action.SEND,)
        assert transaction.step(Input.REQUEST, 11) == ()
        assert transaction.step(Input.ACK, 11) == ()
        assert transaction.due == 42.0
        assert let_pass(transaction, 100) == []

    def test_a_broken_transport_is_told(self) -> None:
        transaction = start(SERVER_INVITE)
        assert transaction.step(Input.BROKEN, 1) == (Action.NOT_CARRIED,)


class TestServerPlain:
    def test_a_repeat_before_any_answer_is_absorbed(self) -> None:
        transaction = start(SERVER_PLAIN)
        assert transaction.step(Input.REQUEST, 1) == ()

    def test_a_repeat_gets_the_last_answer(self) -> None:
        transaction = start(SERVER_PLAIN)
        transaction.step(Input.PROVISIONAL, 1)
        assert transaction.step(Input.REQUEST, 2) == (Action.SEND,)
        transaction.step(Input.SUCCESS, 3)
        assert transaction.step(Input.REQUEST, 4) == (Action.SEND,)
        assert transaction.step(Input.FAILURE, 5) == ()

    def test_timer_j(self) -> None:
        transaction = start(SERVER_PLAIN)
        transaction.step(Input.SUCCESS, 3)
        assert transaction.due == 35.0
        assert let_pass(transaction, 100) == []
        assert transaction.is_terminated

    def test_over_tcp_the_answer_ends_it(self) -> None:
        transaction = start(SERVER_PLAIN, reliable=True)
        transaction.step(Input.SUCCESS, 3)
        assert transaction.is_terminated

    @pytest.mark.parametrize("reliable", [False, True])
    def test_a_user_who_never_answers_is_not_waited_for(self, reliable: bool) -> None:
        transaction = start(SERVER_PLAIN, reliable)
        transaction.step(Input.PROVISIONAL, 3)
        assert let_pass(transaction, 100) == []
        assert transaction.is_terminated


def test_a_late_tick_sends_one_repeat_and_not_a_burst() -> None:
    transaction = start(CLIENT_PLAIN)
    assert transaction.expire(9.0) == (Action.SEND,)
    assert transaction.expire(9.0) == ()
    assert transaction.due == 10.0
