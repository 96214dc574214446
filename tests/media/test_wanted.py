"""What is wanted of the media engine, folded from commands and said again."""

from media.commands import (
    Bridge,
    CloseLeg,
    Echo,
    Hearing,
    LegClosed,
    LegOpened,
    LegStats,
    Music,
    OpenLeg,
    Play,
    PlayEnd,
    PlayEnded,
    SetRemote,
    StopMusic,
    Unbridge,
)
from media.recording_commands import (
    PauseRecording,
    Rechannel,
    Record,
    RecordingEnd,
    RecordingEnded,
    ResumeRecording,
    StopRecording,
)
from media.srtp_commands import Rolled, SrtpKeys
from media.wanted import Wanted, WantedLeg, added


def wanted(*legs: int) -> Wanted:
    one = Wanted()
    for number in legs:
        one.legs[number] = WantedLeg(number, "h", 0)
        one.hear(LegOpened(number, 1000 + number))
    return one


def test_a_leg_is_said_again_as_it_is_now() -> None:
    one = wanted(1)
    remote, music = SetRemote(1, "far", 9), Music(1, "/m")
    for command in (SetRemote(1, "old", 8), remote, Echo(1, True), Echo(1, False)):
        one.fold(command, 0.0)
    for command in (Music(1, "/x"), music, Play(1, 5, ("tone:busy",))):
        one.fold(command, 0.0)
    assert list(one.legs[1].again()) == [
        OpenLeg(1, "h", 1001),
        remote,
        music,
        Play(1, 5, ("tone:busy",)),
    ]
    one.hear(PlayEnded(1, 4, PlayEnd.FINISHED))  # an older one
    assert one.legs[1].play is not None
    one.hear(PlayEnded(1, 5, PlayEnd.FINISHED))
    one.fold(StopMusic(1), 0.0)
    assert list(one.legs[1].again()) == [OpenLeg(1, "h", 1001), remote]


def test_an_encrypted_leg_is_said_again_with_where_its_stream_is() -> None:
    one = wanted(1)
    one.fold(SetRemote(1, "far", 9, srtp=SrtpKeys("S", "a", "b")), 0.0)
    for rollover in (1, 2):
        one.hear(Rolled(1, 77, rollover))
    _, remote = one.legs[1].again()
    assert remote == SetRemote(1, "far", 9, srtp=SrtpKeys("S", "a", "b", 77, 2))
    one.fold(SetRemote(1, "far", 9), 0.0)  # it is plain now
    assert list(one.legs[1].again())[1] == SetRemote(1, "far", 9)


def test_a_leg_is_in_one_bridge_and_leaves_it_when_it_closes() -> None:
    one = wanted(1, 2, 3)
    one.fold(Bridge(7, (1, 2)), 0.0)
    one.fold(Bridge(8, (1, 2, 3), (Hearing(1, (2, 3)), Hearing(2, (1,))), (2,)), 0.0)
    assert list(one.bridges) == [8]
    one.fold(CloseLeg(2), 0.0)
    assert one.bridges[8] == Bridge(8, (1, 3), (Hearing(1, (3,)),), ())
    one.fold(Unbridge(8), 0.0)
    assert not one.bridges


def test_a_recording_goes_on_where_it_stopped() -> None:
    one = wanted(1, 2)
    one.fold(Record(9, "/r", (1,), (2,)), 100.0)
    one.fold(PauseRecording(9, "card"), 110.0)
    one.fold(ResumeRecording(9), 113.0)
    one.fold(Rechannel(9, (2,), (1,)), 114.0)
    assert list(one.recordings[9].again(120.0)) == [Record(9, "/r", (2,), (1,), resume=17.0)]
    one.fold(PauseRecording(9, "card"), 121.0)
    assert list(one.recordings[9].again(130.0)) == [
        Record(9, "/r", (2,), (1,), resume=18.0),
        PauseRecording(9, "card"),
    ]
    one.fold(StopRecording(9), 131.0)
    assert list(one.recordings[9].again(140.0))[-1] == StopRecording(9)
    one.hear(RecordingEnded(9, "/r", 18.0, RecordingEnd.STOPPED))
    assert not one.recordings


def test_the_last_leg_ends_its_recording() -> None:
    one = wanted(1, 2)
    one.fold(Record(9, "/r", (1,), (2,)), 0.0)
    one.fold(CloseLeg(1), 1.0)
    assert not one.recordings[9].is_stopping
    one.fold(CloseLeg(2), 1.0)
    assert one.recordings[9].is_stopping and one.recordings[9].legs == ()
    for leg in (1, 2):
        one.hear(LegClosed(leg, LegStats()))
    assert one.dump() == {"legs": 0, "bridges": 0, "recordings": 1}


def test_who_hangs_together() -> None:
    one = wanted(1, 2, 3, 4, 5)
    one.fold(Bridge(7, (1, 2)), 0.0)
    one.fold(Record(9, "/r", (2,), (3,)), 0.0)
    one.fold(Bridge(8, (4, 5)), 0.0)
    assert one.together([1]) == {1, 2, 3}
    assert one.together([4]) == {4, 5}


def test_what_two_workers_counted_is_one_sum() -> None:
    before, after = LegStats(packets_in=5, seconds=2.0), LegStats(packets_in=7, jitter_ms=3.0)
    assert added(before, after) == LegStats(packets_in=12, seconds=2.0, jitter_ms=3.0)
    assert added(None, after) is after
