"""The sealed form: what is bound to what, where it ends, and octets from nowhere."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.sealed import Gap, Piece, SealedError, SealedReader, Sealer, Sound

KEY, SALT = bytes(range(32)), bytes(16)


def written(*parts: bytes, name: str = "r1") -> bytes:
    """A file with these sounds, and its end."""
    sealer = Sealer(KEY, name, SALT, 2, 8000)
    return b"".join([sealer.head, *map(sealer.sound, parts), sealer.end()])


def read(content: bytes, key: bytes = KEY) -> tuple[list[Piece], SealedReader]:
    reader = SealedReader(io.BytesIO(content), key)
    return list(reader.pieces()), reader


def test_what_was_written_is_read() -> None:
    pieces, reader = read(written(b"one", b"two"))
    assert pieces == [Sound(b"one"), Sound(b"two")]
    assert (reader.name, reader.channels, reader.rate, reader.is_whole) == ("r1", 2, 8000, True)


@pytest.mark.parametrize("cut", range(1, 54))
def test_it_is_readable_to_its_last_whole_chunk(cut: int) -> None:
    content = written(b"one", b"two")
    pieces, reader = read(content[:-cut])
    assert pieces == [Sound(b"one"), Sound(b"two")][: len(pieces)] and not reader.is_whole
    assert len(pieces) >= (2 if cut <= 25 else 1)


def test_no_chunk_moves_to_another_place_or_recording() -> None:
    sealer = Sealer(KEY, "r1", SALT, 2, 8000)
    one, two, end = sealer.sound(b"one"), sealer.sound(b"two"), sealer.end()
    assert read(sealer.head + two + one + end)[0] == [Sound(b"two")]
    pieces, reader = read(sealer.head + two + end)
    assert pieces == [Sound(b"two")] and reader.missing == 1
    other = Sealer(KEY, "r2", SALT, 2, 8000)
    with pytest.raises(SealedError, match="cannot be opened"):
        read(other.head + one + end)


def test_gaps_are_told_with_their_length_if_they_had_an_end() -> None:
    sealer = Sealer(KEY, "r1", SALT, 2, 8000)
    content = [sealer.head, sealer.gap("hold", None), sealer.gap("hold", 2.0), sealer.sound(b"a")]
    # What nothing follows is the end.
    content += [sealer.gap("lost", 0.5), sealer.sound(b"b"), sealer.gap("paused", None)]
    pieces, reader = read(b"".join(content))
    assert pieces == [Gap("hold", 2.0), Sound(b"a"), Gap("lost", 0.5), Sound(b"b")]
    assert not reader.is_whole


def test_nothing_is_in_clear_and_nothing_is_alike() -> None:
    secret = b"a planted tone" * 10
    content = written(secret, secret)
    assert secret[:16] not in content
    assert content.count(content[60:76]) == 1


@pytest.mark.parametrize("name", ["", "x" * 101])
def test_a_name_that_cannot_be(name: str) -> None:
    with pytest.raises(SealedError):
        Sealer(KEY, name, SALT, 2, 8000)


@given(st.binary(max_size=200), st.integers(0, 200))
def test_fuzz_octets_from_nowhere(junk: bytes, at: int) -> None:
    content = written(b"one" * 20, b"two" * 20)
    for broken in (junk, content[:at] + junk, content[:at] + junk + content[at + len(junk) :]):
        try:
            pieces, _ = read(broken)
        except SealedError:
            continue
        assert all(piece in (Sound(b"one" * 20), Sound(b"two" * 20)) for piece in pieces)
