"""Listen, whisper, barge, mute and words into one ear: proved by frequency, over real sockets."""

from pathlib import Path

import pytest
import soundfile

from media.commands import Bridge, CloseLeg, Failed, Hearing, Play, PlayEnd, PlayEnded
from tests.media.desk import Desk, Phone, desk, sine, strength

CALLER, AGENT, SUPERVISOR = 1000, 400, 2000
FREQUENCIES = (CALLER, AGENT, SUPERVISOR)


@pytest.fixture
def table():
    with desk() as one:
        yield one


def heard(phone: Phone, skip: int = 1600) -> set[int]:
    """Which of the three a phone hears."""
    audio = phone.audio()[skip:]
    return {frequency for frequency in FREQUENCIES if strength(audio, frequency) > 1500}


@pytest.mark.parametrize(
    ("hears", "expected"),
    [
        ({0: (1,), 1: (0,)}, ({AGENT}, {CALLER}, {CALLER, AGENT})),  # listen
        ({0: (1,)}, ({AGENT}, {CALLER, SUPERVISOR}, {CALLER, AGENT})),  # whisper
        ({}, ({AGENT, SUPERVISOR}, {CALLER, SUPERVISOR}, {CALLER, AGENT})),  # barge
    ],
)
def test_supervision(
    table: Desk, hears: dict[int, tuple[int, ...]], expected: tuple[set[int], ...]
) -> None:
    opened = [table.open() for _ in range(3)]
    legs, phones = tuple(leg for leg, _ in opened), [phone for _, phone in opened]
    table.do(Bridge(1, legs[:2]))
    talking = list(zip(phones, FREQUENCIES, strict=True))
    table.talk(10, *talking)
    for phone in phones:
        phone.heard.clear()
    wanted = tuple(Hearing(legs[one], tuple(legs[w] for w in whom)) for one, whom in hears.items())
    table.do(Bridge(1, legs, wanted))
    table.talk(40, *talking)
    assert tuple(heard(phone) for phone in phones) == expected
    # The supervisor goes, and the two talk on without a gap.
    table.do(CloseLeg(legs[2]))
    for phone in phones[:2]:
        phone.heard.clear()
    table.talk(20, *talking[:2])
    assert heard(phones[0]) == {AGENT} and heard(phones[1]) == {CALLER}


def test_who_is_listened_to_is_still_forwarded_on_arrival(table: Desk) -> None:
    (a, caller), (b, agent), (s, _) = table.open(), table.open(), table.open()
    table.do(Bridge(1, (a, b, s), (Hearing(a, (b,)), Hearing(b, (a,)))))
    table.talk(3, (caller, CALLER), (agent, AGENT))
    agent.heard.clear()
    caller.say(sine(CALLER, 0.02))
    table.pump()
    agent.listen()
    assert len(agent.heard) == 1  # before any tick


def test_one_speaker_and_many_who_listen(table: Desk) -> None:
    (a, speaker), (b, bob), (c, carol) = table.open(), table.open(), table.open()
    table.do(Bridge(1, (a, b, c), muted=(b, c)))
    table.talk(40, (speaker, CALLER), (bob, AGENT), (carol, SUPERVISOR))
    assert heard(bob) == heard(carol) == {CALLER}
    assert heard(speaker) == set() and speaker.heard  # silence, but not nothing


def test_an_announcement_into_one_ear(table: Desk, tmp_path: Path) -> None:
    path = tmp_path / "whisper.wav"
    soundfile.write(path, sine(SUPERVISOR, 0.5), 8000)
    (a, caller), (b, agent) = table.open(), table.open()
    table.do(Bridge(1, (a, b)))
    table.talk(10, (caller, CALLER), (agent, AGENT))
    table.do(Play(b, 1, (str(path),), over=True))
    table.until(lambda: table.engine.legs[b].voice is not None)
    for phone in (caller, agent):
        phone.heard.clear()
    table.talk(24, (caller, CALLER), (agent, AGENT))
    assert heard(agent) == {CALLER, SUPERVISOR}
    assert strength(agent.audio()[1600:], CALLER) < 5000  # ducked
    assert heard(caller) == {AGENT}
    table.talk(5, (caller, CALLER), (agent, AGENT))
    assert table.of(PlayEnded) == [PlayEnded(b, 1, PlayEnd.FINISHED)]
    agent.heard.clear()
    table.talk(20, (caller, CALLER), (agent, AGENT))
    assert strength(agent.audio()[1600:], CALLER) > 7000
    assert heard(agent) == {CALLER}


def test_a_bridge_speaks_of_its_own_legs_only(table: Desk) -> None:
    (a, _), (b, _), (c, _) = table.open(), table.open(), table.open()
    table.do(Bridge(1, (a, b), (Hearing(a, (c,)),)))
    table.do(Bridge(1, (a, b), muted=(c,)))
    reasons = {event.reason for event in table.of(Failed)}
    assert reasons == {f"leg {c} is not in the bridge"} and len(table.of(Failed)) == 2
