"""Why a trunk does not work, for people."""

from softswitch.wording import say


def in_words(error: str) -> str:
    """The switch's own words as a sentence of the catalogue, a provider's as he wrote them."""
    own = (say("trunk_no_answer"), say("trunk_not_found"))
    return next((one for one in own if one == error), error)
