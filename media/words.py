"""What the words at the door of the media engine are made of: immutable values that travel as JSON.

A word is a list, `["OpenLeg", 7, "192.0.2.1", 0]`: its name, then its fields in declared order.
msgspec makes, writes and reads such values in a tenth of what dataclasses took; the checks of types
are its own.
"""

import msgspec


class Word(
    msgspec.Struct, frozen=True, array_like=True, tag=True, forbid_unknown_fields=True, gc=False
):
    """A command or an event. Holds plain values alone, so the collector need not look at it."""


class Value(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True, gc=False):
    """A part of a word: the list of its fields."""


def told_without(value: Word | Value, *secrets: str) -> str:
    """Its `repr` without the fields that nobody is to read in a log."""
    names = (name for name in value.__struct_fields__ if name not in secrets)
    shown = ", ".join(f"{name}={getattr(value, name)!r}" for name in names)
    return f"{type(value).__name__}({shown})"
