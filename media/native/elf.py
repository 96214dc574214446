"""The machine code of one function, out of an object file (ELF64, System V ABI).

Only code that stands alone is taken: it refers to nothing, so it may be mapped at any address as
it is. What the compiler wrote beside it - symbols, tables for unwinding - is left behind.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

_MAGIC: Final = b"\x7fELF\x02"  # 64 bits
_RELOCATIONS: Final = (4, 9)  # SHT_RELA, SHT_REL
_SYMBOLS: Final = 2  # SHT_SYMTAB
_CODE: Final = 4  # SHF_EXECINSTR


class ElfError(Exception):
    """The object is none, or its code does not stand alone."""


@dataclass(frozen=True, slots=True)
class Code:
    """Machine code, and where in it the function begins."""

    octets: bytes
    entry: int


@dataclass(frozen=True, slots=True)
class _Section:
    kind: int
    flags: int
    offset: int
    size: int
    link: int
    info: int


def code_of(image: bytes, name: str) -> Code:
    """The section that the function stands in. Raises ElfError."""
    try:
        return _code_of(image, name)
    except (struct.error, IndexError, ValueError) as error:
        raise ElfError(f"the object file is damaged: {error}") from None


def _code_of(image: bytes, name: str) -> Code:
    if not image.startswith(_MAGIC):
        raise ElfError("the compiler wrote no ELF64")
    order = "<" if image[5] == 1 else ">"
    sections = list(_sections(image, order))
    for place, value in _places(image, order, sections, name.encode()):
        section = sections[place]
        if not section.flags & _CODE:
            continue
        if any(one.kind in _RELOCATIONS and one.info == place for one in sections):
            raise ElfError(f"{name} refers to something outside of it")
        return Code(image[section.offset : section.offset + section.size], value)
    raise ElfError(f"no code of {name}")


def _sections(image: bytes, order: str) -> Iterator[_Section]:
    (start,) = struct.unpack_from(order + "Q", image, 40)
    size, count = struct.unpack_from(order + "HH", image, 58)
    for i in range(count):
        head = struct.unpack_from(order + "IIQQQQIIQQ", image, start + i * size)
        _, kind, flags, _, offset, length, link, info, _, _ = head
        yield _Section(kind, flags, offset, length, link, info)


def _places(
    image: bytes, order: str, sections: list[_Section], name: bytes
) -> Iterator[tuple[int, int]]:
    """Section and offset of each symbol of that name."""
    for table in (one for one in sections if one.kind == _SYMBOLS):
        texts = sections[table.link].offset
        for at in range(table.offset, table.offset + table.size, 24):
            text, _, _, place, value, _ = struct.unpack_from(order + "IBBHQQ", image, at)
            begin = texts + text
            if image[begin : image.index(b"\0", begin)] == name and 0 < place < len(sections):
                yield place, value
