"""Machine code out of object files, and nothing out of what is none."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.native.elf import ElfError, code_of

llvm = pytest.importorskip("llvmlite.binding")

ALONE = """
define i64 @first(i64 %a) noinline { %b = add i64 %a, 7  ret i64 %b }
define i64 @second(i64 %a) noinline { %b = mul i64 %a, 9  ret i64 %b }
"""
CALLING = (
    "declare i64 @far(i64)  define i64 @first(i64 %a) { %b = call i64 @far(i64 %a) ret i64 %b }"
)


def compiled(text: str) -> bytes:
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    machine = llvm.Target.from_default_triple().create_target_machine(reloc="pic")
    return bytes(machine.emit_object(llvm.parse_assembly(text)))


def test_a_function_and_where_it_begins() -> None:
    image = compiled(ALONE)
    first, second = code_of(image, "first"), code_of(image, "second")
    assert first.octets == second.octets and first.octets in image
    assert first.entry == 0 < second.entry < len(second.octets)


def test_code_that_refers_to_anything_else_is_refused() -> None:
    with pytest.raises(ElfError, match="refers to something outside"):
        code_of(compiled(CALLING), "first")


def test_what_is_not_there_is_said() -> None:
    for image, name in ((compiled(ALONE), "third"), (b"MZ", "first"), (b"", "first")):
        with pytest.raises(ElfError):
            code_of(image, name)


@given(st.data())
def test_a_damaged_file_never_ends_in_anything_else(data: st.DataObject) -> None:
    image = bytearray(compiled(ALONE))
    for _ in range(data.draw(st.integers(1, 4))):
        image[data.draw(st.integers(0, len(image) - 1))] = data.draw(st.integers(0, 255))
    cut = bytes(image[: data.draw(st.integers(0, len(image)))])
    with contextlib.suppress(ElfError):
        code_of(cut, "first")
