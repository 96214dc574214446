"""Asking another system (a CRM, a case register) by HTTP, while a caller waits.

One POST, no redirects, a short answer; whatever goes wrong is no answer. Connections are kept, so
that the second question costs one round trip.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from softswitch import metrics
from softswitch.log import get_logger
from softswitch.routing.verbs.webhook import host_of

if TYPE_CHECKING:
    import httpx

_log = get_logger("apps.webhook")

SIGNATURE = "X-Softswitch-Signature"
# An answer is one word; more than this is none.
MOST_BYTES = 4096
CONNECTIONS = 20


class Webhooks:
    """The one HTTP client of the switch, made when the first question is asked."""

    def __init__(self) -> None:
        self._client: httpx.AsyncClient | None = None

    async def ask(
        self, address: str, question: Mapping[str, Any], seconds: float, secret: str | None
    ) -> str | None:
        """The word that it answers; None for anything else, within `seconds`."""
        import asyncio

        import httpx

        body = json.dumps(question, ensure_ascii=False).encode()
        headers = {"Content-Type": "application/json", "User-Agent": "softswitch"}
        if secret is not None:
            headers[SIGNATURE] = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        if self._client is None:
            limits = httpx.Limits(max_connections=CONNECTIONS)
            self._client = httpx.AsyncClient(limits=limits, trust_env=False)
        try:
            async with asyncio.timeout(seconds):
                return await self._post(self._client, address, body, headers)
        except (TimeoutError, httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            metrics.webhooks.labels("failed").inc()
            why = str(error) or type(error).__name__
            _log.warning("a webhook gives no answer", host=host_of(address), why=why)
            return None

    async def _post(
        self, client: "httpx.AsyncClient", address: str, body: bytes, headers: Mapping[str, str]
    ) -> str:
        """Raises ValueError for an answer that is none."""
        async with client.stream("POST", address, content=body, headers=dict(headers)) as response:
            if response.status_code != 200:
                raise ValueError(f"status {response.status_code}")
            found = b""
            async for part in response.aiter_bytes():
                found += part
                if len(found) > MOST_BYTES:
                    raise ValueError("the answer is too long")
        told = json.loads(found)
        answer = told.get("outcome") if isinstance(told, dict) else None
        if not isinstance(answer, str):
            raise ValueError("the answer has no `outcome`")
        metrics.webhooks.labels("answered").inc()
        return answer

    async def close(self) -> None:
        """Give the connections back."""
        if self._client is not None:
            await self._client.aclose()
            self._client = None
