"""The office's keys, which wrap the key of every recording (RFC 3394).

From the environment or a secret file, else made on first need as `office.key` in the folder of the
keys, readable by its owner alone. The first is the one in force; those behind it only open what
they have wrapped, until the keys of the recordings are wrapped anew. Whoever loses it loses every
recording, and nobody else can open one.
"""

import os
import secrets
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap

from softswitch.wording import of_disk, say

SIZE: Final = 32
FILE: Final = "office.key"


class VaultError(Exception):
    """A key is missing, broken or cannot be written; the text says which."""


@dataclass(frozen=True, slots=True)
class OfficeKey:
    """One key of the office, named by what it is, not by when it came."""

    key: bytes

    def __repr__(self) -> str:
        return f"OfficeKey({self.name})"

    @property
    def name(self) -> str:
        return sha256(b"softswitch office key" + self.key).hexdigest()[:12]

    def wrap(self, key: bytes) -> bytes:
        return aes_key_wrap(self.key, key)

    def unwrap(self, wrapped: bytes) -> bytes:
        """Raises VaultError."""
        try:
            return aes_key_unwrap(self.key, wrapped)
        except (InvalidUnwrap, ValueError):
            raise VaultError(say("key_wrapped_otherwise", key=self.name)) from None


def read_keys(text: str) -> list[OfficeKey]:
    """Keys as 64 hexadecimal digits each, with blanks, commas or lines between. VaultError."""
    keys = []
    for word in text.replace(",", " ").split():
        try:
            key = bytes.fromhex(word)
        except ValueError:
            key = b""
        if len(key) != SIZE:
            raise VaultError(say("office_key_form"))
        keys.append(OfficeKey(key))
    if not keys:
        raise VaultError(say("no_office_key"))
    return keys


def keys_in(folder: Path) -> list[OfficeKey]:
    """Those of the folder's file; none if there is no file yet. VaultError."""
    try:
        return read_keys((folder / FILE).read_text("ascii"))
    except FileNotFoundError:
        return []
    except (OSError, UnicodeError) as error:
        raise VaultError(say("this_unreadable", file=str(folder / FILE), why=str(error))) from error


def make_key(folder: Path, before: list[OfficeKey]) -> list[OfficeKey]:
    """A fresh key in front of those before, in the folder's file. VaultError."""
    keys = [OfficeKey(secrets.token_bytes(SIZE)), *before]
    write_keys(folder, keys)
    return keys


def write_keys(folder: Path, keys: list[OfficeKey]) -> None:
    """Into the folder's file. VaultError."""
    write_secret_file(folder / FILE, "".join(f"{one.key.hex()}\n" for one in keys))


def write_secret_file(path: Path, text: str) -> None:
    """The whole text or what was there before, on the disk, for its owner alone. VaultError."""
    beside = path.with_name(f".{path.name}.new")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        beside.unlink(missing_ok=True)
        descriptor = os.open(beside, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        try:
            os.write(descriptor, text.encode())
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        beside.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        raise VaultError(say("cannot_write", file=str(path), why=of_disk(error))) from error


def sync_folder(folder: Path) -> None:
    """A name that was made or taken away is so after a power cut too. OSError."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
