"""Machine code of the cache, called by its address in the mapped file.

The file is mapped as it is, read-only and executable: workers share its pages, and no compiler,
linker or loader comes with it. While a function runs, other threads have the interpreter.
"""

import ctypes
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final, Self

import numpy as np

from media.native.cache import Stored, Unusable, find
from media.native.functions import FUNCTIONS, Function, Memory, checked

_PROTOTYPE: Final = ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_void_p)


class Compiled:
    """The functions as machine code. Raises Unusable."""

    def __init__(self, stored: Stored) -> None:
        self._stored = stored
        self.folder = stored.path.parent
        if stored.entries.keys() != {function.name for function in FUNCTIONS}:
            raise Unusable(f"{stored.path} is of other functions")
        self._start = int(np.frombuffer(stored.pages, np.uint8).ctypes.data)

    @classmethod
    def of(cls, given_folder: str = "") -> Self:
        """What stands in the folder, or where it is kept without one. Raises Unusable."""
        return cls(find(given_folder))

    def bind(self, function: Function, memory: Sequence[Memory]) -> Callable[[], int]:
        places = [one.ctypes.data for one in checked(function, memory)]
        columns = (ctypes.c_void_p * len(places))(*places)
        call = _PROTOTYPE(self._start + self._stored.entries[function.name])
        call.pages = self._stored.pages  # type: ignore[attr-defined] # mapped while it may be called
        return partial(call, columns)
