"""Replaces: the dialog that a new call is to take the place of (RFC 3891 3 and 6.1).

It stands in an INVITE, or escaped in the URI of a Refer-To (RFC 3515, attended transfer). The tags
are written as the receiver sees them: `to-tag` is the receiver's own.
"""

from __future__ import annotations

from dataclasses import dataclass

from softswitch.sip.dialog import DialogId
from softswitch.sip.errors import ParseError
from softswitch.sip.grammar import has_param, param, parse_params


@dataclass(frozen=True, slots=True)
class Replaces:
    """One value; a message has at most one."""

    call_id: str
    to_tag: str
    from_tag: str
    is_early_only: bool = False

    @classmethod
    def parse(cls, text: str) -> Replaces:
        """`call-id;to-tag=…;from-tag=…[;early-only]`. Raises ParseError."""
        call_id, semicolon, rest = text.partition(";")
        params = parse_params(semicolon + rest)
        to_tag, from_tag = param(params, "to-tag"), param(params, "from-tag")
        call_id = call_id.strip(" \t")
        if not call_id or to_tag is None or from_tag is None:
            raise ParseError("Bad Replaces")
        return cls(call_id, to_tag, from_tag, has_param(params, "early-only"))

    @property
    def dialog(self) -> DialogId:
        """The dialog it names, as the receiver knows it.

        RFC 3891 6.1: a tag of "0" also matches a dialog of an RFC 2543 phone, which has none.
        """
        remote = "" if self.from_tag == "0" else self.from_tag
        return DialogId(self.call_id, self.to_tag, remote)

    def __str__(self) -> str:
        early = ";early-only" if self.is_early_only else ""
        return f"{self.call_id};to-tag={self.to_tag};from-tag={self.from_tag}{early}"
