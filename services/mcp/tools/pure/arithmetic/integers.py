"""Whole numbers as arguments: JSON integers, or digits in a string where JSON numbers would lose some."""

from typing import Annotated, TypeAlias

from pydantic import Field

MAX_INTEGER_DIGITS = 1_000
_JSON_BOUND = 2**63

Integer: TypeAlias = Annotated[
    Annotated[str, Field(min_length=1, max_length=MAX_INTEGER_DIGITS, pattern=r"^[+-]?[0-9]+$")]
    | Annotated[int, Field(ge=-_JSON_BOUND, le=_JSON_BOUND - 1)],
    Field(description="A JSON integer, or its decimal digits as a string (needed beyond 64 bits)"),
]


def grouped(number: int, language: str) -> str:
    """Write an integer with thousands separators: 1,234,567 or 1.234.567. Numbers of four digits stay whole."""
    text = f"{number:,}" if abs(number) >= 10_000 else str(number)
    return text.replace(",", ".") if language == "de" else text
