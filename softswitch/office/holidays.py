"""What a public holiday is called: `closed: Wigilia` explains itself, `public holiday` does not.

Poland's days off by the act of 18 January 1951 on days free of work, with 24 December since 2025.
Whether a day is free is decided by the calendar of `hours.py`; here it only gets its name. Of other
countries no names are known.
"""

from datetime import date, timedelta

POLISH = "pl"

# (month, day): Polish name, English name.
_FIXED = {
    (1, 1): ("Nowy Rok", "New Year's Day"),
    (1, 6): ("Święto Trzech Króli", "Epiphany"),
    (5, 1): ("Święto Pracy", "Labour Day"),
    (5, 3): ("Święto Konstytucji 3 Maja", "Constitution Day"),
    (8, 15): ("Wniebowzięcie NMP", "Assumption Day"),
    (11, 1): ("Wszystkich Świętych", "All Saints' Day"),
    (11, 11): ("Święto Niepodległości", "Independence Day"),
    (12, 24): ("Wigilia", "Christmas Eve"),
    (12, 25): ("Boże Narodzenie", "Christmas Day"),
    (12, 26): ("drugi dzień Bożego Narodzenia", "Second Day of Christmas"),
}
# Days after Easter Sunday: Polish name, English name.
_MOVING = {
    0: ("Wielkanoc", "Easter Sunday"),
    1: ("Poniedziałek Wielkanocny", "Easter Monday"),
    49: ("Zielone Świątki", "Pentecost"),
    60: ("Boże Ciało", "Corpus Christi"),
}
# Christmas Eve became a day off in this year.
_FREE_CHRISTMAS_EVE = 2025


def holiday_name(day: date, country: str, language: str = POLISH) -> str | None:
    """The name of a public holiday; None when the day is none, or its name is not known."""
    if country != "PL" or (day.month, day.day, day.year < _FREE_CHRISTMAS_EVE) == (12, 24, True):
        return None
    names = _FIXED.get((day.month, day.day)) or _MOVING.get((day - easter(day.year)).days)
    return names and names[0 if language == POLISH else 1]


def easter(year: int) -> date:
    """Gregorian Easter Sunday (J. Meeus, Astronomical Algorithms, chapter 8)."""
    a, b, c = year % 19, year // 100, year % 100
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    weekday = (32 + 2 * e + 2 * i - h - k) % 7
    m = (a + 11 * h + 22 * weekday) // 451
    month, day = divmod(h + weekday - 7 * m + 114, 31)
    return date(year, month, 1) + timedelta(days=day)
