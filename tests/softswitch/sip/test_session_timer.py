"""RFC 4028: who refreshes, how often, and what is refused."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from softswitch.sip.errors import ParseError
from softswitch.sip.message import Headers, Request, Response
from softswitch.sip.session_timer import (
    Agreed,
    Refresher,
    SessionExpires,
    TimerWishes,
    agreed_by,
    answering,
    asking,
    asking_again,
    is_too_brief,
    refusal_lines,
)
from softswitch.sip.uri import parse_uri

WISHES = TimerWishes(1800, 90)
Lines = tuple[tuple[str, str], ...]
TIMER = ("Supported", "timer")


def headers(lines: Lines) -> Headers:
    made = Headers()
    for name, value in lines:
        made.add(name, value)
    return made


def invite(*lines: tuple[str, str]) -> Request:
    return Request("INVITE", parse_uri("sip:a@example.com"), headers(lines))


def response(status: int, *lines: tuple[str, str]) -> Response:
    return Response(status, "Whatever", headers(lines))


def expires(text: str) -> tuple[str, str]:
    return ("Session-Expires", text)


class TestHeader:
    @pytest.mark.parametrize(
        ("text", "value"),
        [
            ("1800", SessionExpires(1800)),
            (" 90 ; refresher=UAS", SessionExpires(90, Refresher.UAS)),
            ("90;refresher=uac;x=y", SessionExpires(90, Refresher.UAC)),
            ("90;refresher=both", SessionExpires(90)),
        ],
    )
    def test_good(self, text: str, value: SessionExpires) -> None:
        assert SessionExpires.parse(text) == value
        assert SessionExpires.parse(str(value)) == value

    @pytest.mark.parametrize("text", ["", "x", "-1", "1.5", "99999999999"])
    def test_bad(self, text: str) -> None:
        with pytest.raises(ParseError):
            SessionExpires.parse(text)

    @given(st.text(max_size=60))
    def test_only_parse_errors(self, text: str) -> None:
        with suppress(ParseError):
            SessionExpires.parse(text)

    def test_the_compact_form_is_the_same(self) -> None:
        assert agreed_by(response(200, ("x", "600;refresher=uac"))) == Agreed(600, True)


class TestTheyAsk:
    # RFC 4028 9, table 2: supported by the caller, refresher in his request, ours in the answer.
    @pytest.mark.parametrize(
        ("supported", "asked", "answered", "is_ours"),
        [
            (False, "600", "uas", True),
            (False, "600;refresher=uas", "uas", True),
            (True, "600", "uas", True),
            (True, "600;refresher=uac", "uac", False),
            (True, "600;refresher=uas", "uas", True),
        ],
    )
    def test_table_2(self, supported: bool, asked: str, answered: str, is_ours: bool) -> None:
        lines = (expires(asked), TIMER) if supported else (expires(asked),)
        found = answering(invite(*lines), WISHES)
        assert found is not None
        agreed, said = found
        assert agreed == Agreed(600, is_ours)
        assert dict(said)["Session-Expires"] == f"600;refresher={answered}"
        # "MUST place a Require header field with timer" when the caller is to refresh.
        assert ("Require" in dict(said)) is (answered == "uac")

    def test_nothing_is_forced_on_an_old_phone(self) -> None:
        assert answering(invite(), WISHES) is None

    def test_we_ask_who_can(self) -> None:
        found = answering(invite(TIMER, ("Min-SE", "3600")), WISHES)
        assert found is not None and found[0] == Agreed(3600, True)

    def test_we_ask_nobody_when_switched_off(self) -> None:
        off = TimerWishes(0, 90)
        assert answering(invite(TIMER), off) is None
        found = answering(invite(TIMER, expires("7200")), off)
        assert found is not None and found[0].interval == 7200

    def test_never_longer_than_asked_and_not_below_his_minimum(self) -> None:
        long = answering(invite(TIMER, expires("86400"), ("Min-SE", "4000")), WISHES)
        assert long is not None and long[0].interval == 4000
        short = answering(invite(TIMER, expires("100")), WISHES)
        assert short is not None and short[0].interval == 100

    def test_too_brief_is_told_to_who_understands(self) -> None:
        wishes = TimerWishes(1800, 300)
        assert is_too_brief(invite(TIMER, expires("299")), wishes)
        assert not is_too_brief(invite(TIMER, expires("300")), wishes)
        assert not is_too_brief(invite(expires("60")), wishes)
        assert not is_too_brief(invite(TIMER, expires("rubbish")), wishes)
        assert refusal_lines(wishes) == (("Min-SE", "300"),)


class TestWeAsk:
    def test_the_invite(self) -> None:
        assert asking(WISHES) == (expires("1800"),)
        assert asking(TimerWishes(0, 90)) == ()
        assert asking(TimerWishes(100, 300)) == (expires("300"),)

    @pytest.mark.parametrize(
        ("lines", "agreed"),
        [
            ((), None),
            ((expires("rubbish"),), None),
            ((expires("600;refresher=uac"),), Agreed(600, True)),
            ((expires("600;refresher=uas"),), Agreed(600, False)),
            ((expires("600"),), Agreed(600, True)),
            ((expires("2"),), Agreed(90, True)),
        ],
    )
    def test_their_2xx(self, lines: Lines, agreed: Agreed | None) -> None:
        assert agreed_by(response(200, *lines)) == agreed

    def test_after_422(self) -> None:
        refused = response(422, ("Min-SE", "3600"))
        assert asking_again(refused, 1800) == (3600, (expires("3600"), ("Min-SE", "3600")))
        assert asking_again(refused, 3600) is None  # the same again would be refused again
        assert asking_again(response(422), 1800) is None
        assert asking_again(response(422, ("Min-SE", "x")), 1800) is None
        assert asking_again(response(486, ("Min-SE", "3600")), 1800) is None


class TestAgreed:
    @pytest.mark.parametrize(
        ("interval", "refresh", "over"), [(1800, 900.0, 1768.0), (90, 45.0, 60.0), (96, 48.0, 64.0)]
    )
    def test_times(self, interval: int, refresh: float, over: float) -> None:
        agreed = Agreed(interval, True)
        assert (agreed.refresh_after, agreed.over_after) == (refresh, over)

    def test_our_next_request_says_the_same_from_its_side(self) -> None:
        assert Agreed(600, True).lines == (expires("600;refresher=uac"),)
        assert Agreed(600, False).lines == (expires("600;refresher=uas"),)

    @given(st.integers(90, 10_000), st.booleans())
    def test_two_of_us_agree(self, interval: int, supported: bool) -> None:
        lines = asking(TimerWishes(interval, 90)) + ((TIMER,) if supported else ())
        theirs = answering(invite(*lines), WISHES)
        assert theirs is not None
        ours = agreed_by(response(200, *theirs[1]))
        assert ours is not None
        assert ours.interval == theirs[0].interval
        assert ours.is_ours is not theirs[0].is_ours
