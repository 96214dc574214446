"""`webhook`: another system decides where the caller goes; one that is dead delays him briefly.

The question is one HTTP POST of JSON: call, caller's number and name, called number, node,
language, and what he entered. The answer is JSON with one word, `{"outcome": "vip"}`, that the node
leads somewhere. Anything else, and no answer in time, is `failed`.
"""

import re

from pydantic import Field

from softswitch.office.fields import Duration, Option, Word
from softswitch.routing.caller import Caller
from softswitch.routing.verbs.base import Context, Measure, Options, Outcome, Shape, Verb
from softswitch.wording import Said, say

_ANSWER = re.compile(r"[a-z][a-z0-9_]{0,39}")
FAILED = "failed"


class WebhookOptions(Options):
    """`{webhook: "https://crm.example/route", timeout: 2s, vip: reception, failed: menu}`"""

    webhook: Word = Field(
        pattern=r"^https?://[^\s/]+(/\S*)?$",
        description="Address of the system that decides.",
        examples=['"https://crm.example/route"'],
    )
    timeout: Duration = Field(
        2.0, ge=0.1, le=10, description="How long the caller may wait for it.", examples=["2s"]
    )
    secret: Word | None = Option(
        description="Signs the question (HMAC-SHA256 of the body, header X-Softswitch-Signature).",
        examples=['"${secret:crm}"'],
    )


class Webhook(Verb[WebhookOptions]):
    """The words of the answer are outcomes; which there are is written at the node."""

    name = "webhook"
    summary = "Ask another system where the caller goes."
    example = '{webhook: "https://crm.example/route", vip: reception, failed: menu}'
    shape = Shape.FORK
    key_pattern = _ANSWER.pattern
    outcomes = (Outcome(FAILED, say("meaning_failed"), must_be_written=True),)
    options = WebhookOptions

    def key_outcome(self, name: str) -> Outcome | None:
        """Any word may be an answer, but for what means something else at a node."""
        if not _ANSWER.fullmatch(name) or name in WebhookOptions.model_fields:
            return None
        return Outcome(name, say("meaning_system", name=name))

    def longest(self, options: WebhookOptions, outcome: str, measure: Measure) -> float:
        return options.timeout

    def describe(self, options: WebhookOptions) -> Said:
        return say("asks_system", host=host_of(options.webhook))

    async def run(self, caller: Caller, options: WebhookOptions, context: Context) -> str:
        answers = frozenset(context.targets) - {FAILED}
        question = {
            "number": caller.number,
            "name": caller.name,
            "called": caller.called,
            "language": caller.language,
            "node": context.node,
            "entered": dict(context.variables),
            "answers": sorted(answers),
        }
        answer = await caller.ask(options.webhook, question, options.timeout, options.secret)
        is_known = answer in answers
        caller.note("webhook.asked", node=context.node, answer=answer, known=is_known)
        return str(answer) if is_known else FAILED


def host_of(address: str) -> str:
    """Whom it asks, without what stands behind: a path may hold a key."""
    return address.split("//", 1)[1].split("/", 1)[0].rpartition("@")[2]
