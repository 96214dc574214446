"""A CRM asked by HTTP who calls: one POST of JSON, signed as webhooks are.

→ {"number": "+48600100200", "called": "+48221234567"}
← 200 {"name": "Żółw sp. z o.o.", "caretaker": "110", "card": "https://crm.example/7"}
← 404, 204, or {} when it does not know the number
"""

from collections.abc import Mapping

from softswitch.apps.clients.source import Question, SourceFailed
from softswitch.apps.webhook import HookFailed, Webhooks
from softswitch.office.contact_sources import ContactSource
from softswitch.routing.verbs.webhook import host_of

_UNKNOWN = frozenset({204, 404})


class HttpSource:
    """See the module's docstring."""

    kind = "http"

    def __init__(self, source: ContactSource, webhooks: Webhooks) -> None:
        self._address, self._webhooks = source.http or "", webhooks
        self._secret = source.secret.get_secret_value() if source.secret is not None else None
        self.where = host_of(self._address)

    async def ask(self, question: Question, seconds: float) -> Mapping[str, object] | None:
        told = {"number": question.number, "called": question.called}
        try:
            answer = await self._webhooks.tell(self._address, told, seconds, self._secret)
            if answer.status in _UNKNOWN:
                return None
            if answer.status != 200:
                raise SourceFailed(f"status {answer.status}")
            return answer.json() or None
        except HookFailed as error:
            raise SourceFailed(str(error)) from None

    def close(self) -> None:
        """The client is the webhooks'."""
