"""Who the far phone is told is calling: From, P-Asserted-Identity, Contact."""

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

    def __str__(self) -> str:
        number = self.number or "anonymous"
        return f"{self.name} ({number})" if self.name else number
