"""Subscriptions by hand: what a SUBSCRIBE gets, each transition, counters that only rise."""

import itertools
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from softswitch.sip.admission import Refusal
from softswitch.sip.dialog import Dialog
from softswitch.sip.message import Request, Response, parse_message
from softswitch.sip.subscription import (
    GONE,
    TABLE,
    Ending,
    EventPackage,
    Input,
    State,
    Step,
    Subscription,
    Wanted,
    meaning_of,
    read_subscribe,
)
from tests.helpers.desk import PHONE, text
from tests.helpers.pump import fill, is_linear

DIALOG = EventPackage("dialog", "application/dialog-info+xml")
SUMMARY = EventPackage("message-summary", "application/simple-message-summary", max_expires=7200)
PACKAGES = {one.name: one for one in (DIALOG, SUMMARY)}


def subscribe(*lines: str) -> Request:
    message = parse_message(text("SUBSCRIBE", "sip:102@192.0.2.2", extra="\n".join(lines)))
    assert isinstance(message, Request)
    return message


def asked(*lines: str) -> Wanted | Refusal:
    return read_subscribe(subscribe(*lines), PACKAGES)


def test_a_subscribe_is_understood() -> None:
    assert asked("Event: dialog", "Expires: 600") == Wanted(DIALOG, None, 600)
    assert asked("o: dialog;id=7", "Expires: 0") == Wanted(DIALOG, "7", 0)
    assert asked("Event: message-summary ; x=y; ID=a.b") == Wanted(SUMMARY, "a.b", 3600)


def test_an_interval_is_shortened_and_never_lengthened() -> None:
    assert asked("Event: dialog", "Expires: 86400") == Wanted(DIALOG, None, 3600)
    assert asked("Event: dialog", "Expires: 60") == Wanted(DIALOG, None, 60)
    assert asked("Event: dialog", "Expires: 59") == Refusal(423, (("Min-Expires", "60"),))


@pytest.mark.parametrize(
    ("lines", "status"),
    [
        (["Expires: 60"], 400),
        (["Event: dialog", "Event: presence"], 400),
        (["Event: ;id=7"], 400),
        (["Event: dialog;id=<x>"], 400),
        (["Event: dialog;id=" + "9" * 200], 400),
        (["Event: dialog", "Expires: soon"], 400),
        (["Event: dialog", "Expires: 4294967296"], 400),
        (["Event: conference"], 489),
        (["Event: Dialog"], 489),  # RFC 6665 8.2.1: event names are case-sensitive
        (["Event: dialog", "Accept: text/plain"], 406),
    ],
)
def test_what_is_refused(lines: list[str], status: int) -> None:
    refusal = asked(*lines)
    assert isinstance(refusal, Refusal)
    assert refusal.status == status


def test_a_bad_event_hears_which_are_good() -> None:
    assert asked("Event: x") == Refusal(489, (("Allow-Events", "dialog, message-summary"),))


@pytest.mark.parametrize(
    "accept",
    ["application/dialog-info+xml", "text/plain, Application/Dialog-Info+XML;q=0.5", "*/*"]
    + ["application/*"],
)
def test_what_a_watcher_accepts(accept: str) -> None:
    assert asked("Event: dialog", f"Accept: {accept}") == Wanted(DIALOG, None, 3600)


def test_a_refresh_names_the_same_event() -> None:
    known = Wanted(DIALOG, "7", 0)
    same, other = subscribe("Event: dialog;id=7"), subscribe("Event: dialog;id=8")
    assert read_subscribe(same, PACKAGES, known) == Wanted(DIALOG, "7", 3600)
    assert read_subscribe(other, PACKAGES, known) == Refusal(481)


def opened(expires: int = 600, event_id: str | None = None) -> Subscription:
    request = subscribe("Event: dialog")
    response = Response.answering(request, 200, to_tag="ours")
    dialog = Dialog.uas(request, response, PHONE)
    return Subscription(dialog, Wanted(DIALOG, event_id, expires), now=1000.0)


def test_a_notify_is_a_request_of_the_dialog() -> None:
    one = opened(event_id="7")
    first = one.notify(1010.4, "<sip:switch@192.0.2.2>", b"<x/>")
    assert str(first.uri) == "sip:phone@192.0.2.1:5060"
    assert (first.to.tag, first.from_.tag, first.call_id) == ("from1", "ours", "c1")
    told = {name: first.headers.get(name) for name in ("CSeq", "Event", "Contact")}
    assert told["CSeq"] == "1 NOTIFY"
    assert told["Event"] == "dialog;id=7"
    assert told["Contact"] == "<sip:switch@192.0.2.2>"
    assert first.headers.get("Subscription-State") == "active;expires=590"
    assert first.headers.get("Content-Type") == "application/dialog-info+xml"
    last = one.notify(2000.0, "<sip:switch@192.0.2.2>", b"", Ending.TIMEOUT)
    assert last.headers.get("Subscription-State") == "terminated;reason=timeout"
    assert last.cseq.number == 2
    assert "Content-Type" not in last.headers
    assert one.notified == 2


def test_the_counter_goes_on_after_a_restart() -> None:
    one = opened()
    one.notify(1000.0, "<sip:a@b>", b"")
    again = opened()
    again.continued(101)
    assert again.notified == 101
    assert again.notify(1001.0, "<sip:a@b>", b"").cseq.number == 102
    fresh = opened()
    fresh.continued(0)
    assert fresh.notify(1001.0, "<sip:a@b>", b"").cseq.number == 1


def test_expiry_and_refresh() -> None:
    one = opened(expires=600)
    assert not one.is_expired(1599.9)
    assert one.is_expired(1600.0)
    one.refresh(600, 1599.0)
    assert not one.is_expired(2198.0)


def test_changes_while_a_notify_is_under_way_are_one_notify_later() -> None:
    one = opened()
    assert one.step(Input.REFRESHED) is Step.NOTIFY
    assert [one.step(Input.CHANGED) for _ in range(3)] == [Step.NOTHING] * 3
    assert one.state is State.STALE
    assert one.step(Input.ACCEPTED) is Step.NOTIFY
    assert one.step(Input.ACCEPTED) is Step.NOTHING
    assert one.state is State.QUIET


def test_a_refresh_does_not_wait_for_a_lost_notify() -> None:
    one = opened()
    assert [one.step(Input.REFRESHED) for _ in range(3)] == [Step.NOTIFY] * 3


@pytest.mark.parametrize("status", sorted(GONE))
def test_a_subscriber_that_is_gone_is_forgotten(status: int) -> None:
    one = opened()
    one.step(Input.CHANGED)
    answer = Response.answering(subscribe("Event: dialog"), status)
    assert one.step(meaning_of(answer)) is Step.FORGET
    assert [one.step(happened) for happened in Input] == [Step.NOTHING] * len(Input)


@pytest.mark.parametrize("status", [200, 202, 401, 407, 500, 503])
def test_other_answers_keep_it(status: int) -> None:
    answer = Response.answering(subscribe("Event: dialog"), status)
    assert meaning_of(answer) is Input.ACCEPTED


def test_the_table_knows_every_state_and_ends_only_in_over() -> None:
    assert set(TABLE) == set(State)
    for state, happened in itertools.product(State, Input):
        following, step = TABLE[state].get(happened, (state, Step.NOTHING))
        assert (following is State.OVER) == (step in (Step.LAST, Step.FORGET)) or state is following
        if step is Step.NOTIFY:
            assert following is State.NOTIFYING


@given(st.lists(st.sampled_from([i for i in Input if i not in (Input.GONE, Input.ENDED)])))
def test_property_the_last_change_is_always_told(happenings: list[Input]) -> None:
    """Whatever comes between, once answers come the watcher has the newest state."""
    one, told, true = opened(), 0, 0
    under_way = 0

    def do(happened: Input) -> None:
        nonlocal told, under_way
        if one.step(happened) is Step.NOTIFY:
            under_way = true
        elif happened is Input.ACCEPTED and one.state is State.QUIET:
            told = max(told, under_way)

    for happened in happenings:
        if happened is Input.UNREACHED:
            continue
        if happened is Input.CHANGED:
            true += 1
        do(happened)
    for _ in range(3):
        do(Input.ACCEPTED)
    assert one.state is State.QUIET
    assert told == true or under_way == true


def test_pump_event_and_accept() -> None:
    request = subscribe("Event: dialog")

    def read(name: str, value: str) -> None:
        request.headers.set(name, value)
        read_subscribe(request, PACKAGES)

    assert is_linear(partial(read, "Event"), fill("dialog", ";x"))
    request.headers.set("Event", "dialog")
    assert is_linear(partial(read, "Accept"), fill("", "a,"))
