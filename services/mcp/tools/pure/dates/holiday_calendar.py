"""Public holidays and business days of countries and regions, by the pinned package `holidays`."""

from collections.abc import Mapping
from datetime import date, timedelta
from difflib import get_close_matches

from holidays import countries
from holidays.holiday_base import HolidayBase
from holidays.registry import COUNTRIES
from holidays.version import __version__

from services.mcp.contract import Limit, ToolError
from services.mcp.tools.pure.dates.holiday_names import NameLanguage, has_names, named
from services.mcp.tools.pure.dates.holiday_years import known_years
from services.mcp.tools.pure.dates.names import weekday_name

HOLIDAY_CALENDAR = f"holidays {__version__}"
BUSINESS_RULE = (
    "a business day is no public holiday of the country or region and not on its weekend, save for weekends that are "
    "worked by decree; substitute days are holidays, half days are not; what governments decide year by year is known "
    "up to the release of the calendar"
)
MAX_COUNTRY_CHARS, MAX_REGION_CHARS = 2, 40
COUNTRY_CHARS = Limit(name="country_chars", value=MAX_COUNTRY_CHARS, unit="characters")
REGION_CHARS = Limit(name="region_chars", value=MAX_REGION_CHARS, unit="characters")

_ENTITIES: Mapping[str, type[HolidayBase]] = {code: getattr(countries, name) for name, code, *_ in COUNTRIES.values()}


class HolidayCalendar:
    """The public holidays of a country or of one of its regions. For one call: it caches the years that it has read."""

    def __init__(self, country: str, region: str | None) -> None:
        """Raises ToolError if the country or the region is not known."""
        self._entity = _entity(country)
        self.country = self._entity.country
        self.region = None if region is None else _region(self._entity, region)
        self.known_years = known_years(self._entity, self.region)
        self._days = self._opened("own")

    def check(self, *years: int) -> None:
        """Raises ToolError if the holidays of a year are not known."""
        first, last = self.known_years
        if not all(first <= year <= last for year in years):
            raise ToolError("domain_error", f"holidays of {self.country} are known for the years {first} to {last}")

    def of_year(self, year: int, language: NameLanguage) -> Mapping[date, str] | None:
        """Holiday names by day; None without names in that language. Raises ToolError."""
        self.check(year)
        if not has_names(self._entity, language):
            return None
        days = self._opened(language, year)
        return {day: days[day] for day in sorted(days)}

    def name(self, day: date) -> str | None:
        """Name of a holiday in the country's own language, or None for other days."""
        return self._days.get(day)

    def is_estimated(self, name: str) -> bool:
        """Whether a name in the country's own language marks a date that is only estimated."""
        marker = getattr(self._entity, "estimated_label", "").replace("%s", "").strip(" ()\uff08\uff09")
        return bool(marker) and marker in name

    def is_business_day(self, day: date) -> bool:
        return self._days.is_working_day(day)

    def is_weekend(self, day: date) -> bool:
        return self._days.is_weekend(day)

    def weekend(self, day: date) -> tuple[str, ...]:
        """English names of the weekend's days at `day`."""
        first = min(day, day.replace(month=12, day=25))  # a week within the year: the next one may not be known
        week = (first + timedelta(days=number) for number in range(7))
        return tuple(weekday_name(one, "en") for one in sorted(week, key=date.weekday) if self._days.is_weekend(one))

    def _opened(self, language: NameLanguage, year: int | None = None) -> HolidayBase:
        return named(self._entity, language)(subdiv=self.region, years=year)


def _entity(country: str) -> type[HolidayBase]:
    if (found := _ENTITIES.get(country.strip().upper())) is None:
        raise ToolError("invalid_argument", "country: not known, give its code of two letters as DE, AT or US")
    return found


def _region(entity: type[HolidayBase], region: str) -> str:
    """Region's code for a code, a code with its country (DE-BY), or a name (Bayern)."""
    known = {code.casefold(): code for code in entity.subdivisions}
    known |= {alias.casefold(): code for alias, code in entity.subdivisions_aliases.items()}
    wanted = region.strip().casefold().removeprefix(f"{entity.country.casefold()}-")
    if wanted in known:
        return known[wanted]
    if not known:
        raise ToolError("invalid_argument", f"region: {entity.country} has no regions with holidays of their own")
    near = [known[match] for match in get_close_matches(wanted, known, n=1)] or list(entity.subdivisions[:6])
    raise ToolError("invalid_argument", f"region: not known in {entity.country}; there are {', '.join(near)} and more")
