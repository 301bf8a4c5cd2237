"""Numbers that others report: model servers, clients, records of foreign origin. What none can mean is no number."""

import math

COUNT_LIMIT = 1 << 40  # tokens of one call: a trillion, a thousand times what any server can read in a day
TIME_LIMIT_S = 253_402_300_799.0  # the last second of the year 9999: Python, JavaScript and Postgres can all show it


def count_in(value: object) -> int | None:
    """Return a reported count; None for anything but a whole number from 0 to `COUNT_LIMIT`."""
    return value if type(value) is int and 0 <= value <= COUNT_LIMIT else None


def is_unix_time(seconds: float) -> bool:
    """Return whether seconds are a Unix time from 1970 to 9999."""
    return 0 <= seconds <= TIME_LIMIT_S


def finite(text: str | bytes, default: float) -> float:
    """Return the finite number that a header holds, `default` for anything else."""
    try:
        number = float(text)
    except ValueError:
        return default
    return number if math.isfinite(number) else default
