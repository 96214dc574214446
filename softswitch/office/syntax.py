"""What YAML's parser complains of, in words for somebody who does not know YAML.

Tabs, hard blanks and invisible characters are found before the parser runs and read as blanks or as
nothing, so that the rest of the file is looked at too.
"""

import re
from collections.abc import Iterator

from ruamel.yaml.error import MarkedYAMLError, YAMLError

from softswitch.office.source import Place
from softswitch.wording import Said, say

QUOTE = say("quote_text")
# What looks like blanks: the tab, and those of typesetters.
_INDENT = re.compile("[ \t\u00a0\u2000-\u200a\u202f\u205f\u3000]*")
_INDENT_LINES = re.compile(f"(?m)^{_INDENT.pattern[:-1]}+")
# Zero-width blanks, marks of direction and of byte order, the soft hyphen; what joins the parts
# of a letter or a picture stays.
_INVISIBLE = re.compile("[\u00ad\u200b\u200e\u200f\u2060\ufeff]")


def blanks(text: str) -> Iterator[tuple[Place, Said, Said]]:
    """Every line that is indented with what YAML takes for no blank."""
    for number, line in enumerate(text.split("\n")):
        indent = _INDENT.match(line)
        odd = next((c for c in indent.group() if c != " "), "") if indent else ""
        if not indent or not odd or not line.strip():
            continue
        place = Place(number, indent.group().index(odd))
        if odd == "\t":
            yield place, say("tab_indent"), say("replace_tab")
        else:
            yield place, say("hard_blank_indent", code=_code(odd)), say("replace_hard_blank")


def invisible(text: str) -> Iterator[tuple[Place, Said, Said]]:
    """Characters that nobody sees, most often copied from a web page."""
    for number, line in enumerate(text.split("\n")):
        if found := _INVISIBLE.search(line):
            place = Place(number, found.start())
            yield place, say("invisible_here", code=_code(found[0])), say("remove_invisible")


def _code(character: str) -> str:
    return f"U+{ord(character):04X}"


def mended(text: str) -> str:
    """The text without them, and with two blanks for each tab of an indentation."""
    return _INVISIBLE.sub("", _INDENT_LINES.sub(_plainly, text))


def _plainly(indent: re.Match[str]) -> str:
    return "".join("  " if c == "\t" else " " for c in indent.group())


def conflicts(text: str) -> Iterator[Place]:
    """The marks of a merge that nobody has finished."""
    for number, line in enumerate(text.split("\n")):
        if re.match(r"(<{7} |={7}$|>{7} )", line):
            yield Place(number, 0)


def explain(error: YAMLError, text: str) -> tuple[Place, Said, Said]:
    """Place (from 0), message and remedy for a syntax error."""
    if not isinstance(error, MarkedYAMLError):
        return _unreadable(error, text)
    mark = error.problem_mark or error.context_mark
    place = Place(mark.line, mark.column) if mark else Place(0, 0)
    lines = text.split("\n")
    line = lines[place[0]] if place[0] < len(lines) else ""
    problem, context = str(error.problem or ""), str(error.context or "")
    context_mark = error.context_mark
    begun = Place(context_mark.line, context_mark.column) if context_mark else place
    earlier = _earlier(problem, lines, place)
    if earlier:
        return earlier
    for check in (_quotes, _brackets, _characters, _aliases, _indentation):
        found = check(problem, context, line, place, begun)
        if found:
            return found
    return place, say("not_yaml", why=problem or context), say("compare_lines")


Explained = tuple[Place, Said, Said] | None


def _earlier(problem: str, lines: list[str], place: Place) -> Explained:
    """A mistake in a line above that the parser notices only here."""
    if "<scalar>" in problem or "expected <block end>" in problem:
        for number, line in enumerate(lines[: place.line]):
            if len(re.findall(r'(?<!\\)"', line.partition(" #")[0])) % 2:
                column = line.rindex('"')
                message = say("quote_open_line")
                return Place(number, column), message, say("close_it")
    above = lines[place.line - 1] if 0 < place.line <= len(lines) else ""
    glued = re.match(r"(\s*)([^\W\d]\w*):([^\s:].*)", above)
    if glued and "mapping values are not allowed" in problem:
        indent, key, value = glued.groups()
        at = Place(place.line - 1, len(indent) + len(key))
        remedy = say("write_value", name=key, written=value.strip()[:40])
        return at, say("no_blank_after_colon", key=key), remedy
    return None


def _quotes(problem: str, context: str, line: str, place: Place, begun: Place) -> Explained:
    if "quoted scalar" in context and "end of stream" in problem:
        return begun, say("quote_open"), say("close_it")
    if "escape character" in problem:
        return place, say("backslash"), say("single_quotes")
    if "<scalar>" in problem and ("'" in line or '"' in line):
        remedy = say("quotes_inside")
        return place, say("text_after_quote"), remedy
    return None


def _brackets(problem: str, context: str, line: str, place: Place, begun: Place) -> Explained:
    if "got ':'" in problem and place[0] == begun[0]:
        remedy = say("commas_between")
        return place, say("comma_missing"), remedy
    if "flow sequence" in context:
        return begun, say("square_open"), say("close_square")
    if "flow mapping" in context:
        remedy = say("close_brace")
        return begun, say("brace_open"), remedy
    if "document start" in problem and line[place[1] : place[1] + 1] in "]}":
        return place, say("bracket_closed"), say("remove_it")
    return None


def _characters(problem: str, context: str, line: str, place: Place, begun: Place) -> Explained:
    found = re.search(r"character '(.+?)' that cannot start", problem)
    if found and found.group(1) == "\\t":
        return place, say("tab_here"), say("use_blanks")
    if found:
        return place, say("cannot_begin_with", character=found.group(1)), QUOTE
    return None


def _aliases(problem: str, context: str, line: str, place: Place, begun: Place) -> Explained:
    found = re.search(r"undefined alias '(.*)'", problem)
    if found and not found.group(1).strip(":"):
        return place, say("star_alone"), say("write_star")
    if found:
        name = found.group(1)
        return (
            place,
            say("no_anchor", name=name),
            say("define_anchor"),
        )
    if "another document" in problem:
        return place, say("second_document"), say("remove_line")
    return None


def _indentation(problem: str, context: str, line: str, place: Place, begun: Place) -> Explained:
    before = line[: place[1]]
    if "mapping values are not allowed" in problem and ": " in f"{before} ":
        entry = re.match(r"\s*([^\W\d]\w*): +([^\"'{\[].*?)\s*(#.*)?$", line)
        quoted = say("write_quoted", name=entry.group(1), text=entry.group(2)) if entry else QUOTE
        return place, say("second_colon"), say("or_new_line", quoted=quoted)
    if "mapping values are not allowed" in problem:
        remedy = say("indent_like_others")
        return place, say("does_not_fit"), remedy
    if "could not find expected ':'" in problem:
        remedy = say("colon_and_blank")
        return begun, say("no_key_value"), remedy
    if "expected <block end>" in problem:
        blanks = say("blanks", count=begun.column) if begun.column else say("no_blank")
        remedy = say("begin_with_blanks", blanks=blanks, line=begun.line + 1)
        return place, say("indent_fits_nowhere"), remedy
    return None


def _unreadable(error: YAMLError, text: str) -> tuple[Place, Said, Said]:
    """A character that YAML forbids altogether."""
    position = int(getattr(error, "position", 0) or 0)
    before = text[:position]
    place = Place(before.count("\n"), position - (before.rfind("\n") + 1))
    remedy = say("plain_text")
    return place, say("forbidden_character"), remedy
