"""One random key for each recording, wrapped by the office's key, each in a small file of its own.

They lie apart from the data folder on purpose: to erase a recording is to destroy its key, and then
no copy of the data folder, however old, can be opened any more. So a copy of *this* folder must not
be kept for long: only the newest one (docs/operate.md).
"""

import contextlib
import os
import re
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from softswitch.vault.office_key import (
    SIZE,
    OfficeKey,
    VaultError,
    keys_in,
    make_key,
    read_keys,
    sync_folder,
    write_keys,
    write_secret_file,
)
from softswitch.wording import of_disk, say

SUFFIX: Final = ".key"
FOLDER: Final = "recordings"
# A recording's name becomes a file's name.
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}")


class RecordingKeys:
    """The keys in one folder. Its methods touch the disk: not for the event loop, but `get`."""

    def __init__(self, folder: Path, given: str | None = None) -> None:
        """`given`: office keys that do not lie in the folder (`read_keys`). VaultError."""
        self._folder = folder
        self._given = read_keys(given) if given is not None else []

    @property
    def is_given(self) -> bool:
        """Whether the office's key comes from outside."""
        return bool(self._given)

    def _office_keys(self) -> list[OfficeKey]:
        return self._given or keys_in(self._folder)

    def make(self, recording: str) -> bytes:
        """A fresh key, kept already when this returns. VaultError."""
        path = self._path(recording)
        if path.exists():
            raise VaultError(say("recording_has_key", recording=recording))
        office = (self._office_keys() or make_key(self._folder, []))[0]
        key = secrets.token_bytes(SIZE)
        write_secret_file(path, f"{office.name} {office.wrap(key).hex()}\n")
        return key

    def get(self, recording: str) -> bytes:
        """VaultError: it was destroyed, or the office's key is not the one."""
        path = self._path(recording)
        try:
            name, wrapped = path.read_text("ascii").split()
            sealed = bytes.fromhex(wrapped)
        except FileNotFoundError:
            raise VaultError(say("recording_key_destroyed", recording=recording)) from None
        except (OSError, ValueError) as error:
            raise VaultError(say("this_unreadable", file=str(path), why=str(error))) from error
        office = {one.name: one for one in self._office_keys()}.get(name)
        if office is None:
            raise VaultError(say("office_key_missing", key=name, recording=recording))
        return office.unwrap(sealed)

    def destroy(self, recording: str) -> bool:
        """It never comes back; False: there was none. VaultError: it is still there."""
        path = self._path(recording)
        try:
            with path.open("r+b") as file:
                file.write(b"0" * os.fstat(file.fileno()).st_size)
                file.flush()
                os.fsync(file.fileno())
            path.unlink()
            sync_folder(path.parent)
        except FileNotFoundError:
            return False
        except OSError as error:
            raise VaultError(
                say("file_indestructible", file=str(path), why=of_disk(error))
            ) from error
        return True

    def names(self) -> Iterator[str]:
        """The recordings that have a key."""
        with contextlib.suppress(OSError):
            yield from sorted(path.stem for path in (self._folder / FOLDER).glob(f"*{SUFFIX}"))

    def rotate(self) -> int:
        """Wrap every key anew; how many. An office key that was made here is then destroyed.

        One that is given from outside must have been put in front of the old one before. When this
        is stopped half-way, the old key stays until the next time. VaultError.
        """
        keys = self._given or make_key(self._folder, keys_in(self._folder))
        count = 0
        for recording in self.names():
            key = self.get(recording)
            write_secret_file(self._path(recording), f"{keys[0].name} {keys[0].wrap(key).hex()}\n")
            count += 1
        if not self._given:
            write_keys(self._folder, keys[:1])
        return count

    def _path(self, recording: str) -> Path:
        if not _NAME.fullmatch(recording):
            raise VaultError(say("no_recording_name", recording=recording))
        return self._folder / FOLDER / f"{recording}{SUFFIX}"
