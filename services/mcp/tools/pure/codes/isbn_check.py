"""`isbn_check`: whether an ISBN is right, and its other form."""

import re
from typing import Literal

from pydantic import Field

from services.mcp.contract import AnswerStyle, Bilingual, ErrorExample, Example, Limit, Tool, ToolError, ToolModel
from services.mcp.tools.pure.codes import check_digits
from services.mcp.tools.pure.codes.written import MAX_CODE_CHARS, compact

Problem = Literal["prefix", "check_digit"]
ISBN_RULE = (
    "ISBN-10: weights 10 to 1 modulo 11, X is ten; ISBN-13: weights 1 and 3 modulo 10, prefix 978 or 979; "
    "979-0 belongs to printed music; only 978 has a form of ten"
)
_ISBN10 = re.compile(r"\d{9}[\dX]", re.ASCII)
_ISBN13 = re.compile(r"\d{13}", re.ASCII)


class IsbnCheckArguments(ToolModel):
    """An ISBN of ten or thirteen characters, with or without hyphens."""

    isbn: str = Field(min_length=1, max_length=MAX_CODE_CHARS)


class IsbnCheckResult(ToolModel):
    """What is right and wrong with an ISBN, and both its forms without hyphens if it is valid."""

    valid: bool
    problem: Problem | None
    kind: Literal["ISBN-10", "ISBN-13"]
    isbn: str
    check_digit: str
    expected_check_digit: str
    isbn10: str | None = Field(description="Null if not valid, or if there is none")
    isbn13: str | None
    rule: str = ISBN_RULE


def isbn_check(arguments: IsbnCheckArguments) -> IsbnCheckResult:
    """Raises ToolError for input in neither form."""
    code = compact(arguments.isbn, "isbn", "ISBN10", "ISBN13", "ISBN")
    if not (_ISBN10.fullmatch(code) or _ISBN13.fullmatch(code)):
        raise ToolError("invalid_argument", "isbn: has thirteen digits, or nine and a digit or X")
    payload, check = code[:-1], code[-1]
    short = len(code) == 10
    expected = check_digits.isbn10(payload) if short else str(check_digits.gs1(payload))
    problem = _problem(code, expected)
    thirteen = f"978{payload}" if short else payload
    ten = payload if short else (payload[3:] if payload.startswith("978") else None)
    return IsbnCheckResult(
        valid=problem is None,
        problem=problem,
        kind="ISBN-10" if short else "ISBN-13",
        isbn=code,
        check_digit=check,
        expected_check_digit=expected,
        isbn10=None if problem or ten is None else f"{ten}{check_digits.isbn10(ten)}",
        isbn13=None if problem else f"{thirteen}{check_digits.gs1(thirteen)}",
    )


def _problem(code: str, expected: str) -> Problem | None:
    if len(code) == 13 and (not code.startswith(("978", "979")) or code.startswith("9790")):
        return "prefix"
    return None if code[-1] == expected else "check_digit"


def phrase(result: IsbnCheckResult, style: AnswerStyle) -> str:
    """One sentence with the other form, or with the errors."""
    german = style.language == "de"
    if result.problem is None:
        other = result.isbn13 if result.kind == "ISBN-10" else result.isbn10
        name = "ISBN-13" if result.kind == "ISBN-10" else "ISBN-10"
        none = f"{'eine' if german else 'there is no'} {name}{' gibt es nicht' if german else ''}"
        detail = f"{name}: {other}" if other else none
        return f"{result.isbn} {'ist eine gültige' if german else 'is a valid'} {result.kind}; {detail}."
    verb = f"{result.isbn} {'ist keine gültige' if german else 'is no valid'} {result.kind}"
    if result.problem == "prefix":
        return f"{verb}: {'das Präfix gehört nicht zu Büchern' if german else 'the prefix is not one of books'}."
    right = "die Prüfziffer wäre" if german else "the check digit would be"
    return f"{verb}: {right} {result.expected_check_digit}."


ISBN_CHECK = Tool(
    name="isbn_check",
    description=Bilingual(
        en="Whether an ISBN is valid, and its form of ten or thirteen digits",
        de="Ob eine ISBN gültig ist, und ihre zehn- oder dreizehnstellige Form",
    ),
    keywords=Bilingual(
        en="isbn valid check book number isbn-10 isbn-13 convert check digit",
        de="isbn gültig prüfen buchnummer isbn-10 isbn-13 umwandeln prüfziffer",
    ),
    arguments=IsbnCheckArguments,
    result=IsbnCheckResult,
    run=isbn_check,
    answer=phrase,
    limits=(Limit(name="code_chars", value=MAX_CODE_CHARS, unit="characters"),),
    example=Example(
        args={"isbn": "3-16-148410-X"},
        result={
            "valid": True,
            "problem": None,
            "kind": "ISBN-10",
            "isbn": "316148410X",
            "check_digit": "X",
            "expected_check_digit": "X",
            "isbn10": "316148410X",
            "isbn13": "9783161484100",
            "rule": ISBN_RULE,
        },
        answer="316148410X is a valid ISBN-10; ISBN-13: 9783161484100.",
    ),
    error_example=ErrorExample(args={"isbn": "3-16-148410"}, code="invalid_argument"),
)
