"""What compiled functions ask of the system: libc's and libsrtp's functions, by the addresses that
stand in `system`.

The compiled form of media/native/system.py, which says what each of them does. Structures that libc
is handed (timespec, pollfd) have their places in `system` as well.
"""

from collections.abc import Callable
from select import POLLIN
from typing import Any, Final

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from media.native.system import CLOCK, EPOLL, POLL, POLLED, TIME

_INT16, _INT32, _INT64 = ir.IntType(16), ir.IntType(32), ir.IntType(64)
_ANY: Final = ir.IntType(8).as_pointer()
_MONOTONIC: Final = 1  # CLOCK_MONOTONIC
_SECOND: Final = 1_000_000_000


def _place(builder: Any, system: Any, place: int) -> Any:
    return builder.gep(system, [ir.Constant(_INT64, place)])


def _called(builder: Any, system: Any, place: int, result: Any, arguments: list[Any]) -> Any:
    """What the function says whose address stands in that place, as 64 bits."""
    address = builder.load(_place(builder, system, place))
    kind = ir.FunctionType(result, [one.type for one in arguments])
    told = builder.call(builder.inttoptr(address, kind.as_pointer()), arguments)
    return told if result is _INT64 else builder.sext(told, _INT64)


def system_call(place: int) -> Callable[..., int]:
    """`receive` or `transmit`: ssize_t f(int, void *, size_t, 0), whose address stands there."""

    @intrinsic  # type: ignore[untyped-decorator]
    def call(context: Any, system: Any, descriptor: Any, octets: Any, at: Any, size: Any) -> Any:
        wide = types.int64
        return wide(system, wide, octets, wide, wide), generate

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        system, descriptor, octets, at, size = arguments
        narrow, memory = builder.trunc(descriptor, _INT32), builder.gep(octets, [at])
        none = ir.Constant(_INT32, 0)
        return _called(builder, system, place, _INT64, [narrow, memory, size, none])

    return call  # type: ignore[no-any-return]


def cipher_call(place: int) -> Callable[..., int]:
    """`seal` or `unseal`: int f(session, void *, int *), whose address stands there."""

    @intrinsic  # type: ignore[untyped-decorator]
    def call(
        context: Any, system: Any, session: Any, octets: Any, at: Any, lengths: Any, its: Any
    ) -> Any:
        wide = types.int64
        return wide(system, wide, octets, wide, lengths, wide), generate

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        system, session, octets, at, lengths, its = arguments
        memory, length = builder.gep(octets, [at]), builder.gep(lengths, [its])
        return _called(builder, system, place, _INT32, [session, memory, length])

    return call  # type: ignore[no-any-return]


def copy_call(place: int) -> Callable[..., int]:
    """`copy`: void *memcpy(void *, void *, size_t). Written out, the compiler would make a call of
    it all the same: of a function outside, which nobody could place.
    """

    @intrinsic  # type: ignore[untyped-decorator]
    def call(
        context: Any, system: Any, into: Any, there: Any, octets: Any, at: Any, size: Any
    ) -> Any:
        wide = types.int64
        return wide(system, into, wide, octets, wide, wide), generate

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        system, into, there, octets, at, size = arguments
        to, of = builder.gep(into, [there]), builder.gep(octets, [at])
        _called(builder, system, place, _INT64, [to, of, size])
        return ir.Constant(_INT64, 0)

    return call  # type: ignore[no-any-return]


def clock_call() -> Callable[..., int]:
    """`clock`: int clock_gettime(clockid_t, struct timespec *)."""

    @intrinsic  # type: ignore[untyped-decorator]
    def call(context: Any, system: Any) -> Any:
        return types.int64(system), generate

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        (system,) = arguments
        seconds, rest = _place(builder, system, TIME), _place(builder, system, TIME + 1)
        monotonic = ir.Constant(_INT32, _MONOTONIC)
        _called(builder, system, CLOCK, _INT32, [monotonic, seconds])
        whole = builder.mul(builder.load(seconds), ir.Constant(_INT64, _SECOND))
        return builder.add(whole, builder.load(rest))

    return call  # type: ignore[no-any-return]


def wait_call() -> Callable[..., int]:
    """`wait`: int ppoll(struct pollfd *, nfds_t, const struct timespec *, const sigset_t *)."""

    @intrinsic  # type: ignore[untyped-decorator]
    def call(context: Any, system: Any, descriptor: Any, longest: Any) -> Any:
        return types.int64(system, types.int64, types.int64), generate

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        system, descriptor, longest = arguments
        polled, second = _place(builder, system, POLLED), ir.Constant(_INT64, _SECOND)
        time = _place(builder, system, TIME)
        # int fd, short events, short revents.
        words = builder.bitcast(polled, _INT32.as_pointer())
        halves = builder.bitcast(polled, _INT16.as_pointer())
        builder.store(builder.trunc(descriptor, _INT32), words)
        wanted = builder.gep(halves, [ir.Constant(_INT64, 2)])
        builder.store(ir.Constant(_INT16, POLLIN), wanted)
        builder.store(builder.sdiv(longest, second), time)
        builder.store(builder.srem(longest, second), _place(builder, system, TIME + 1))
        given = [polled, ir.Constant(_INT64, 1), time, ir.Constant(_ANY, None)]
        return _called(builder, system, POLL, _INT32, given)

    return call  # type: ignore[no-any-return]


def look_call() -> Callable[..., int]:
    """`look`: int epoll_wait(int, struct epoll_event *, int, 0)."""

    @intrinsic  # type: ignore[untyped-decorator]
    def call(context: Any, system: Any, poll: Any, events: Any, most: Any) -> Any:
        return types.int64(system, types.int64, events, types.int64), generate

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        system, poll, events, most = arguments
        descriptor, room = builder.trunc(poll, _INT32), builder.trunc(most, _INT32)
        at_once = ir.Constant(_INT32, 0)
        return _called(builder, system, EPOLL, _INT32, [descriptor, events, room, at_once])

    return call  # type: ignore[no-any-return]
