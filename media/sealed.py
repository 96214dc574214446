"""The form of a recording that lies on a disk: chunks of AES-256-GCM, nothing ever in clear.

    head    "SWSEAL01", channels, rate, salt (16), length of the recording's name, the name
    chunk   size (4), kind (1), number (4), sealed payload of `size` octets
    ...     kinds: SOUND (int16 samples, interleaved), GAP (JSON), END (nothing)

Each chunk is sealed by itself, so a file is readable up to its last whole chunk, whenever its
writer was killed. Its nonce is its number (NIST SP 800-38D 8.2.1: a counter, never used twice
under a key), and head, kind and number are authenticated with it: a chunk cannot be moved, left
out unseen, or taken into another recording. The key of a file comes of the recording's key and the
file's salt (HKDF, RFC 5869). A gap is told when it begins (no length yet) and when it ends. A file
without END was cut off.

Pure: bytes in, bytes out. SealedError: no such file, or not by this key.
"""

import json
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

MAGIC: Final = b"SWSEAL01"
KEY_SIZE: Final = 32
SALT_SIZE: Final = 16
TAG_SIZE: Final = 16
# 8 s of stereo; our own writer seals 0.6 s at a time. Nobody makes a reader take gigabytes.
MAX_CHUNK: Final = 256 * 1024
MAX_NAME: Final = 100
_HEAD: Final = struct.Struct(">8sBI16sB")
_CHUNK: Final = struct.Struct(">IBI")
SOUND, GAP, END = 1, 2, 3


class SealedError(Exception):
    """It cannot be read; the text says why."""


@dataclass(frozen=True, slots=True)
class Sound:
    """`samples`: int16 little endian, channels interleaved."""

    samples: bytes


@dataclass(frozen=True, slots=True)
class Gap:
    """Nothing was recorded here; why, and for how long (None: its end was not told)."""

    why: str
    seconds: float | None


Piece = Sound | Gap


def _cipher(key: bytes, salt: bytes) -> AESGCM:
    if len(key) != KEY_SIZE:
        raise SealedError(f"a recording's key has {KEY_SIZE} octets")
    derived = HKDF(SHA256(), KEY_SIZE, salt, b"softswitch recording").derive(key)
    return AESGCM(derived)


class Sealer:
    """Makes the octets of one file. `salt`: fresh and random for each file."""

    def __init__(self, key: bytes, name: str, salt: bytes, channels: int, rate: int) -> None:
        """Raises SealedError for a key or name that cannot be."""
        written = name.encode()
        if not 0 < len(written) <= MAX_NAME:
            raise SealedError(f"a recording's name has 1 to {MAX_NAME} octets")
        self._cipher = _cipher(key, salt)
        self.head = _HEAD.pack(MAGIC, channels, rate, salt, len(written)) + written
        self._number = 0

    def sound(self, samples: bytes) -> bytes:
        """A chunk of samples."""
        return self._seal(SOUND, samples)

    def gap(self, why: str, seconds: float | None) -> bytes:
        """A gap begins (None), or has ended after so long."""
        return self._seal(GAP, json.dumps({"why": why, "seconds": seconds}).encode())

    def end(self) -> bytes:
        """Nothing follows."""
        return self._seal(END, b"")

    def skip_to(self, number: int) -> None:
        """Chunks up to this one were made by somebody else."""
        self._number = number

    def _seal(self, kind: int, payload: bytes) -> bytes:
        # Counted even if the chunk never reaches the disk: no nonce is used twice.
        self._number += 1
        number = self._number
        bound = self.head + bytes([kind]) + number.to_bytes(4)
        sealed = self._cipher.encrypt(number.to_bytes(12), payload, bound)
        return _CHUNK.pack(len(sealed), kind, number) + sealed


@dataclass(frozen=True, slots=True)
class TornFile:
    """A file whose writer was killed: where the next chunk may stand."""

    head: bytes
    place: int  # octets of the file that are whole
    sound: int  # octets of samples in them
    last: int  # the number of the last whole chunk

    def sealer(self, key: bytes, name: str) -> Sealer:
        """Goes on in the file. Raises SealedError: it is another recording's."""
        _, channels, rate, salt, _ = _HEAD.unpack(self.head[: _HEAD.size])
        sealer = Sealer(key, name, salt, channels, rate)
        if sealer.head != self.head:
            raise SealedError("the file is another recording's")
        # The number behind the last one may have been used for the chunk that was torn.
        sealer.skip_to(self.last + 1)
        return sealer


def find_end(file: BinaryIO) -> TornFile:
    """Reads the sizes of the chunks only; no key is needed. Raises SealedError."""
    head = file.read(_HEAD.size)
    if len(head) < _HEAD.size or not head.startswith(MAGIC):
        raise SealedError("this is no sealed recording")
    head += file.read(head[-1])
    place, sound, last = len(head), 0, 0
    whole = file.seek(0, 2)
    while place + _CHUNK.size <= whole:
        file.seek(place)
        size, kind, number = _CHUNK.unpack(file.read(_CHUNK.size))
        end = place + _CHUNK.size + size
        if not TAG_SIZE <= size <= MAX_CHUNK or number <= last or end > whole or kind == END:
            break
        place, last = end, number
        sound += size - TAG_SIZE if kind == SOUND else 0
    return TornFile(head, place, sound, last)


class SealedReader:
    """Reads one file from its beginning. `pieces` once; then it is known how it ended."""

    def __init__(self, file: BinaryIO, key: bytes) -> None:
        """Raises SealedError."""
        head = file.read(_HEAD.size)
        if len(head) < _HEAD.size or not head.startswith(MAGIC):
            raise SealedError("this is no sealed recording")
        _, self.channels, self.rate, salt, size = _HEAD.unpack(head)
        name = file.read(size)
        if len(name) != size or self.channels not in (1, 2) or not self.rate:
            raise SealedError("the head of the recording is broken")
        self.name = name.decode("utf-8", "replace")
        self._head, self._file, self._cipher = head + name, file, _cipher(key, salt)
        self._last = 0
        self._open: str | None = None
        self._gaps: list[Gap] = []
        # It has its END: nothing was cut off.
        self.is_whole = False
        # Chunks that the disk did not take, or that somebody took out.
        self.missing = 0

    def pieces(self) -> Iterator[Piece]:
        """Sounds, and the gaps between them, up to the last sound that is whole. What nothing
        follows is no gap: the recording has ended there.

        Raises SealedError when not even the first one can be opened with this key.
        """
        while (found := self._next()) is not None:
            kind, payload = found
            if kind == END:
                self.is_whole = True
                break
            if kind == SOUND:
                self._end_gap(None)
                yield from self._gaps
                self._gaps.clear()
                yield Sound(payload)
            elif kind == GAP:
                self._gap(json.loads(payload))

    def _gap(self, told: dict[str, object]) -> None:
        why, seconds = str(told.get("why")), told.get("seconds")
        if isinstance(seconds, int | float):
            self._open = self._open or why
            self._end_gap(float(seconds))
        else:
            self._end_gap(None)
            self._open = why

    def _end_gap(self, seconds: float | None) -> None:
        why, self._open = self._open, None
        if why is not None:
            self._gaps.append(Gap(why, seconds))

    def _next(self) -> tuple[int, bytes] | None:
        """The next chunk; None: there is none that is whole."""
        top = self._file.read(_CHUNK.size)
        if len(top) < _CHUNK.size:
            return None
        size, kind, number = _CHUNK.unpack(top)
        if not TAG_SIZE <= size <= MAX_CHUNK or number <= self._last:
            self._stumble()
            return None
        sealed = self._file.read(size)
        if len(sealed) < size:
            return None
        bound = self._head + bytes([kind]) + number.to_bytes(4)
        try:
            payload = self._cipher.decrypt(number.to_bytes(12), sealed, bound)
        except InvalidTag:
            self._stumble()
            return None
        self.missing += number - self._last - 1
        self._last = number
        return kind, payload

    def _stumble(self) -> None:
        """The end of what can be read: a writer was killed here, or somebody meddled with it."""
        if not self._last:
            raise SealedError("the recording cannot be opened with this key")
