"""Star codes: the grammar of European phones, and no code that hides another."""

import pytest
from pydantic import ValidationError

from softswitch.office.codes import Act, Asked, Codes


@pytest.mark.parametrize(
    ("digits", "asked"),
    [
        ("*21*600100200#", Asked("forward_all", Act.ON, ("600100200",))),
        ("*21*600100200", Asked("forward_all", Act.ON, ("600100200",))),
        ("*21*600100200*1700#", Asked("forward_all", Act.ON, ("600100200", "1700"))),
        ("#21#", Asked("forward_all", Act.OFF)),
        ("#21", Asked("forward_all", Act.OFF)),
        ("*#21#", Asked("forward_all", Act.ASK)),
        ("*26", Asked("dnd", Act.ON)),
        ("*8", Asked("pickup", Act.ON)),
        ("*8101", Asked("pickup", Act.ON, ("101",))),
        ("*8*101", Asked("pickup", Act.ON, ("101",))),
    ],
)
def test_a_code_is_understood(digits: str, asked: Asked) -> None:
    assert Codes().understand(digits) == asked


@pytest.mark.parametrize("digits", ["*99", "#", "*", "*#", "**", "*21*1*2*3*4*5", "*21#5", "*#*#"])
def test_what_is_no_code_is_none(digits: str) -> None:
    assert Codes().understand(digits) is None


def test_a_code_can_be_changed_and_taken_away() -> None:
    codes = Codes.model_validate({"dnd": "*78", "park": "none"})
    assert codes.understand("*78") == Asked("dnd", Act.ON)
    assert codes.understand("*7") is None


def test_a_code_that_begins_another_is_refused() -> None:
    with pytest.raises(ValidationError, match="is the beginning of"):
        Codes.model_validate({"dnd": "*211"})


def test_what_is_no_star_code_is_refused_with_a_remedy() -> None:
    with pytest.raises(ValidationError, match="Write a star and digits"):
        Codes.model_validate({"dnd": "26"})


def test_the_callback_code_is_read_whole_and_leaves_the_intercom_alone() -> None:
    codes = Codes()
    assert codes.understand("*55") == codes.understand("*55#") == Asked("callback", Act.ON)
    assert codes.understand("*5510") == Asked("intercom", Act.ON, ("510",))
    with pytest.raises(ValueError, match="is the beginning of"):
        Codes(callback="*5")
    with pytest.raises(ValueError, match="is the beginning of"):
        Codes(callback="*5101")
    assert Codes.model_validate({"callback": "none"}).understand("*55") == Asked(
        "intercom", Act.ON, ("5",)
    )
