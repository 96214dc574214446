"""The wire: what goes in comes out, and nothing else."""

import json
from typing import get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.commands import (
    Bridge,
    Command,
    Hearing,
    LegClosed,
    LegStats,
    MediaSettings,
    OpenLeg,
    Play,
    PlayEnd,
    PlayEnded,
    Record,
    SetRemote,
    SrtpKeys,
)
from media.measured import Rated
from media.wire import LineSplitter, WireError, decode, encode

MESSAGES = [
    OpenLeg(1, "::1"),
    SetRemote(1, "h", 2, dtmf_send=101, send=False),
    Bridge(1, (1, 2, 3)),
    Bridge(1, (1, 2, 3), (Hearing(1, (2,)), Hearing(2, ())), (3,)),
    Play(1, 2, ("/a b/ż.wav", "tone:busy"), loop=True),
    Record(1, "/x", (1,), (), True, 3.0, None),
    PlayEnded(1, 2, PlayEnd.DIGIT, ""),
    LegClosed(1, LegStats(packets_in=5, jitter_ms=1.5)),
    MediaSettings(),
    SetRemote(1, "h", 2, srtp=SrtpKeys("AES_CM_128_HMAC_SHA1_80", "c2VuZA==", "cmVjZWl2ZQ==")),
    Play(1, 2, ("/a/\udcff.wav",)),  # a file whose name is no text (PEP 383)
]


@pytest.mark.parametrize("message", MESSAGES)
def test_there_and_back(message: object) -> None:
    line = encode(message)  # type: ignore[arg-type]
    assert line.endswith(b"\n") and line.count(b"\n") == 1
    assert decode(line) == message


def test_a_measured_number_is_a_number() -> None:
    stats = LegStats(jitter_ms=np.float64(1.5), rated=Rated(timeline_in=(np.float64(4.2), None)))
    assert decode(encode(LegClosed(1, stats))) == LegClosed(1, stats)
    with pytest.raises(TypeError):
        encode(OpenLeg(1, object()))  # type: ignore[arg-type]


def test_defaults_may_be_left_out() -> None:
    assert decode(b'["Play",1,2,["tone:busy"]]') == Play(1, 2, ("tone:busy",))


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"{}",
        b"[]",
        b"[5]",
        b"nonsense",
        b'["Nobody",1]',
        b'["OpenLeg",1]',
        b'["OpenLeg",1,"h",3,4]',
        b'["OpenLeg",true,"h"]',
        b'["OpenLeg","1","h"]',
        b'["Bridge",1,[1,2],[[1]]]',
        b'["Bridge",1,[1,2],[1]]',
        b'["Bridge",1,5]',
        b'["Bridge",1,["a"]]',
        b'["PlayEnded",1,2,"tired",""]',
        b"[" * 100000,
    ],
)
def test_anything_else_is_an_error(line: bytes) -> None:
    with pytest.raises(WireError):
        decode(line)


def test_the_error_names_the_word_and_the_leg() -> None:
    with pytest.raises(WireError) as error:
        decode(b'["Nobody",7]')
    assert (error.value.word, error.value.leg) == ("Nobody", 7)


@given(st.recursive(st.none() | st.integers() | st.text() | st.booleans(), st.lists))
def test_only_wire_errors_come_out(value: object) -> None:
    for kind in get_args(Command):
        line = json.dumps([kind.__name__, value, value]).encode()
        try:
            decode(line)
        except WireError:
            continue


@pytest.mark.parametrize("line", [b'["SetRemote",1,"h","x"]', b'["SetRemote",1]'])
def test_what_is_wrong_is_said_in_the_field_s_place(line: bytes) -> None:
    with pytest.raises(WireError, match="Expected") as error:
        decode(line)
    assert (error.value.word, error.value.leg) == ("SetRemote", 1)


def test_keys_are_not_shown() -> None:
    keys = SrtpKeys("AES_CM_128_HMAC_SHA1_80", "c2VuZA==", "cmVjZWl2ZQ==")
    record = Record(7, "/x", (1,), key="00ff")
    assert "AES_CM" in repr(keys) and "c2Vu" not in repr(SetRemote(1, "h", 2, srtp=keys))
    assert "/x" in repr(record) and "00ff" not in repr(record)


def test_lines_are_cut_wherever_the_bytes_are() -> None:
    whole = b"".join(encode(message) for message in MESSAGES)  # type: ignore[arg-type]
    splitter = LineSplitter()
    lines = [line for i in range(len(whole)) for line in splitter.feed(whole[i : i + 1])]
    assert [decode(line) for line in lines] == MESSAGES


def test_an_endless_line_is_refused() -> None:
    splitter = LineSplitter()
    with pytest.raises(WireError):
        for _ in range(10):
            splitter.feed(b"x" * 65536)
