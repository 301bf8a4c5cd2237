"""Validates numbers from outside: model servers, clients, records of foreign origin."""

import math

COUNT_LIMIT = 1 << 40  # tokens of one call: a trillion, a thousand times the daily capacity of any server
TIME_LIMIT_S = 253_402_300_799.0  # the last second of the year 9999: Python, JavaScript and Postgres can all show it


def count_in(value: object) -> int | None:
    """A reported count; None for anything but an integer from 0 to `COUNT_LIMIT`."""
    return value if type(value) is int and 0 <= value <= COUNT_LIMIT else None


def is_unix_time(seconds: float) -> bool:
    """True for Unix seconds from 1970 to 9999."""
    return 0 <= seconds <= TIME_LIMIT_S


def finite(text: str | bytes, default: float) -> float:
    """The finite number in a header value, else `default`."""
    try:
        number = float(text)
    except ValueError:
        return default
    return number if math.isfinite(number) else default
