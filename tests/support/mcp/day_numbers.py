"""The calendar by other means than `datetime`: day numbers after Fliegel and Van Flandern (1968)."""


def julian_day(year: int, month: int, day: int) -> int:
    """Number of the Julian day that begins at noon of a day of the proleptic Gregorian calendar."""
    shift = int((month - 14) / 12)
    return (
        1461 * (year + 4800 + shift) // 4
        + 367 * (month - 2 - 12 * shift) // 12
        - 3 * ((year + 4900 + shift) // 100) // 4
        + day
        - 32075
    )


def is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def month_length(year: int, month: int) -> int:
    return (31, 29 if is_leap(year) else 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)[month - 1]


def iso_weekday(year: int, month: int, day: int) -> int:
    return julian_day(year, month, day) % 7 + 1


def iso_week(year: int, month: int, day: int) -> tuple[int, int]:
    """Year and week: those of the Thursday of the same week, counted from the first day of its year."""
    number = julian_day(year, month, day)
    thursday = number - number % 7 + 3
    for candidate in (year + 1, year, year - 1):
        first = julian_day(candidate, 1, 1)
        if first <= thursday:
            return candidate, (thursday - first) // 7 + 1
    raise AssertionError("a Thursday is at most one year away")
