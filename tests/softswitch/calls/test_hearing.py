"""A supervisor beside two who talk: what the media engine is told, in virtual time."""

from collections.abc import Iterator

import pytest

from softswitch.calls.bridge import Side, Talk
from softswitch.calls.hearing import Supervision
from tests.helpers.virtual_office import HOST, VirtualOffice, virtual_office
from tests.softswitch.calls.test_talk import connected


@pytest.fixture
def office() -> Iterator[VirtualOffice]:
    with virtual_office() as running:
        yield running
        running.check_calm()


def talk_of(office: VirtualOffice) -> Talk:
    (conversation,) = office.server.desk.conversations.values()
    assert conversation._talk is not None
    return conversation._talk


class Table:
    """101 talks with 102; a third one has a place in the media engine."""

    def __init__(self, office: VirtualOffice) -> None:
        self.office = office

    async def lay(self) -> None:
        office = self.office
        anna, piotr = [await office.phone(one) for one in ("101", "102")]
        self.out, self.inward = await connected(anna, piotr)
        self.supervisor = await office.server.desk.exchange.sounds.open(HOST)
        self.talk = talk_of(office)
        self.legs = (office.leg_of(self.out), office.leg_of(self.inward), self.supervisor.leg)

    def heard(self) -> list[set[int]]:
        """Whom each of the three hears, by place."""
        return [{self.legs.index(n) for n in self.office.media.heard_by(leg)} for leg in self.legs]

    async def clear(self) -> None:
        self.talk.unsupervise()
        self.supervisor.close()
        self.out.bye()
        await self.inward.over()


def test_listen_whisper_barge_and_gone(office: VirtualOffice) -> None:
    async def story() -> None:
        table = Table(office)
        await table.lay()
        table.talk.supervise(table.supervisor, Supervision.LISTEN)
        assert table.heard() == [{1}, {0}, {0, 1}]
        table.talk.supervise(table.supervisor, Supervision.WHISPER)
        assert table.heard() == [{1}, {0, 2}, {0, 1}]
        table.talk.supervise(table.supervisor, Supervision.WHISPER, Side.CALLER)
        assert table.heard() == [{1, 2}, {0}, {0, 1}]
        table.talk.supervise(table.supervisor, Supervision.BARGE)
        assert table.heard() == [{1, 2}, {0, 2}, {0, 1}]
        table.talk.unsupervise()
        assert table.heard() == [{1}, {0}, set()]
        await table.clear()

    office.do(story())


def test_the_supervisor_is_there_again_after_a_hold(office: VirtualOffice) -> None:
    async def story() -> None:
        table = Table(office)
        await table.lay()
        table.talk.supervise(table.supervisor, Supervision.LISTEN)
        await table.inward.hold("sendonly")
        assert table.heard() == [set(), set(), set()] and office.music_for(table.out)
        await table.inward.reinvite(table.inward.phone.offer(version=9))
        await office.until(lambda: table.heard() == [{1}, {0}, {0, 1}], "as before", 1)
        await table.clear()

    office.do(story())
