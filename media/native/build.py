"""Compiles the functions to machine code, by numba. Never imported by a worker: it is 100 MB.

The code is for any machine of this architecture, since nothing in it would gain by more; and it
stands alone: it calls what `system` names (media/native/system.py) and refers to nothing else, so
that it may lie at any address and needs no linker (media/native/elf.py refuses anything else).
"""

import os
from collections.abc import Callable
from types import FunctionType
from typing import Any, Final

# Read by numba when it is imported. Vectorized loops would have constants outside the code.
os.environ |= {
    "NUMBA_CPU_NAME": "generic",
    "NUMBA_CPU_FEATURES": "",
    "NUMBA_LOOP_VECTORIZE": "0",
    "NUMBA_SLP_VECTORIZE": "0",
}

import numba
from llvmlite import binding as llvm
from numba import types

from media.native.elf import Code, code_of
from media.native.functions import FUNCTIONS, Function
from media.native.memory import MEMORY, turned
from media.native.system import COPY, RECV, SEAL, SEND, UNSEAL
from media.native.system_calls import (
    cipher_call,
    clock_call,
    copy_call,
    look_call,
    system_call,
    wait_call,
)

_ENTRY: Final = "entry"
_OPTIONS: Final = {"error_model": "numpy", "boundscheck": False}


def compile_all() -> dict[str, Code]:
    """Machine code by function. Raises ElfError, and whatever numba finds wrong."""
    stand_ins: dict[str, Any] = {"receive": system_call(RECV), "transmit": system_call(SEND)}
    stand_ins |= {"seal": cipher_call(SEAL), "unseal": cipher_call(UNSEAL)}
    stand_ins |= {"copy": copy_call(COPY)}
    stand_ins |= {"clock": clock_call(), "wait": wait_call(), "look": look_call()}
    stand_ins |= dict.fromkeys(("ntohs", "htons"), turned(16))
    stand_ins |= dict.fromkeys(("ntohl", "htonl"), turned(32))
    return {function.name: _compiled(function, stand_ins) for function in FUNCTIONS}


def _compiled(function: Function, stand_ins: dict[str, Any]) -> Code:
    """`stand_ins`: what it calls, by name; what several functions call is compiled once."""
    for inner in function.inner:
        if inner.__name__ not in stand_ins:
            stand_ins[inner.__name__] = numba.njit(**_OPTIONS)(_with(inner, stand_ins))
    signature = types.int64(*(MEMORY[letter] for letter in function.memory))
    compiled = numba.cfunc(signature, **_OPTIONS)(_with(function.work, stand_ins))
    module = compiled.inspect_llvm() + _entry(compiled.native_name, len(function.memory))
    return code_of(_in_one(module), _ENTRY)


def _with(work: Callable[..., int | None], stand_ins: dict[str, Any]) -> FunctionType:
    """The same code, with other functions under these names."""
    assert isinstance(work, FunctionType)
    return FunctionType(work.__code__, work.__globals__ | stand_ins, work.__name__)


def _entry(name: str, count: int) -> str:
    """What is called: with the place of a list of the function's memory. To ctypes an argument
    costs a tenth of a microsecond.
    """
    places, columns = range(count), ", ".join(f"ptr %column{i}" for i in range(count))
    load = "%place{0} = getelementptr ptr, ptr %list, i64 {0}\n%column{0} = load ptr, ptr %place{0}"
    loads = "\n".join(load.format(i) for i in places)
    call = f'%told = call i64 @"{name}"({columns})'
    return f"\ndefine i64 @{_ENTRY}(ptr %list) {{\n{loads}\n{call}\nret i64 %told\n}}\n"


def _in_one(code: str) -> bytes:
    """An object in which everything that the entry calls has become a part of it."""
    module = llvm.parse_assembly(code)
    for one in module.functions:
        if not one.is_declaration and one.name != _ENTRY:
            one.linkage = "internal"
    target = llvm.Target.from_triple(module.triple)
    machine = target.create_target_machine(cpu="generic", opt=3, reloc="pic", codemodel="small")
    tuning = llvm.create_pipeline_tuning_options(speed_level=3)
    tuning.loop_vectorization = tuning.slp_vectorization = False
    passes = llvm.create_pass_builder(machine, tuning)
    passes.getModulePassManager().run(module, passes)
    return bytes(machine.emit_object(module))
