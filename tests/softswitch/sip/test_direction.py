"""Who sends: seen from the other side, and what two wishes leave."""

import pytest

from softswitch.sip.direction import DIRECTIONS, Direction


@pytest.mark.parametrize("direction", list(Direction))
def test_directions_reverse_and_meet(direction: Direction) -> None:
    assert direction.reversed.reversed is direction
    assert direction.limited_to(Direction.SENDRECV) is direction
    assert direction.limited_to(Direction.INACTIVE) is Direction.INACTIVE
    assert direction.sends == direction.reversed.receives


def test_each_has_its_word() -> None:
    assert DIRECTIONS["sendonly"] is Direction.SENDONLY
    assert len(DIRECTIONS) == 4
