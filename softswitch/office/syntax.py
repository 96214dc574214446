"""What YAML's parser complains of, in words for somebody who does not know YAML.

Tabs are found before the parser runs and read as blanks, so that the rest of the file is looked at
too.
"""

import re
from collections.abc import Iterator

from ruamel.yaml.error import MarkedYAMLError, YAMLError

from softswitch.office.source import Place

QUOTE = 'Put the text in double quotes, like "text"'


def tabs(text: str) -> Iterator[Place]:
    """Every line that is indented with a tab."""
    for number, line in enumerate(text.split("\n")):
        indent = re.match(r"[ \t]*", line)
        if indent and "\t" in indent.group() and line.strip():
            yield Place(number, indent.group().index("\t"))


def without_tabs(text: str) -> str:
    """The text with two blanks for each tab of an indentation."""
    return re.sub(r"(?m)^[ \t]+", lambda m: m.group().replace("\t", "  "), text)


def conflicts(text: str) -> Iterator[Place]:
    """The marks of a merge that nobody has finished."""
    for number, line in enumerate(text.split("\n")):
        if re.match(r"(<{7} |={7}$|>{7} )", line):
            yield Place(number, 0)


def explain(error: YAMLError, text: str) -> tuple[Place, str, str]:
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
    return place, f"this is not YAML ({problem or context})", "Compare with the lines around it"


Explained = tuple[Place, str, str] | None


def _earlier(problem: str, lines: list[str], place: Place) -> Explained:
    """A mistake in a line above that the parser notices only here."""
    if "<scalar>" in problem or "expected <block end>" in problem:
        for number, line in enumerate(lines[: place.line]):
            if len(re.findall(r'(?<!\\)"', line.partition(" #")[0])) % 2:
                column = line.rindex('"')
                message = "a quotation mark is opened in this line and not closed"
                return Place(number, column), message, "Close it"
    above = lines[place.line - 1] if 0 < place.line <= len(lines) else ""
    glued = re.match(r"(\s*)([^\W\d]\w*):([^\s:].*)", above)
    if glued and "mapping values are not allowed" in problem:
        indent, key, value = glued.groups()
        at = Place(place.line - 1, len(indent) + len(key))
        remedy = f"Write `{key}: {value.strip()[:40]}`"
        return at, f"there is no blank after the colon of `{key}:`", remedy
    return None


def _quotes(problem: str, context: str, line: str, place: Place, begun: Place) -> Explained:
    if "quoted scalar" in context and "end of stream" in problem:
        return begun, "a quotation mark is opened here and never closed", "Close it"
    if "escape character" in problem:
        return place, "a backslash in double quotes has a meaning of its own", "Use single quotes"
    if "<scalar>" in problem and ("'" in line or '"' in line):
        remedy = "Put the whole text in double quotes, and single ones inside"
        return place, "text goes on after a closing quotation mark", remedy
    return None


def _brackets(problem: str, context: str, line: str, place: Place, begun: Place) -> Explained:
    if "got ':'" in problem and place[0] == begun[0]:
        remedy = "Put commas between the entries, and text that has a colon in double quotes"
        return place, "a comma is missing before this colon, or the text needs quotes", remedy
    if "flow sequence" in context:
        return begun, "a square bracket `[` is opened here and never closed", "Close it with `]`"
    if "flow mapping" in context:
        remedy = "Close it with `}`, and put commas between the entries"
        return begun, "a brace `{` is opened here and never closed", remedy
    if "document start" in problem and line[place[1] : place[1] + 1] in "]}":
        return place, "a bracket is closed here that was never opened", "Remove it"
    return None


def _characters(problem: str, context: str, line: str, place: Place, begun: Place) -> Explained:
    found = re.search(r"character '(.+?)' that cannot start", problem)
    if found and found.group(1) == "\\t":
        return place, "there is a tab here, and YAML allows only blanks", "Use blanks"
    if found:
        return place, f"a value cannot begin with `{found.group(1)}`", QUOTE
    return None


def _aliases(problem: str, context: str, line: str, place: Place, begun: Place) -> Explained:
    found = re.search(r"undefined alias '(.*)'", problem)
    if found and not found.group(1).strip(":"):
        return place, "a star alone has a meaning in YAML", 'Write the key as "*"'
    if found:
        name = found.group(1)
        return (
            place,
            f"`*{name}` refers to `&{name}`, which is not there",
            "Define it, or put the text in double quotes",
        )
    if "another document" in problem:
        return place, "`---` begins a second file inside this one", "Remove the line"
    return None


def _indentation(problem: str, context: str, line: str, place: Place, begun: Place) -> Explained:
    before = line[: place[1]]
    if "mapping values are not allowed" in problem and ": " in f"{before} ":
        entry = re.match(r"\s*([^\W\d]\w*): +([^\"'{\[].*?)\s*(#.*)?$", line)
        quoted = f'Write `{entry.group(1)}: "{entry.group(2)}"`' if entry else QUOTE
        return place, "there is a second colon in this line", f"{quoted}, or begin a new line"
    if "mapping values are not allowed" in problem:
        remedy = "Indent the line like its neighbours, and check that the line above ends its value"
        return place, "this line does not fit to the line above", remedy
    if "could not find expected ':'" in problem:
        remedy = "Write a colon and a blank after the key"
        return begun, "this line is no `key: value`", remedy
    if "expected <block end>" in problem:
        blanks = f"{begun.column} blanks" if begun.column else "no blank"
        remedy = f"Begin it with {blanks}, like line {begun.line + 1}, if it belongs to that block"
        return place, "the indentation of this line fits to no line above", remedy
    return None


def _unreadable(error: YAMLError, text: str) -> tuple[Place, str, str]:
    """A character that YAML forbids altogether."""
    position = int(getattr(error, "position", 0) or 0)
    before = text[:position]
    place = Place(before.count("\n"), position - (before.rfind("\n") + 1))
    remedy = "Remove it; the file must be plain text in UTF-8"
    return place, "there is a character here that no text file has", remedy
