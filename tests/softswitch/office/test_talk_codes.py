"""Codes pressed in a talk, and the guard of held clients, as the office file may say them."""

import pytest
from pydantic import ValidationError

from softswitch.office.hold import Hold
from softswitch.office.talk_codes import TalkCodes


def test_codes_can_be_changed_and_taken_away() -> None:
    codes = TalkCodes.model_validate({"blind": "*11", "park": "none"})
    assert (codes.blind, codes.attended, codes.park) == ("*11", "*2", None)


@pytest.mark.parametrize("wrong", ["1", "#1", "**1", "*", "*12345"])
def test_what_is_no_code_is_refused(wrong: str) -> None:
    with pytest.raises(ValidationError, match="star"):
        TalkCodes.model_validate({"blind": wrong})


def test_a_code_that_begins_another_is_refused() -> None:
    with pytest.raises(ValidationError, match="is the beginning of"):
        TalkCodes.model_validate({"blind": "*21"})


def test_the_guard_can_be_switched_off() -> None:
    assert Hold.model_validate({}).return_ == 180.0
    hold = Hold.model_validate({"remind": "none", "return": "2m"})
    assert (hold.remind, hold.return_) == (None, 120.0)


@pytest.mark.parametrize("wrong", [{"return": "30s"}, {"remind": 60}, {"remind": "0s"}])
def test_a_guard_that_makes_no_sense_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Hold.model_validate(wrong)
