"""`language`: from here on the caller hears the prompts in another language."""

from pydantic import Field

from softswitch.office.fields import Word
from softswitch.routing.caller import Caller
from softswitch.routing.verbs.base import Context, Options, Outcome, Shape, Verb
from softswitch.wording import Said, say


class LanguageOptions(Options):
    """`{language: en, then: welcome}`"""

    language: Word = Field(
        pattern="^[a-z]{2}$", description="Two letters, like `en`.", examples=["en"]
    )


class Language(Verb[LanguageOptions]):
    """Changes nothing but the language; queues and voicemail speak it too."""

    name = "language"
    summary = "Speak another language to this caller from here on."
    example = "{language: en, then: welcome}"
    shape = Shape.LINK
    outcomes = (Outcome("then", say("meaning_language"), must_be_written=True),)
    options = LanguageOptions

    def describe(self, options: LanguageOptions) -> Said:
        return say("spoken_to_in", language=options.language)

    async def run(self, caller: Caller, options: LanguageOptions, context: Context) -> str:
        caller.language = options.language
        caller.note("language.set", node=context.node, language=options.language)
        return "then"
