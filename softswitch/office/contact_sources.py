"""The `contacts:` of an office file: where known callers are looked up, and what an answer says.

Files are read with the office (`contacts.py`). Other systems, a CRM by HTTP or a directory by LDAP,
are asked while a call comes (`apps/clients`); what they say is read here, and nothing of it is
believed further than a telephone's display and our own people go.
"""

import re
from collections.abc import Mapping
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, GetJsonSchemaHandler, SecretStr
from pydantic import model_validator as whole
from pydantic_core import CoreSchema

from softswitch.office.fields import Model, Option, Word, Words
from softswitch.wording import Slip, say

LOOPBACK = re.compile(r"^ldap://(127\.\d+\.\d+\.\d+|localhost|\[::1\])(:\d+)?/?$")
# A header is not made longer than this for a card.
MAX_CARD = 500
_CARD = re.compile(rf"https?://[!#-;=?-~]{{1,{MAX_CARD}}}")


class ContactSource(Model):
    """One place where callers are looked up; a plain word is a file."""

    file: Word | None = Option(
        description="CSV or vCard: number, name, caretaker, card.", examples=["clients.csv"]
    )
    http: Word | None = Option(
        pattern=r"^https?://[^\s/]+(/\S*)?$",
        description="Address of a CRM that is asked by POST of JSON, and answers in JSON.",
        examples=['"https://crm.example/who"'],
    )
    secret: SecretStr | None = Option(
        description="Signs the question (HMAC-SHA256 of the body, header X-Softswitch-Signature).",
        examples=['"${secret:crm}"'],
    )
    ldap: Word | None = Option(
        pattern=r"^ldaps?://[^\s/]+/?$",
        description="A directory; with a password `ldaps://`, or `ldap://` and `starttls`.",
        examples=['"ldaps://directory.example"'],
    )
    starttls: bool = Field(
        False, description="Whether the connection to the directory becomes an encrypted one.",
        examples=["true"],
    )  # fmt: skip
    ca: Word | None = Option(
        description="File with the authority that signed the directory's certificate, if it is an "
        "own one.",
        examples=["office-ca.pem"],
    )
    base: Word | None = Option(
        description="Below which entry of the directory the clients are.",
        examples=['"ou=clients,dc=kancelaria,dc=example"'],
    )
    login: Word | None = Option(
        description="Who asks the directory; without it, nobody by name.",
        examples=['"cn=phone,dc=kancelaria,dc=example"'],
    )
    password: SecretStr | None = Option(description="Of that login.", examples=['"${secret:ldap}"'])
    numbers: Words = Field(
        ("telephoneNumber", "mobile"),
        min_length=1,
        description="Attributes that hold telephone numbers.",
        examples=["[telephoneNumber, mobile]"],
    )
    name: Word = Field("cn", description="Attribute of the name.", examples=["cn"])
    caretaker: Word = Field(
        "employeeNumber",
        description="Attribute with the caretaker's extension or e-mail address.",
        examples=["employeeNumber"],
    )
    privileged: Word | None = Option(
        description="Attribute that says `yes` of a client who is never recorded.",
        examples=["businessCategory"],
    )
    card: Word = Field(
        "labeledURI", description="Attribute with the card's address.", examples=["labeledURI"]
    )

    @whole(mode="before")
    @classmethod
    def _a_file(cls, value: object) -> object:
        return {"file": value} if isinstance(value, str) else value

    @whole(mode="after")
    def _one_kind(self) -> Self:
        kinds = [one for one in (self.file, self.http, self.ldap) if one is not None]
        if len(kinds) != 1:
            raise Slip(say("one_of_three_sources"), say("one_of_three_sources_remedy"))
        if self.ldap is not None and self.base is None:
            raise Slip(say("directory_without_base"), say("directory_without_base_remedy"))
        is_clear = self.ldap is not None and self.ldap.startswith("ldap://") and not self.starttls
        if is_clear and self.password is not None and not LOOPBACK.match(self.ldap or ""):
            raise Slip(say("password_in_clear"), say("password_in_clear_remedy"))
        return self


def _listed(value: object) -> object:
    return [value] if isinstance(value, str | dict) else value


class _OneOrMany:
    """How an editor is told that one source may stand without brackets, a file as plain text."""

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        made = handler(schema)
        one = [{"type": "string"}, made["items"]]
        return {"anyOf": [*one, {"type": "array", "items": {"anyOf": one}}]}


ContactSources = Annotated[tuple[ContactSource, ...], BeforeValidator(_listed), _OneOrMany()]


def card_address(text: object) -> str | None:
    """A card's address that may stand in a header and a browser; anything else is none."""
    return text if isinstance(text, str) and _CARD.fullmatch(text) else None


def caretaker_in(people: Mapping[str, Any], word: object) -> str | None:
    """A person of the office by extension or e-mail address."""
    text = str(word).strip().lower() if isinstance(word, str | int) else ""
    if text in people:
        return text
    mails = (extension for extension, one in people.items() if (one.email or "").lower() == text)
    return next(mails, None) if text else None
