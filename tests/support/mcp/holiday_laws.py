"""Public holidays written down from the laws, as a second opinion: Germany by Land, Austria, France, United States."""

from datetime import date, timedelta

from dateutil.easter import easter

LAENDER = ("BB", "BE", "BW", "BY", "HB", "HE", "HH", "MV", "NI", "NW", "RP", "SH", "SL", "SN", "ST", "TH")


def german(year: int, land: str | None) -> set[date]:
    """Holidays of a Land, or those of all, for the years since 1995 and without those of single towns."""
    sunday = easter(year)
    moving = {sunday + timedelta(days=days) for days in (-2, 1, 39, 50)}
    found = moving | {date(year, *day) for day in ((1, 1), (5, 1), (10, 3), (12, 25), (12, 26))}
    if land is None:
        return found | ({date(year, 10, 31)} if year == 2017 else set())
    fixed = {
        (1, 6): land in ("BW", "BY", "ST"),
        (3, 8): (land == "BE" and year >= 2019) or (land == "MV" and year >= 2023),
        (5, 8): land == "BE" and year in (2020, 2025),
        (6, 17): land == "BE" and year == 2028,
        (8, 15): land == "SL",
        (9, 20): land == "TH" and year >= 2019,
        (10, 31): reformation_day(year, land),
        (11, 1): land in ("BW", "BY", "NW", "RP", "SL"),
    }
    found |= {date(year, *day) for day, kept in fixed.items() if kept}
    if land in ("BW", "BY", "HE", "NW", "RP", "SL"):
        found.add(sunday + timedelta(days=60))
    if land == "SN":  # the Wednesday before 23 November
        found.add(max(date(year, 11, day) for day in range(16, 23) if date(year, 11, day).weekday() == 2))
    return found


def reformation_day(year: int, land: str) -> bool:
    since_2018 = land in ("HB", "HH", "NI", "SH") and year >= 2018
    return year == 2017 or since_2018 or land in ("BB", "MV", "SN", "ST", "TH")


def austrian(year: int) -> set[date]:
    """Holidays of § 7 Arbeitsruhegesetz."""
    moving = {easter(year) + timedelta(days=days) for days in (1, 39, 50, 60)}
    fixed = ((1, 1), (1, 6), (5, 1), (8, 15), (10, 26), (11, 1), (12, 8), (12, 25), (12, 26))
    return moving | {date(year, *day) for day in fixed}


def french(year: int) -> set[date]:
    """Holidays of article L3133-1 of the Code du travail, in force since 2008."""
    moving = {easter(year) + timedelta(days=days) for days in (1, 39, 50)}
    fixed = ((1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25))
    return moving | {date(year, *day) for day in fixed}


def american(year: int) -> set[date]:
    """Days off of 5 U.S.C. § 6103 for the years since 2022, with their observed days."""
    moving = {
        weekday_of(year, 1, 0, 3),
        weekday_of(year, 2, 0, 3),
        weekday_of(year, 5, 0, -1),
        weekday_of(year, 9, 0, 1),
        weekday_of(year, 10, 0, 2),
        weekday_of(year, 11, 3, 4),
    }
    fixed = {date(each, month, day) for each in (year, year + 1) for month, day in FIXED_AMERICAN}
    shifts = {5: -1, 6: 1}
    kept = {day + timedelta(days=shifts.get(day.weekday(), 0)) for day in fixed}
    return {day for day in moving | fixed | kept if day.year == year}


FIXED_AMERICAN = ((1, 1), (6, 19), (7, 4), (11, 11), (12, 25))


def weekday_of(year: int, month: int, weekday: int, number: int) -> date:
    """n-th of a weekday in a month, or the last for -1; Monday is 0."""
    days = [date(year, month, 1) + timedelta(days=offset) for offset in range(31)]
    fitting = [day for day in days if day.month == month and day.weekday() == weekday]
    return fitting[number - 1] if number > 0 else fitting[number]
