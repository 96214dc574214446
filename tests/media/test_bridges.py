"""Who hears whom, as sets of legs."""

from media.bridges import Bridges, Room


def test_a_leg_is_in_one_bridge_at_most() -> None:
    bridges = Bridges()
    assert bridges.assign(1, (1, 2)) == {1, 2}
    assert bridges.assign(2, (2, 3)) == {1, 2, 3}
    assert bridges.dump() == {1: (1,), 2: (2, 3)}
    assert bridges.peers(1) == () and bridges.peers(3) == (2,)


def test_the_last_leg_takes_its_bridge_with_it() -> None:
    bridges = Bridges()
    bridges.assign(1, (1, 2), {1: (2,)}, (2,))
    assert bridges.remove(1) == {1, 2}
    assert bridges.remove(2) == {2}
    assert bridges.dump() == {} and bridges.rooms_of((1, 2)) == []
    assert bridges.feeder(2) is None and bridges.room_of(2) == Room(())


def test_who_hears_one_alone_may_be_forwarded_to() -> None:
    bridges = Bridges()
    caller, agent, supervisor = legs = (1, 2, 3)
    listen = {caller: (agent,), agent: (caller,)}
    bridges.assign(1, legs, listen)
    assert [bridges.feeder(leg) for leg in legs] == [agent, caller, None]
    bridges.assign(1, legs, {caller: (agent,)})
    assert [bridges.feeder(leg) for leg in legs] == [agent, None, None]
    bridges.remove(supervisor)
    assert [bridges.feeder(leg) for leg in legs[:2]] == [agent, caller]


def test_one_source_is_forwarded_to_one_leg_only() -> None:
    bridges = Bridges()
    bridges.assign(1, (1, 2, 3), muted=(2, 3))
    assert bridges.feeder(2) == 1 and bridges.feeder(3) is None
    assert bridges.feeder(1) is None
    assert Room((1, 2, 3), muted=frozenset({2, 3})).heard_by(1) == ()
