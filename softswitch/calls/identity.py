"""Who the far phone is told is calling: From, P-Asserted-Identity, Privacy (RFC 3325, RFC 3323)."""

from dataclasses import dataclass

from softswitch.sip.headers import NameAddr
from softswitch.sip.uri import Uri

ANONYMOUS_HOST = "anonymous.invalid"  # RFC 3323 4.1.1.3


@dataclass(frozen=True, slots=True)
class Identity:
    """A number to show and the name beside it; no number at all is an anonymous caller."""

    number: str | None
    name: str | None = None

    def name_addr(self, host: str) -> NameAddr:
        """The From of a call that we place, without its tag."""
        if self.number is None:
            return NameAddr(
                "Anonymous", Uri("sip", "anonymous", None, ANONYMOUS_HOST, None, (), ()), ()
            )
        return NameAddr(self.name, Uri("sip", self.number, None, host, None, (), ()), ())

    def asserted(self, host: str) -> tuple[str, str]:
        """The header line that tells a trusted peer who it is (RFC 3325 9.1)."""
        return ("P-Asserted-Identity", str(self.name_addr(host)))

    def __str__(self) -> str:
        number = self.number or "anonymous"
        return f"{self.name} ({number})" if self.name else number
