"""Memory as compiled functions see it: whatever the width, what is read is a 64-bit number.

numba's own pointers give unsigned numbers, and an unsigned one compared with a signed one is a
float to it. So a number here is what it is in Python, as long as it is below 2^63.
"""

import operator
import sys
from collections.abc import Callable
from typing import Any, Final

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import typing
from numba.core.imputils import lower_builtin
from numba.core.typing.templates import infer_global
from numba.extending import intrinsic, models, register_model

from media.native.functions import WIDTHS

_INT32, _INT64 = ir.IntType(32), ir.IntType(64)


class _Memory(types.Type):  # type: ignore[misc]
    def __init__(self, bits: int, is_signed: bool) -> None:
        self.bits, self.is_signed = bits, is_signed
        super().__init__(f"memory{'i' if is_signed else 'u'}{bits}")


# Small letters are signed, as with array and struct.
MEMORY: Final = {
    letter: _Memory(8 * np.dtype(width).itemsize, letter.islower())
    for letter, width in WIDTHS.items()
}


@register_model(_Memory)
class _Pointer(models.PrimitiveModel):  # type: ignore[misc]
    def __init__(self, manager: Any, memory: _Memory) -> None:
        super().__init__(manager, memory, ir.IntType(memory.bits).as_pointer())


@infer_global(operator.getitem)
class _Read(typing.templates.AbstractTemplate):  # type: ignore[misc]
    def generic(self, arguments: Any, keywords: Any) -> Any:
        memory, place = arguments
        if isinstance(memory, _Memory) and isinstance(place, types.Integer):
            return types.int64(memory, types.int64)
        return None


@infer_global(operator.setitem)
class _Write(typing.templates.AbstractTemplate):  # type: ignore[misc]
    def generic(self, arguments: Any, keywords: Any) -> Any:
        memory, place, value = arguments
        if isinstance(memory, _Memory) and isinstance(value, types.Integer):
            return types.none(memory, types.int64, types.int64)
        return None


@lower_builtin(operator.getitem, _Memory, types.int64)  # type: ignore[untyped-decorator]
def _read(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    memory: _Memory = signature.args[0]
    value = builder.load(builder.gep(arguments[0], [arguments[1]]))
    if memory.bits == 64:
        return value
    return (builder.sext if memory.is_signed else builder.zext)(value, _INT64)


@lower_builtin(operator.setitem, _Memory, types.int64, types.int64)  # type: ignore[untyped-decorator]
def _write(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    memory: _Memory = signature.args[0]
    pointer, place, value = arguments
    if memory.bits < 64:
        value = builder.trunc(value, ir.IntType(memory.bits))
    builder.store(value, builder.gep(pointer, [place]))
    return context.get_dummy_value()


def turned(bits: int) -> Callable[[int], int]:
    """`ntohs`, `htonl` and their like: a number of so many bits between memory and network."""

    @intrinsic  # type: ignore[untyped-decorator]
    def turn(context: Any, number: Any) -> Any:
        return types.int64(types.int64), generate

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        number = builder.trunc(arguments[0], ir.IntType(bits))
        if sys.byteorder == "little":
            number = builder.bswap(number)
        return builder.zext(number, _INT64)

    return turn  # type: ignore[no-any-return]
