"""A list as all commands print it: no frame, headings in a language, fitted to a narrow screen.

What has no room goes on below. Columns give way where it hurts least: first to their longest word,
then, the widest before the others, to the longest word of their heading. What is not to be wrapped
gives nothing.
"""

from collections.abc import Iterable

from rich.console import Console, ConsoleOptions, RenderResult
from rich.measure import Measurement
from rich.table import Column, Table

from softswitch.wording import ENGLISH, say

# Two blanks between two columns.
GAP = 2


class Listing(Table):
    """Columns find their widths when it is known how wide the screen is."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        room = options.max_width - GAP * (len(self.columns) - 1)
        for column, width in zip(self.columns, self._fitted(console, options, room), strict=True):
            column.width = width
        yield from super().__rich_console__(console, options)

    def _fitted(self, console: Console, options: ConsoleOptions, room: int) -> list[int]:
        sizes = [_size(column, console, options) for column in self.columns]
        widths = [size.maximum for size in sizes]
        words = [size.minimum for size in sizes]
        heads = [
            size.minimum if column.no_wrap else column.min_width or 1
            for column, size in zip(self.columns, sizes, strict=True)
        ]
        for floors in (words, heads):
            _shrink(widths, floors, room)
        return widths


def _size(column: Column, console: Console, options: ConsoleOptions) -> Measurement:
    """Its longest word, and its longest line."""
    found = [Measurement.get(console, options, one) for one in (column.header, *column.cells)]
    longest = max(one.maximum for one in found)
    return Measurement(longest if column.no_wrap else max(one.minimum for one in found), longest)


def _shrink(widths: list[int], floors: list[int], room: int) -> None:
    """Take from the widest that may give, a letter at a time, until all have room."""
    while sum(widths) > room:
        giving = [at for at, width in enumerate(widths) if width > floors[at]]
        if not giving:
            return
        widths[max(giving, key=lambda at: widths[at])] -= 1


def table_of(
    columns: Iterable[str], language: str = ENGLISH, *, title: str | None = None
) -> Listing:
    """An empty list. `columns`: codes of headings, without their `head_`; nothing for a column
    without one.
    """
    table = Listing(
        box=None, pad_edge=False, header_style="bold", title=title, title_justify="left"
    )
    for column in columns:
        head = say(f"head_{column}").in_language(language) if column else ""
        longest = max(map(len, head.split()), default=0)
        table.add_column(head, overflow="fold", min_width=longest or None)
    return table
