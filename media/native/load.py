"""Machine code of the cache, called by its address in the mapped file.

The file is mapped as it is, read-only and executable: workers share its pages, and no compiler,
linker or loader comes with it. While a function runs, other threads have the interpreter.
"""

import ctypes
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

import numpy as np

from media.native.cache import Unusable, folder_of, read
from media.native.functions import FUNCTIONS, Function, Memory, checked

_PROTOTYPE: Final = ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_void_p)


class Compiled:
    """The functions as machine code. Raises Unusable."""

    def __init__(self, given_folder: str = "") -> None:
        self._stored = stored = read(folder_of(given_folder))
        if stored.entries.keys() != {function.name for function in FUNCTIONS}:
            raise Unusable(f"{stored.path} is of other functions")
        self.folder = stored.path.parent
        self._start = int(np.frombuffer(stored.pages, np.uint8).ctypes.data)

    def bind(self, function: Function, memory: Sequence[Memory]) -> Callable[[], int]:
        places = [one.ctypes.data for one in checked(function, memory)]
        columns = (ctypes.c_void_p * len(places))(*places)
        call = _PROTOTYPE(self._start + self._stored.entries[function.name])
        call.pages = self._stored.pages  # type: ignore[attr-defined] # mapped while it may be called
        return partial(call, columns)
