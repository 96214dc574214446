"""Rows hold what was put into them, and rows that are no rows are told apart."""

import base64
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from softswitch.trace.message import (
    DamagedRow,
    Direction,
    Row,
    TracedMessage,
    entry,
    pack,
    unpack,
    way_of,
)

MESSAGES = st.builds(
    TracedMessage,
    st.integers(0, 2**53),
    st.sampled_from(Direction),
    st.sampled_from(["udp", "tcp", "tls", "ws", "wss"]),
    st.sampled_from(["", "192.0.2.1:5060", "2001:db8::1:5060"]),
    st.sampled_from(["192.0.2.9:5060", "2001:db8::9:5062", "phone.example:5060"]),
    st.integers(0, 65_535),
    st.binary(max_size=400),
)


def line(one: TracedMessage) -> bytes:
    way = way_of(one.direction, one.transport, one.local, one.remote)
    return entry(one.at, way, one.octets, one.text)


@given(
    st.lists(MESSAGES, max_size=6),
    st.integers(0, 1000),
    st.lists(st.sampled_from(["20260301-a", "20260301-b"]), unique=True),
)
def test_what_goes_in_comes_out(
    messages: list[TracedMessage], left_out: int, shared: list[str]
) -> None:
    row = unpack(pack(map(line, messages), left_out, shared))
    assert row == Row(tuple(messages), left_out, tuple(shared))


@given(
    st.one_of(st.text(max_size=60), st.binary(max_size=60).map(base64.b64encode).map(bytes.decode))
)
def test_rubbish_is_damaged(data: str) -> None:
    with pytest.raises(DamagedRow):
        unpack(data)


@pytest.mark.parametrize("plain", [b"2 0 \n", b"1\n", b"1 0 \nrubbish\n", b"1 0 \n1 < udp", b""])
def test_other_versions_and_torn_rows_are_damaged(plain: bytes) -> None:
    with pytest.raises(DamagedRow):
        unpack(base64.b64encode(zlib.compress(plain)).decode())
