"""Dates in the written forms that have one meaning."""

import re
from datetime import date

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january januar jan jänner",
            "february februar feb feber",
            "march märz mar mär",
            "april apr",
            "may mai",
            "june juni jun",
            "july juli jul",
            "august aug",
            "september sep sept",
            "october oktober oct okt",
            "november nov",
            "december dezember dec dez",
        ),
        start=1,
    )
    for name in names.split()
}
MONTH_NAMES = "|".join(sorted(_MONTHS, key=len, reverse=True))
_MONTH = r"(?P<name>[a-zä]{3,9})\.?"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th|\.)?"
_FORMS = tuple(
    re.compile(form, re.ASCII)
    for form in (
        r"(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})",
        r"(?P<year>\d{4})/(?P<month>\d{2})/(?P<day>\d{2})",
        r"(?P<day>\d{1,2})\.(?P<month>\d{1,2})\.(?P<year>\d{4})",
        r"(?P<month>0?[1-9]|1[0-2])/(?P<day>1[3-9]|2\d|3[01])/(?P<year>\d{4})",
        r"(?P<day>1[3-9]|2\d|3[01])/(?P<month>0?[1-9]|1[0-2])/(?P<year>\d{4})",
        rf"(?:the )?{_DAY} (?:of )?{_MONTH},? (?P<year>\d{{4}})",
        rf"{_MONTH} {_DAY},? (?P<year>\d{{4}})",
    )
)

ANY_DAY = (
    r"\d{4}[-/]\d{2}[-/]\d{2}|\d{1,2}\.\d{1,2}\.\d{4}|\d{1,2}/\d{1,2}/\d{4}"
    r"|(?:the )?\d{1,2}(?:st|nd|rd|th|\.)? (?:of )?[a-zä]{3,9}\.?,? \d{4}"
    r"|[a-zä]{3,9}\.? \d{1,2}(?:st|nd|rd|th)?,? \d{4}"
)


def day(name: str) -> str:
    """Pattern of a date; `iso_date` validates the match."""
    return f"(?P<{name}>{ANY_DAY})"


def iso_date(text: str) -> str | None:
    """YYYY-MM-DD for a valid date in an unambiguous form, else None: `03/14/2025` has one reading, `03/04/2025` two."""
    found = next((match for form in _FORMS if (match := form.fullmatch(text))), None)
    if found is None:
        return None
    parts = found.groupdict()
    month = int(parts["month"]) if parts.get("month") else _MONTHS.get(parts["name"] or "", 0)
    try:
        return date(int(parts["year"]), month, int(parts["day"])).isoformat()
    except ValueError:
        return None


def may_be_a_date(version: str) -> bool:
    """True for `3.10.1990`, which has the form of a version too."""
    return _WITH_POINTS.fullmatch(version) is not None


_WITH_POINTS = re.compile(r"\d{1,2}\.\d{1,2}\.(?:1[89]|20|21)\d\d")
