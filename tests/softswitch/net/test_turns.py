"""What had to wait is read in slices, with everything else of the loop between them."""

import asyncio

from softswitch.net.doorkeeper import OpenDoor
from softswitch.net.turns import SLICE, Turns
from softswitch.sip.flow import Flow, Transport

FLOW = Flow(Transport.UDP, ("192.0.2.250", 5060), ("198.51.100.1", 5060))


class Clock:
    """Time that passes only where it is spent."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


class Door(OpenDoor):
    """Has some messages waiting; `pauses` as long as it was told."""

    def __init__(self, count: int) -> None:
        self.left, self.told = count, 0.0
        self.pauses = 0.0

    def pause(self, now: float) -> float | None:
        return self.pauses if self.left else None

    def next_waiting(self, now: float) -> tuple[bytes, Flow] | None:
        if not self.left or self.pauses > 0.0:
            return None
        self.left -= 1
        return b"%d" % self.left, FLOW

    def spent(self, seconds: float, now: float) -> None:
        self.told += seconds


async def test_slices_let_others_have_their_turn() -> None:
    door, clock, story = Door(6), Clock(), []

    def handle(data: bytes, flow: Flow) -> None:
        clock.now += SLICE / 2
        story.append(data.decode())

    turns = Turns(door, handle, clock, cpu=clock)
    turns.wake()
    turns.wake()
    while door.left:
        await asyncio.sleep(0)
        story.append("others")
    assert story == ["5", "4", "others", "3", "2", "others", "1", "0", "others"]
    assert door.told == 6 * SLICE / 2
    turns.close()


async def test_a_pause_is_kept_and_a_closed_one_reads_no_more() -> None:
    door, clock = Door(3), Clock()
    read: list[bytes] = []
    turns = Turns(door, lambda data, _flow: read.append(data), clock, cpu=clock)
    door.pauses = 0.01
    turns.wake()
    await asyncio.sleep(0)
    assert not read
    door.pauses = 0.0
    while len(read) < 3:
        await asyncio.sleep(0.01)
    door.left = 1
    turns.wake()
    turns.close()
    turns.wake()
    await asyncio.sleep(0)
    assert len(read) == 3 and door.left == 1
