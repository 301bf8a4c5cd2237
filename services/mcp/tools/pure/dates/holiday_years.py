"""For which years the holidays of a country are known: some calendars of the moon are tables, and end."""

from collections.abc import Mapping

from holidays.groups.islamic import IslamicHolidays
from holidays.holiday_base import HolidayBase

# Outside these years the package leaves out days of the Hindu, Balinese, Burmese, Nepalese and Maori calendars.
_FIRST: Mapping[str, int] = {"GY": 2001, "IN": 2001, "MU": 2001, "SR": 2001}
_LAST: Mapping[str, int] = {
    "BT": 2035,
    "FJ": 2035,
    "GY": 2035,
    "ID": 2050,
    "IN": 2035,
    "MM": 2099,
    "MU": 2035,
    "NP": 2032,
    "NZ": 2052,
    "SR": 2035,
    "US-CA": 2035,
}
_FIRST_ISLAMIC = 1925


def known_years(entity: type[HolidayBase], region: str | None) -> tuple[int, int]:
    """First and the last year of which all holidays are known."""
    country = entity.country
    islamic = _FIRST_ISLAMIC if issubclass(entity, IslamicHolidays) else 0
    last = min(_LAST.get(country, entity.end_year), _LAST.get(f"{country}-{region}", entity.end_year))
    return max(entity.start_year, islamic, _FIRST.get(country, 0)), min(last, entity.end_year)
