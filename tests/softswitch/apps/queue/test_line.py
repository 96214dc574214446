"""The line of a queue: nobody is overtaken, nobody waits twice, nobody is forgotten."""

from hypothesis import given
from hypothesis import strategies as st

from softswitch.apps.queue.line import Line, Waiting


def test_first_come_first_served() -> None:
    line = Line()
    callers = [Waiting(str(n), 0, float(n)) for n in range(5)]
    assert [line.join(caller) for caller in callers] == [1, 2, 3, 4, 5]
    line.leave(callers[1])
    assert [line.position(caller) for caller in line] == [1, 2, 3, 4]
    assert [caller.call for caller in line] == ["0", "2", "3", "4"]


def test_priority_goes_before_time() -> None:
    line = Line()
    normal, high = Waiting("normal", 0, 1.0), Waiting("high", 10, 2.0)
    line.join(normal)
    assert line.join(high) == 1
    assert line.position(normal) == 2


def test_full_and_leaving_twice() -> None:
    line = Line()
    caller = Waiting("a", 0, 0.0)
    line.join(caller)
    assert line.is_full(1)
    line.leave(caller)
    line.leave(caller)
    assert len(line) == 0
    assert not line.is_full(1)


@given(
    st.lists(st.tuples(st.integers(0, 2), st.booleans()), max_size=40),
)
def test_property_order_is_kept(steps: list[tuple[int, bool]]) -> None:
    """Whoever joins and leaves: equal priorities keep their order of coming."""
    line, inside = Line(), []
    for moment, (priority, somebody_leaves) in enumerate(steps):
        if somebody_leaves and inside:
            line.leave(inside.pop(0))
        caller = Waiting(str(moment), priority, float(moment))
        line.join(caller)
        inside.append(caller)
        order = [(-one.priority, one.since) for one in line]
        assert order == sorted(order)
        assert len(line) == len(inside)
