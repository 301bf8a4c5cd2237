"""`iban_check`: whether an IBAN has its country's structure and the right check digits."""

from typing import Literal

from pydantic import Field

from services.mcp.contract import AnswerStyle, Bilingual, ErrorExample, Example, Limit, Tool, ToolError, ToolModel
from services.mcp.tools.pure.codes import check_digits
from services.mcp.tools.pure.codes.iban_registry import REGISTRY, STRUCTURES, Structure
from services.mcp.tools.pure.codes.written import MAX_CODE_CHARS, compact

Problem = Literal["unknown_country", "length", "structure", "check_digits"]
IBAN_RULE = (
    "length and structure of the country's entry in the registry, check digits 02 to 98 by ISO 7064 modulo 97; "
    "national check digits and whether the account exists are not checked"
)
_PROBLEMS: dict[Problem, Bilingual] = {
    "unknown_country": Bilingual(en="no country of the registry", de="kein Land des Verzeichnisses"),
    "length": Bilingual(en="wrong length", de="falsche Länge"),
    "structure": Bilingual(en="wrong structure", de="falscher Aufbau"),
    "check_digits": Bilingual(en="wrong check digits", de="falsche Prüfziffern"),
}


class IbanCheckArguments(ToolModel):
    """An IBAN, with or without blanks."""

    iban: str = Field(min_length=1, max_length=MAX_CODE_CHARS)


class IbanCheckResult(ToolModel):
    """What is right and wrong with an IBAN. `problem` is the first thing that is wrong."""

    valid: bool
    problem: Problem | None
    iban: str = Field(description="In groups of four")
    country: str
    check_digits: str
    expected_check_digits: str | None = Field(description="Null if the structure is wrong")
    bban: str
    bank_code: str | None = Field(description="The bank's identifier, if the structure is right")
    length: int
    expected_length: int | None
    structure: str | None = Field(description="Of the BBAN: n digits, a capital letters, c letters and digits")
    rule: str = IBAN_RULE
    registry: str = REGISTRY


def iban_check(arguments: IbanCheckArguments) -> IbanCheckResult:
    """Raises ToolError for input that is no code at all."""
    code = compact(arguments.iban, "iban", "IBAN")
    country, digits, bban = code[:2], code[2:4], code[4:]
    if not (country.isalpha() and digits.isdigit() and len(digits) == 2 and bban):
        raise ToolError("invalid_argument", "iban: begins with two letters and two digits, as DE89 3704 ...")
    structure = STRUCTURES.get(country)
    fits = structure is not None and structure.pattern.fullmatch(bban) is not None
    expected = check_digits.iban(country, bban) if fits else None
    problem = _problem(structure, bban) or (None if expected == digits else "check_digits")
    return IbanCheckResult(
        valid=problem is None,
        problem=problem,
        iban=" ".join(code[place : place + 4] for place in range(0, len(code), 4)),
        country=country,
        check_digits=digits,
        expected_check_digits=expected,
        bban=bban,
        bank_code=bban[structure.bank] if structure and fits else None,
        length=len(code),
        expected_length=structure.length + 4 if structure else None,
        structure=structure.text if structure else None,
    )


def _problem(structure: Structure | None, bban: str) -> Problem | None:
    if structure is None:
        return "unknown_country"
    if len(bban) != structure.length:
        return "length"
    return None if structure.pattern.fullmatch(bban) else "structure"


def phrase(result: IbanCheckResult, style: AnswerStyle) -> str:
    """Add the right length or check digits to wrong ones."""
    german = style.language == "de"
    if result.problem is None:
        return f"{result.iban} ist eine gültige IBAN." if german else f"{result.iban} is a valid IBAN."
    reason = _PROBLEMS[result.problem].text(style.language)
    right = {"length": result.expected_length, "check_digits": result.expected_check_digits}.get(result.problem)
    hint = "" if right is None else f" ({'richtig' if german else 'right'}: {right})"
    verb = "ist keine gültige IBAN" if german else "is no valid IBAN"
    return f"{result.iban} {verb}: {reason}{hint}."


IBAN_CHECK = Tool(
    name="iban_check",
    description=Bilingual(
        en="Whether an IBAN has its country's length and structure and the right check digits",
        de="Ob eine IBAN Länge und Aufbau ihres Landes und die richtigen Prüfziffern hat",
    ),
    keywords=Bilingual(
        en="iban valid check bank account number check digits",
        de="iban gültig prüfen kontonummer bankkonto prüfziffer bankleitzahl",
    ),
    arguments=IbanCheckArguments,
    result=IbanCheckResult,
    run=iban_check,
    answer=phrase,
    limits=(Limit(name="code_chars", value=MAX_CODE_CHARS, unit="characters"),),
    example=Example(
        args={"iban": "DE89 3704 0044 0532 0130 00"},
        result={
            "valid": True,
            "problem": None,
            "iban": "DE89 3704 0044 0532 0130 00",
            "country": "DE",
            "check_digits": "89",
            "expected_check_digits": "89",
            "bban": "370400440532013000",
            "bank_code": "37040044",
            "length": 22,
            "expected_length": 22,
            "structure": "8!n10!n",
            "rule": IBAN_RULE,
            "registry": REGISTRY,
        },
        answer="DE89 3704 0044 0532 0130 00 is a valid IBAN.",
    ),
    error_example=ErrorExample(args={"iban": "89 3704 0044"}, code="invalid_argument"),
)
