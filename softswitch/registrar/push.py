"""How a sleeping phone is woken: what its contact says of push notifications (RFC 8599).

    Contact: <sip:101@…;pn-provider=fcm;pn-param=project;pn-prid=token>

The three parameters are kept as part of the contact. Here they are read, and the answer to the
REGISTER is made: `Feature-Caps` where its provider is served (4.1.2, 5.3.1), 555 where another one
is. An office that serves none says nothing, and the phone knows that nobody will wake it: to refuse
its registration would take away the telephone that it is while it is awake.
"""

from dataclasses import dataclass

from softswitch.sip.grammar import quote
from softswitch.sip.headers import NameAddr
from softswitch.sip.uri import OtherUri, Uri

NOT_SERVED = 555
REFRESH_BEFORE = 120
"""Seconds before its end at which a registration is asked to be refreshed (5.3.1: at least 120)."""
LONGEST = 7 * 86_400
"""Seconds for which a phone that can be woken may register: it need not wake for that alone."""


@dataclass(frozen=True, slots=True)
class PushAddress:
    """Whom to tell, and whom he is to wake; the same device at whatever contact."""

    provider: str
    param: str
    prid: str


def push_address(uri: Uri | OtherUri) -> PushAddress | None:
    """Of a contact; None for a phone that cannot be woken."""
    if not isinstance(uri, Uri) or not uri.params:
        return None
    provider, prid = uri.param("pn-provider"), uri.param("pn-prid")
    if not provider or not prid:
        return None
    return PushAddress(provider.lower(), uri.param("pn-param") or "", prid)


def feature_caps(contacts: list[NameAddr], providers: frozenset[str]) -> list[str]:
    """Values of Feature-Caps (RFC 6809) for the answer: of the provider that a contact names, or of
    all to a phone that asks which there are (`pn-provider` without a value)."""
    named: dict[str, bool] = {}
    for contact in contacts:
        if not isinstance(contact.uri, Uri) or not contact.uri.has_param("pn-provider"):
            continue
        provider = (contact.uri.param("pn-provider") or "").lower()
        is_woken_for_refresh = contact.has_param("+sip.pnsreg")
        for one in sorted(providers) if not provider else sorted(providers & {provider}):
            named[one] = named.get(one, False) or is_woken_for_refresh
    return [
        f"*;+sip.pns={quote(one)}" + (f';+sip.pnsreg="{REFRESH_BEFORE}"' if refreshes else "")
        for one, refreshes in named.items()
    ]
