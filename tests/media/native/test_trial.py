"""Code that was compiled wrongly is found out, whatever is wrong with it."""

from collections.abc import Callable, Sequence

import pytest

from media.native import pump, transmit
from media.native.cache import Unusable
from media.native.functions import Function, Interpreted, Loops, Memory
from media.native.load import Compiled
from media.native.trial import prove


class Wrong:
    """Does what Python does, and then something to one column of its memory."""

    def __init__(self, name: str, spoil: Callable[[Sequence[Memory]], int]) -> None:
        self._name, self._spoil = name, spoil

    def bind(self, function: Function, memory: Sequence[Memory]) -> Callable[[], int]:
        right = Interpreted().bind(function, memory)
        if function.name != self._name:
            return right

        def run() -> int:
            told = right()
            return told + self._spoil(memory)

        return run


def test_both_forms_pass(loops: Loops, compiled: Compiled) -> None:
    prove(loops)
    prove(compiled)  # and again: it leaves nothing behind


def test_another_answer_is_found_out() -> None:
    for name in ("pump", "transmit_rows", "decode_g722", "encode_g722"):
        with pytest.raises(Unusable, match="does not do what Python does"):
            prove(Wrong(name, lambda memory: 1))


# What the loop writes to: events, system and heard are for reading.
@pytest.mark.parametrize("column", [2, *range(4, 15)])
def test_one_octet_that_is_wrong_is_found_out(column: int) -> None:
    def spoil(memory: Sequence[Memory]) -> int:
        memory[column].reshape(-1)[-1] = 77
        return 0

    with pytest.raises(Unusable, match="pump"):
        prove(Wrong("pump", spoil))


@pytest.mark.parametrize("place", [pump.SIZE, pump.SLOT, pump.KEPT])
def test_a_wrong_state_is_found_out(place: int) -> None:
    def spoil(memory: Sequence[Memory]) -> int:
        memory[-1][place] = 9
        return 0

    with pytest.raises(Unusable, match="pump"):
        prove(Wrong("pump", spoil))


def test_a_row_that_is_left_out_is_found_out() -> None:
    def spoil(memory: Sequence[Memory]) -> int:
        memory[-1][transmit.AT] += 1
        return 0

    with pytest.raises(Unusable, match="transmit"):
        prove(Wrong("transmit_rows", spoil))


# What the coders write to: their memory, where they work, octets or samples.
@pytest.mark.parametrize(
    ("name", "columns"), [("decode_g722", (1, 3, 5, 6)), ("encode_g722", (1, 5))]
)
def test_a_bit_of_a_coder_that_is_wrong_is_found_out(name: str, columns: tuple[int, ...]) -> None:
    for column in columns:

        def spoil(memory: Sequence[Memory], column: int = column) -> int:
            memory[column].reshape(-1)[-1] ^= 1
            return 0

        with pytest.raises(Unusable, match=r"G\.722"):
            prove(Wrong(name, spoil))
