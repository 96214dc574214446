"""The chain: whatever is done to it afterwards is seen."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from softswitch.vault.chain import BEGINNING, Link, first_fault, seal

KEY = b"k" * 32


def chain(count: int, key: bytes = KEY) -> list[tuple[dict[str, object], str]]:
    entries: list[tuple[dict[str, object], str]] = []
    before = BEGINNING
    for number in range(1, count + 1):
        entry: dict[str, object] = {"number": number, "by": "anna", "reason": f"r{number}"}
        before = seal(key, before, entry)
        entries.append((entry, before))
    return entries


def test_a_good_chain() -> None:
    entries = chain(5)
    assert first_fault(KEY, entries, Link(5, entries[-1][1])) is None
    assert first_fault(KEY, entries, None) is None and first_fault(KEY, [], Link()) is None


@pytest.mark.parametrize("at", range(5))
def test_what_is_changed_taken_out_or_put_in_is_seen(at: int) -> None:
    entries, end = chain(5), Link(5, chain(5)[-1][1])
    changed = list(entries)
    changed[at] = ({**entries[at][0], "by": "eve"}, entries[at][1])
    assert first_fault(KEY, changed, end)
    assert first_fault(KEY, entries[:at] + entries[at + 1 :], end)
    assert first_fault(KEY, entries[: at + 1] + entries[at:], end)


def test_a_chain_of_ones_own_is_seen() -> None:
    entries = chain(5)
    assert first_fault(KEY, chain(5, b"e" * 32), Link(5, entries[-1][1]))
    assert first_fault(KEY, entries[:3], Link(5, entries[-1][1])) == (
        "the entries after 3 are missing: there were 5"
    )
    assert first_fault(KEY, [], Link(5, entries[-1][1]))


@given(st.integers(0, 4), st.sampled_from(["by", "reason"]), st.text(max_size=5))
def test_any_other_text_is_seen(at: int, column: str, text: str) -> None:
    entries = chain(5)
    if entries[at][0][column] != text:
        entries[at] = ({**entries[at][0], column: text}, entries[at][1])
        assert first_fault(KEY, entries, None)
