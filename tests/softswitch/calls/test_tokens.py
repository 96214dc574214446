"""Names that nobody can guess: no piece of randomness twice, and as long as they are told to be."""

import os

from softswitch.calls.tokens import READ, TOKEN, Tokens


def test_every_piece_is_handed_out_once() -> None:
    read: list[bytes] = []

    def chance(size: int) -> bytes:
        read.append(os.urandom(size))
        return read[-1]

    tokens = Tokens(chance)
    given, count = [], 3 * READ // TOKEN
    for _ in range(count):
        given.append(bytes.fromhex(tokens.token()))
    assert b"".join(given) == b"".join(read)
    assert len(read) == 3


def test_a_rest_that_is_too_short_is_left() -> None:
    octets = iter(range(1, 3))
    tokens = Tokens(lambda size: bytes([next(octets)]) * size)
    sizes = {tokens.session() for _ in range(READ // 8)}
    assert sizes == {int.from_bytes(b"\x01" * 8) >> 2}
    assert tokens.token() == "02" * TOKEN


def test_as_the_system_gives_them() -> None:
    tokens = Tokens()
    assert len({tokens.token() for _ in range(1000)}) == 1000
    assert all(len(tokens.token()) == 2 * TOKEN for _ in range(200))
    assert all(0 <= tokens.session() < 1 << 62 for _ in range(200))
