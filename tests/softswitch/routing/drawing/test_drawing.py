"""The drawings: all that callers can meet is there, legible, and nothing lies on anything else."""

import xml.etree.ElementTree as ElementTree
from itertools import combinations
from pathlib import Path

import pytest

from softswitch.office.loader import parse_office
from softswitch.routing.drawing.mermaid import mermaid
from softswitch.routing.drawing.picture import picture
from softswitch.routing.drawing.places import Sheet, arrange
from softswitch.routing.drawing.svg import svg
from softswitch.routing.graph import Graph
from tests.softswitch.routing.offices import office_text

CONFIG = Path(__file__).parents[4] / "config"
TEXTS = {
    **{path.stem: path.read_text() for path in sorted(CONFIG.glob("*.yaml"))},
    **{f"people{n}": office_text(n) for n in (12, 60, 200)},
}


@pytest.fixture(params=TEXTS, scope="module")
def graph(request: pytest.FixtureRequest) -> Graph:
    return parse_office(TEXTS[request.param]).graph


def test_every_written_route_is_drawn_with_its_ways_out(graph: Graph) -> None:
    drawn = picture(graph)
    boxes = {box.key for box in drawn.boxes}
    assert set(graph.office.routes) <= boxes
    assert {key for arrow in drawn.arrows for key in (arrow.source, arrow.target)} <= boxes
    pairs = {(arrow.source, arrow.target) for arrow in drawn.arrows}
    for name in graph.office.routes:
        for outcome, edge in graph.nodes[name].edges.items():
            if edge.target is not None and not outcome.isdigit():
                assert (name, edge.target) in pairs
    assert [box.key for box in drawn.boxes if box.is_safe] == [graph.safe]


def overlaps(sheet: Sheet) -> list[tuple[str, str]]:
    return [
        (a.box.key, b.box.key)
        for a, b in combinations(sheet.boxes, 2)
        if a.x < b.x + b.width and b.x < a.x + a.width
        and a.y < b.y + b.height and b.y < a.y + a.height
    ]  # fmt: skip


def test_no_part_stands_far_from_the_others(graph: Graph) -> None:
    """Numbers that lead to phones alone are joined with nothing else, and stand near."""
    bands = sorted((box.y, box.y + box.height) for box in arrange(picture(graph)).boxes)
    bottom = bands[0][1]
    for top, end in bands:
        assert top - bottom < 100, f"nothing stands between {bottom:g} and {top:g}"
        bottom = max(bottom, end)


def test_nothing_lies_on_anything_else(graph: Graph) -> None:
    sheet = arrange(picture(graph))
    assert overlaps(sheet) == []
    starts = [arrow.start for arrow in sheet.arrows]
    assert len(set(starts)) == len(starts)  # each label stands on a line of its own
    for placed in sheet.boxes:
        assert placed.x >= 0 and placed.x + placed.width <= sheet.width
        assert placed.y >= 0 and placed.y + placed.height <= sheet.height


def test_arrows_lead_from_box_to_box(graph: Graph) -> None:
    sheet = arrange(picture(graph))
    boxes = {placed.box.key: placed for placed in sheet.boxes}
    for drawn in sheet.arrows:
        source, target = boxes[drawn.arrow.source], boxes[drawn.arrow.target]
        assert drawn.start[0] == source.x + source.width
        assert source.y <= drawn.start[1] <= source.y + source.height
        if drawn.jump is None:
            assert drawn.end[0] == target.x > drawn.start[0]
            assert target.y <= drawn.end[1] <= target.y + target.height


def test_the_svg_is_well_formed_and_names_everything(graph: Graph) -> None:
    text = svg(picture(graph))
    root = ElementTree.fromstring(text)
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    words = set(root.itertext())
    for name in graph.office.routes:
        assert name in words or f"{name} (safe)" in words
    assert svg(picture(graph)) == text


def test_names_are_text_and_not_markup() -> None:
    text = TEXTS["small"].replace("Biuro Rachunkowe Lis", 'A & B <script>"x"</script>')
    drawn = picture(parse_office(text).graph)
    assert "<script>" not in svg(drawn)
    ElementTree.fromstring(svg(drawn))
    assert "%% A & B" in mermaid(drawn)


def test_mermaid() -> None:
    lines = mermaid(picture(parse_office(TEXTS["small"]).graph)).splitlines()
    assert lines[0] == "flowchart LR"
    assert '  n0(["<b>12 345 67 89</b>"])' in lines
    assert any('-.->|"otherwise"|' in line for line in lines)
    assert any(line.endswith(" safe") for line in lines)


def test_much_used_ways_are_thicker() -> None:
    graph = parse_office(TEXTS["small"]).graph
    thin = svg(picture(graph))
    thick = svg(picture(graph, {("opening", "open"): 900, ("opening", "closed"): 3}))
    assert "stroke-width='5.0'" in thick and "stroke-width='5.0'" not in thin
