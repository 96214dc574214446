"""Addresses of one device and no other, wherever it moves (RFC 5627).

The public one is the extension with the device's instance: it needs no memory and lives as long as
the phone's hardware. A temporary one says nothing of either. It is a number of ours under our key
(as appendix A.2 has it), so the thousandth costs no more than the first; it dies with the device's
registration, with the phone's next Call-ID (3.1: "all temporary GRUUs ... become invalid"), and
with this process, whose phones then register anew.
"""

import secrets
from base64 import b32decode, b32encode
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import blake2s
from urllib.parse import quote

from softswitch.registrar.binding import Binding
from softswitch.sip.uri import Uri

TEMPORARY = "tgruu."
# Of chance, so that two of one device share nothing; of content; of proof that it is ours.
NONCE, CONTENT, PROOF = 8, 8, 9
_HALF = CONTENT // 2
# RFC 3261 25.1, paramchar: what may stand in a URI parameter as it is.
_SAFE = "[]/:&+$-_.!~*'()"


@dataclass(frozen=True, slots=True)
class Device:
    """One phone of one extension."""

    extension: str
    instance: str
    """As in `Binding.instance`."""


@dataclass(slots=True)
class _Known:
    """A device that has temporary addresses."""

    device: Device
    call_id: str
    generation: int = 0


class Gruus:
    """Makes them and reads them. Bounded by the devices that are registered: `forget`."""

    def __init__(self, token: Callable[[int], bytes] = secrets.token_bytes) -> None:
        """`token`: so many unguessable bytes."""
        self._token = token
        self._cipher_key, self._proof_key = token(32), token(32)
        self._numbers: dict[Device, int] = {}
        self._known: dict[int, _Known] = {}
        self._last = 0

    def public(self, binding: Binding, home: Uri) -> str:
        """3.1.2: the address of record with the instance in `gr`."""
        instance = quote(bare(binding.instance or ""), safe=_SAFE)
        return f"{_record(home)};gr={instance}"

    def temporary(self, binding: Binding, home: Uri) -> str:
        """A new one, whenever the phone registers (3.1); those before it stay good."""
        device = Device(binding.extension, binding.instance or "")
        number = self._numbers.get(device)
        if number is None:
            self._last += 1
            number = self._numbers[device] = self._last
            self._known[number] = _Known(device, binding.call_id)
        known = self._known[number]
        if known.call_id != binding.call_id:
            known.call_id, known.generation = binding.call_id, known.generation + 1
        user = TEMPORARY + self._seal(number, known.generation)
        return f"{_record(Uri(home.scheme, user, None, home.host, home.port, (), ()))};gr"

    def find(self, uri: Uri) -> Device | None:
        """The device that an address means; None when it is none of ours, or not any more."""
        if not uri.has_param("gr"):
            return None
        instance, user = uri.param("gr"), uri.user or ""
        if instance:
            return Device(user, instance) if user else None
        if not user.startswith(TEMPORARY):
            return None
        known = self._open(user.removeprefix(TEMPORARY))
        return known.device if known is not None else None

    def forget(self, device: Device) -> None:
        """It is registered no more: its temporary addresses lead nowhere."""
        number = self._numbers.pop(device, None)
        if number is not None:
            del self._known[number]

    def __len__(self) -> int:
        return len(self._known)

    def _seal(self, number: int, generation: int) -> str:
        content = number.to_bytes(_HALF, "big") + (generation % 2**32).to_bytes(_HALF, "big")
        nonce = self._token(NONCE)
        sealed = nonce + _mixed(content, self._mask(nonce))
        return b32encode(sealed + self._proof(sealed)).decode().rstrip("=").lower()

    def _open(self, text: str) -> _Known | None:
        try:
            data = b32decode(text.upper() + "=" * (-len(text) % 8))
        except ValueError:
            return None
        sealed, proof = data[: NONCE + CONTENT], data[NONCE + CONTENT :]
        if not secrets.compare_digest(proof, self._proof(sealed)):
            return None
        content = _mixed(sealed[NONCE:], self._mask(sealed[:NONCE]))
        known = self._known.get(int.from_bytes(content[:_HALF], "big"))
        generation = int.from_bytes(content[_HALF:], "big")
        is_current = known is not None and known.generation % 2**32 == generation
        return known if is_current else None

    def _mask(self, nonce: bytes) -> bytes:
        return blake2s(nonce, digest_size=CONTENT, key=self._cipher_key).digest()

    def _proof(self, sealed: bytes) -> bytes:
        return blake2s(sealed, digest_size=PROOF, key=self._proof_key).digest()


def bare(instance: str) -> str:
    """`urn:uuid:…` of `<urn:uuid:…>` (4.2: the instance ID without its angle brackets)."""
    return instance.removeprefix("<").removesuffix(">")


def is_of(binding: Binding, instance: str) -> bool:
    """Is this the device that a `gr` names? RFC 4122 3: a UUID has no case."""
    return bare(binding.instance or "").lower() == bare(instance).lower()


def _record(home: Uri) -> str:
    """An address of record: user, host and port, nothing else."""
    return str(Uri(home.scheme, home.user, None, home.host, home.port, (), ()))


def _mixed(content: bytes, mask: bytes) -> bytes:
    return bytes(one ^ other for one, other in zip(content, mask, strict=True))
