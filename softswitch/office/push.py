"""The section `push:`: how sleeping mobile apps are woken for a call (RFC 8599)."""

from typing import Annotated

from pydantic import AfterValidator, Field, SecretStr

from softswitch.office.fields import Duration, Model, Option, Word, Words


def _lower(words: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(word.lower() for word in words)


class Push(Model):
    """A gateway that hands push notifications on to Google, Apple or whoever woke the app."""

    url: Word = Field(
        pattern=r"^https?://[^\s/]+(/\S*)?$",
        description="Address of the gateway; it gets a POST of JSON for each phone to be woken.",
        examples=['"https://push.example/wake"'],
    )
    secret: SecretStr | None = Option(
        description="Signs it (HMAC-SHA256 of the body, header X-Softswitch-Signature).",
        examples=['"${secret:push}"'],
    )
    providers: Annotated[Words, AfterValidator(_lower)] = Field(
        ("fcm", "apns"),
        min_length=1,
        description="Push services that it serves: `pn-provider` of the phones.",
        examples=["[fcm, apns]"],
    )
    wait: Duration = Field(
        12.0,
        ge=2,
        le=60,
        description="How long a call waits for a phone to wake; others ring meanwhile.",
        examples=["12s"],
    )
