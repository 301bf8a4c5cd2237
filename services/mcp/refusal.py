"""Refusals of tools: a code for programs, one line for people."""

from collections.abc import Mapping, Set
from typing import Literal

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from libs.core.errors import FleetError

ErrorCode = Literal[
    "invalid_argument",
    "ambiguous",
    "limit_exceeded",
    "division_by_zero",
    "domain_error",
    "undecided",
    "unknown_tool",
    "timeout",
    "busy",
    "worker_lost",
    "disabled",
    "forbidden",
    "unavailable",
    "not_found",
    "outside_failed",
]
_TOO_LARGE = frozenset({"string_too_long", "too_long"})
_NAME_CHARS = 40
_MOST_ARGUMENTS = 64
_MOST_LOOKED_AT = 1000
_EXPECTED = "Input should be "
_OF_VALIDATORS = "Value error, "


class ToolError(FleetError):
    """A refused or failed call. `code` is one of `ErrorCode`; the message is one line and names the violated rule."""

    def __init__(self, code: ErrorCode, message: str) -> None:
        super().__init__(message, code=code)


def check_names(arguments: Mapping[str, object], known: Set[str]) -> None:
    """Raise ToolError for more arguments than any tool has, before validation creates an error for each unknown one."""
    if len(arguments) > _MOST_ARGUMENTS and (unknown := arguments.keys() - known):
        raise ToolError("invalid_argument", f"{min(unknown)[:_NAME_CHARS]}: Extra inputs are not permitted")


def refused(error: ValidationError) -> ToolError:
    """Name the invalid argument without repeating its value, which may be a megabyte long."""
    if (wrong := error.error_count()) > _MOST_LOOKED_AT:  # each error costs time and memory to format
        return ToolError("invalid_argument", f"arguments: {wrong:,} places in them are wrong")
    found = error.errors(include_url=False, include_input=False, include_context=False)
    first = min(found, key=_rank)
    if _is_of_type(first) and len(kinds := [each for each in found if each["loc"][:1] == first["loc"][:1]]) > 1:
        kinds_told = " or ".join(dict.fromkeys(kind["msg"].removeprefix(_EXPECTED) for kind in kinds))
        return ToolError("invalid_argument", f"{first['loc'][0]}: {_EXPECTED}{kinds_told}")
    where = ".".join(str(part)[:_NAME_CHARS] for part in first["loc"]) or "arguments"
    code: ErrorCode = "limit_exceeded" if first["type"] in _TOO_LARGE else "invalid_argument"
    return ToolError(code, f"{where}: {first['msg'].removeprefix(_OF_VALIDATORS)}")


def _rank(error: ErrorDetails) -> int:
    """For a union, the error of the matching type explains the mistake best, so type errors rank last."""
    return 0 if error["type"] in _TOO_LARGE else 1 + _is_of_type(error)


def _is_of_type(error: ErrorDetails) -> bool:
    return error["type"].endswith("_type")
