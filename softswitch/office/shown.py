"""What somebody outside says of himself, as a telephone, a list or a terminal may show it.

A caller's name, a device's, the reason of a hang-up come as they were sent. Nothing of them may
begin a new line, move a cursor or turn the direction of what is written behind them.
"""

# A telephone shows some thirty characters; a header is not made longer than this for more.
MAX_NAME = 80


def one_line(text: object, longest: int = MAX_NAME) -> str | None:
    """One line, printable, not too long; None: nothing is left of it, or it is no text."""
    if not isinstance(text, str):
        return None
    line = " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
    return line[:longest].rstrip() or None
