"""What is compiled, and on what memory it works; and the same functions as Python runs them.

Every argument is memory: a column of numbers of one width, which an interpreted function has as a
memoryview and a compiled one as an address. Whole functions only, their state in memory as well, so
that the two may take turns (media/native/choice.py).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from media.native import g722
from media.native.g722 import decode_g722, encode_g722
from media.native.pump import (
    come_back,
    has_stepped,
    pass_on,
    pump,
    readdress,
    send_sealed,
    take,
)
from media.native.transmit import transmit_rows

# Widths of memory, by the letters of array and struct.
WIDTHS: Final = {
    "B": np.uint8,
    "H": np.uint16,
    "h": np.int16,
    "i": np.int32,
    "I": np.uint32,
    "q": np.int64,
}

Memory = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Function:
    """`memory`: a letter an argument. `inner`: functions that it calls, compiled into it."""

    name: str
    work: Callable[..., int]
    memory: str
    inner: tuple[Callable[..., int | None], ...] = ()


PUMP: Final = Function(
    "pump",
    pump,
    "IqqBqBHIiiqHIqq",
    (readdress, send_sealed, take, has_stepped, pass_on, come_back),
)
TRANSMIT: Final = Function("transmit_rows", transmit_rows, "qqqiBBiq", (send_sealed,))
_BANDS: Final = (g722.limit, g722.foretell, g722.follow_low, g722.follow_high)
_FRAMES: Final = (g722.begin, g722.end, g722.filtered)
DECODE_G722: Final = Function(
    "decode_g722", decode_g722, "qihiBhhq", (*_BANDS, g722.decode_low, *_FRAMES)
)
ENCODE_G722: Final = Function(
    "encode_g722", encode_g722, "qihqiBhq", (*_BANDS, g722.encode_low, g722.encode_high, *_FRAMES)
)
FUNCTIONS: Final = (PUMP, TRANSMIT, DECODE_G722, ENCODE_G722)


class Loops(Protocol):
    """The functions in one of their two forms."""

    def bind(self, function: Function, memory: Sequence[Memory]) -> Callable[[], int]:
        """The function on this memory, which the caller keeps. ValueError: it does not fit."""


def checked(function: Function, memory: Sequence[Memory]) -> Sequence[Memory]:
    """ValueError: of another number, width or shape than the function takes."""
    wanted = [np.dtype(WIDTHS[letter]) for letter in function.memory]
    given = [one.dtype for one in memory]
    if wanted != given or not all(one.flags.c_contiguous for one in memory):
        raise ValueError(f"{function.name} takes {function.memory}, not {given}")
    return memory


class Interpreted:
    """As Python runs them."""

    def bind(self, function: Function, memory: Sequence[Memory]) -> Callable[[], int]:
        views = [one.reshape(-1).data for one in checked(function, memory)]
        return partial(function.work, *views)
