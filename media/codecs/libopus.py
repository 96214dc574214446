"""libopus itself, by ctypes: what FFmpeg's wrapper of it cannot do for a packet that is lost.

RFC 6716 4.4 (concealment), 2.1.7 (FEC: a packet may hold the one before it once more, coarser).
Its decoder gives 16 kHz itself, where FFmpeg's knows 48 alone. The library is the one that PyAV
brings along, else the system's. Whether it is there and does what it should is tried when this
file is read; if not, `IS_HERE` says so, and FFmpeg decodes.
"""

import ctypes
import logging
from pathlib import Path
from typing import Any, Final

import av
import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.int16]

RATE: Final = 16000
# RFC 6716 2.1.4: nothing longer than 120 ms.
_MOST: Final = RATE * 120 // 1000
_FRAME: Final = RATE // 50
# opus_defines.h: OPUS_OK, and what its functions call a missing packet.
_OK: Final = 0
_SYSTEM: Final = ("libopus.so.0", "libopus.0.dylib")
# A packet of two octets, 20 ms of CELT in full band: digital silence.
_SILENCE: Final = b"\xf8\xff\xfe"

_log = logging.getLogger(__name__)


class Missing(Exception):
    """No libopus that can be used."""


def _candidates() -> list[str]:
    """Beside PyAV's modules its wheels keep what they were linked with."""
    package = Path(av.__file__).parent
    folders = (package.with_name("av.libs"), package / ".dylibs")
    return [str(one) for folder in folders for one in sorted(folder.glob("libopus*"))]


def load(names: list[str]) -> Any:
    """The first library of these that decodes. Raises Missing."""
    for name in names:
        try:
            library = ctypes.CDLL(name)
            _declare(library)
            if works(library):
                return library
        except (OSError, AttributeError) as error:
            _log.debug("libopus: %s", error)
    raise Missing("; ".join(names))


def _declare(library: Any) -> None:
    library.opus_decoder_create.restype = ctypes.c_void_p
    library.opus_decoder_create.argtypes = [
        ctypes.c_int32, ctypes.c_int, ctypes.POINTER(ctypes.c_int),
    ]  # fmt: skip
    library.opus_decoder_destroy.restype = None
    library.opus_decoder_destroy.argtypes = [ctypes.c_void_p]
    library.opus_decode.restype = ctypes.c_int
    library.opus_decode.argtypes = [
        ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int32, ctypes.c_void_p, ctypes.c_int,
        ctypes.c_int,
    ]  # fmt: skip


class Decoder:
    """One incoming stream, mono (two channels are mixed down), at RATE."""

    def __init__(self, library: Any = None) -> None:
        self._library = library or _LIBRARY
        error = ctypes.c_int()
        self._state = self._library.opus_decoder_create(RATE, 1, ctypes.byref(error))
        if error.value != _OK or not self._state:
            raise MemoryError("opus_decoder_create")
        self._call = self._library.opus_decode
        self._sound = np.zeros(_MOST, np.int16)
        self._place = self._sound.ctypes.data

    def __del__(self) -> None:
        if getattr(self, "_state", None):
            self._library.opus_decoder_destroy(self._state)

    def decode(self, payload: bytes) -> Samples:
        """(n,) int16; empty if it cannot be read."""
        return self._taken(self._call(self._state, payload, len(payload), self._place, _MOST, 0))

    def missing(self, following: bytes | None) -> Samples:
        """20 ms that did not come: out of the packet behind them, where that holds them once more,
        else as the sound before goes on.
        """
        if following:
            size = len(following)
            count = self._call(self._state, following, size, self._place, _FRAME, 1)
        else:
            count = self._call(self._state, None, 0, self._place, _FRAME, 0)
        return self._taken(count)

    def _taken(self, count: int) -> Samples:
        return self._sound[: max(0, count)].copy()


def works(library: Any) -> bool:
    """Does it read a packet, go on without one, and refuse what is none?"""
    one = Decoder(library)
    sizes = (one.decode(_SILENCE).size, one.missing(None).size, one.missing(_SILENCE).size)
    return sizes == (_FRAME, _FRAME, _FRAME) and one.decode(b"\xff\xff").size == 0


def _chosen() -> Any:
    try:
        return load([*_candidates(), *_SYSTEM])
    except Missing as error:
        _log.warning(
            "no libopus can be called (%s): lost packets of Opus are covered without its own "
            "concealment and FEC",
            error,
        )
        return None


_LIBRARY: Final = _chosen()
IS_HERE: Final = _LIBRARY is not None
