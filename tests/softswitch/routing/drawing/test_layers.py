"""Columns: nothing is lost, arrows lead to the right, few of them cross."""

from hypothesis import given
from hypothesis import strategies as st

from softswitch.routing.drawing.layers import layers


def test_a_chain_and_a_way_back() -> None:
    made = layers(["a", "b", "c"], [("a", "b"), ("b", "c"), ("c", "a"), ("a", "c")])
    assert made.columns[0] == ["a"] and made.columns[2] == ["c"]
    assert made.backward == {2}
    assert made.chains[0] == ["a", "b"]
    assert len(made.chains[3]) == 3  # it passes the column of b


def test_crossings_are_removed() -> None:
    arrows = [("a", "z"), ("b", "y"), ("c", "x")]
    made = layers(["a", "b", "c", "x", "y", "z"], arrows)
    rows = {key: row for column in made.columns for row, key in enumerate(column)}
    pairs = sorted((rows[a], rows[b]) for a, b in arrows)
    assert pairs == [(0, 0), (1, 1), (2, 2)]


_KEYS = st.sampled_from("abcdefghij")


@given(st.lists(st.tuples(_KEYS, _KEYS), max_size=40))
def test_property_any_graph_has_columns(arrows: list[tuple[str, str]]) -> None:
    boxes = list("abcdefghij")
    made = layers(boxes, arrows)
    column = {key: n for n, keys in enumerate(made.columns) for key in keys}
    assert sorted(key for key in column if key in boxes) == boxes
    assert set(made.chains) | made.backward == set(range(len(arrows)))
    for number, chain in made.chains.items():
        assert (chain[0], chain[-1]) == arrows[number]
        steps = [column[key] for key in chain]
        assert steps == list(range(steps[0], steps[0] + len(steps)))
