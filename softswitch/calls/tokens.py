"""Names that nobody can guess: tags, branches and Call-IDs (RFC 3261 19.3), ids of descriptions.

A call needs ten of them. Each read of the system's randomness is a system call, and lets go of the
interpreter, which the writing thread takes then; so much is read at once and handed out piece by
piece, each once. Not for keys: what is handed out stays in memory until the next read.
"""

from collections.abc import Callable
from os import urandom

# Octets of a tag: 96 random bits, where RFC 3261 19.3 asks for 32.
TOKEN = 12
SESSION = 8
# Octets read at once: for about ten calls.
READ = 1200


class Tokens:
    """`read`: so many random octets."""

    def __init__(self, read: Callable[[int], bytes] = urandom) -> None:
        self._read = read
        self._octets, self._at = b"", 0

    def token(self) -> str:
        """An unguessable tag, branch or Call-ID part."""
        return self._take(TOKEN).hex()

    def session(self) -> int:
        """The id of a description of ours (RFC 8866 5.2); 62 bits, which every reader holds."""
        return int.from_bytes(self._take(SESSION)) >> 2

    def _take(self, size: int) -> bytes:
        begin, end = self._at, self._at + size
        if end > len(self._octets):
            self._octets, begin, end = self._read(READ), 0, size
        self._at = end
        return self._octets[begin:end]
