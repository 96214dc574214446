"""Where the chain of who heard what is anchored: its key and its end, in the folder of the keys."""

import secrets
from pathlib import Path

from softswitch.vault.chain import Link
from softswitch.vault.office_key import SIZE, VaultError, write_secret_file
from softswitch.wording import say

KEY, END = "audit.key", "audit.end"


class AuditKey:
    """The key is made on first need, for all time: an entry is sealed once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._key: bytes | None = None

    def key(self) -> bytes:
        """Raises VaultError."""
        if self._key is None:
            self._key = self._read() or self._made()
        return self._key

    def existing(self) -> bytes | None:
        """The key, if there is one already. Raises VaultError."""
        return self._key or self._read()

    def _read(self) -> bytes | None:
        path = self._folder / KEY
        try:
            key = bytes.fromhex(path.read_text("ascii"))
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            raise VaultError(say("this_unreadable", file=str(path), why=str(error))) from error
        if len(key) != SIZE:
            raise VaultError(say("file_broken", file=str(path)))
        return key

    def _made(self) -> bytes:
        key = secrets.token_bytes(SIZE)
        write_secret_file(self._folder / KEY, f"{key.hex()}\n")
        return key

    def end(self) -> Link | None:
        """Where the chain ends; None: it has not begun. Raises VaultError."""
        path = self._folder / END
        try:
            number, seal = path.read_text("ascii").split()
            return Link(int(number), seal)
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            raise VaultError(say("this_unreadable", file=str(path), why=str(error))) from error

    def remember(self, end: Link) -> None:
        """Raises VaultError."""
        write_secret_file(self._folder / END, f"{end.number} {end.seal}\n")
