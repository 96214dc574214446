"""Telling and asking another system (a CRM, a case register, a push gateway) by HTTP.

One POST of JSON, no redirects, a short answer; whatever goes wrong is no answer. Connections are
kept, so that the second question costs one round trip.
"""

import asyncio
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from softswitch import metrics
from softswitch.log import get_logger
from softswitch.routing.verbs.webhook import host_of

if TYPE_CHECKING:
    import httpx

_log = get_logger("apps.webhook")

SIGNATURE = "X-Softswitch-Signature"
# An answer is a few words; more than this is none.
MOST_BYTES = 4096
CONNECTIONS = 20


class HookFailed(Exception):
    """No answer in time, or none that can be read; the message says why, for the log."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the other system said."""

    status: int
    body: bytes

    def json(self) -> dict[str, Any]:
        """Its object; raises `HookFailed` for anything else."""
        try:
            told = json.loads(self.body)
        except ValueError as error:
            raise HookFailed(str(error)) from None
        if not isinstance(told, dict):
            raise HookFailed("the answer is no JSON object")
        return told


class Webhooks:
    """The one HTTP client of the switch, made when it is wanted: the library alone takes a second
    to load, on a busy machine more."""

    def __init__(self) -> None:
        self._client: httpx.AsyncClient | None = None

    def begin(self) -> "httpx.AsyncClient":
        """Have the client ready before somebody waits for an answer."""
        import httpx

        if self._client is None:
            limits = httpx.Limits(max_connections=CONNECTIONS)
            self._client = httpx.AsyncClient(limits=limits, trust_env=False, timeout=None)
        return self._client

    async def ask(
        self, address: str, question: Mapping[str, Any], seconds: float, secret: str | None
    ) -> str | None:
        """The word that it answers; None for anything else, within `seconds`."""
        try:
            answer = await self.tell(address, question, seconds, secret)
            if answer.status != 200:
                raise HookFailed(f"status {answer.status}")
            word = answer.json().get("outcome")
            if not isinstance(word, str):
                raise HookFailed("the answer has no `outcome`")
        except HookFailed as error:
            metrics.webhooks.labels("failed").inc()
            _log.warning("a webhook gives no answer", host=host_of(address), why=str(error))
            return None
        metrics.webhooks.labels("answered").inc()
        return word

    async def tell(
        self, address: str, told: Mapping[str, Any], seconds: float, secret: str | None
    ) -> Answer:
        """POST an object, signed if there is a secret. Raises `HookFailed`."""
        import httpx

        body = json.dumps(told, ensure_ascii=False).encode()
        headers = {"Content-Type": "application/json", "User-Agent": "softswitch"}
        if secret is not None:
            headers[SIGNATURE] = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        client = self.begin()
        try:
            async with asyncio.timeout(seconds):
                return await self._post(client, address, body, headers)
        except (TimeoutError, httpx.HTTPError, httpx.InvalidURL) as error:
            raise HookFailed(str(error) or type(error).__name__) from None

    async def _post(
        self, client: "httpx.AsyncClient", address: str, body: bytes, headers: Mapping[str, str]
    ) -> Answer:
        async with client.stream("POST", address, content=body, headers=dict(headers)) as response:
            found = b""
            async for part in response.aiter_bytes():
                found += part
                if len(found) > MOST_BYTES:
                    raise HookFailed("the answer is too long")
        return Answer(response.status_code, found)

    async def close(self) -> None:
        """Give the connections back."""
        if self._client is not None:
            await self._client.aclose()
            self._client = None
