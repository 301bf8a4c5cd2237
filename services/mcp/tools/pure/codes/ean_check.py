"""`ean_check`: whether an article number (EAN, UPC, GTIN) is right, and its other forms."""

from collections.abc import Mapping
from typing import Literal

from pydantic import Field

from services.mcp.contract import AnswerStyle, Bilingual, ErrorExample, Example, Limit, Tool, ToolError, ToolModel
from services.mcp.tools.pure.codes.check_digits import gs1
from services.mcp.tools.pure.codes.written import MAX_CODE_CHARS, digits_of

Kind = Literal["EAN-8", "UPC-A", "EAN-13", "GTIN-14"]
Use = Literal["article", "restricted", "serial", "book", "music", "refund", "coupon"]
EAN_RULE = "GS1: weights 3 and 1 in turn, 3 at the right end, modulo 10; UPC-A is an EAN-13 with a 0 in front"
_KINDS: Mapping[int, Kind] = {8: "EAN-8", 12: "UPC-A", 13: "EAN-13", 14: "GTIN-14"}
# GTIN12 is left out: before 12 digits it is indistinguishable from the GTIN of 14 that begins with 12.
_NAMES = ("EAN13", "EAN8", "GTIN14", "GTIN13", "GTIN8", "GTIN", "UPCA", "EAN", "UPC")
# GS1 General Specifications: meaning of the first digits of a GTIN-13.
_USES: tuple[tuple[range, Use], ...] = (
    (range(20, 30), "restricted"),
    (range(40, 50), "restricted"),
    (range(200, 300), "restricted"),
    (range(977, 978), "serial"),
    (range(978, 980), "book"),
    (range(980, 981), "refund"),
    (range(981, 985), "coupon"),
    (range(990, 1000), "coupon"),
)


class EanCheckArguments(ToolModel):
    """An article number of 8, 12, 13 or 14 digits."""

    ean: str = Field(min_length=1, max_length=MAX_CODE_CHARS)


class EanCheckResult(ToolModel):
    """What is right and wrong with an article number, and its other forms if it is valid."""

    valid: bool
    kind: Kind
    code: str
    check_digit: int
    expected_check_digit: int
    gtin14: str | None = Field(description="The number filled up to 14 digits")
    ean13: str | None = Field(description="Null where there is none")
    upc_a: str | None = Field(description="Null where there is none")
    upc_e_reading: str | None = Field(description="The UPC-A of eight digits read as a UPC-E, if that is valid")
    use: Use | None = Field(description="What GS1 keeps the prefix of an EAN-13 or UPC-A for")
    rule: str = EAN_RULE


def ean_check(arguments: EanCheckArguments) -> EanCheckResult:
    """Raises ToolError for another length."""
    code = digits_of(arguments.ean, "ean", *_NAMES)
    kind = _KINDS.get(len(code))
    if kind is None:
        raise ToolError("invalid_argument", f"ean: has 8, 12, 13 or 14 digits, not {len(code)}")
    expected = gs1(code[:-1])
    valid = expected == int(code[-1])
    full = code.zfill(14)
    ean13 = full[1:] if valid and kind != "EAN-8" and full[0] == "0" else None
    return EanCheckResult(
        valid=valid,
        kind=kind,
        code=code,
        check_digit=int(code[-1]),
        expected_check_digit=expected,
        gtin14=full if valid else None,
        ean13=ean13,
        upc_a=ean13[1:] if ean13 and ean13[0] == "0" else None,
        upc_e_reading=_expanded(code) if kind == "EAN-8" else None,
        use=_use(ean13) if ean13 else None,
    )


def _use(ean13: str) -> Use:
    if ean13.startswith("9790"):
        return "music"
    number = int(ean13[:3])
    return next((use for prefixes, use in _USES if number in prefixes), "article")


def _expanded(code: str) -> str | None:
    """UPC-A of an eight-digit UPC-E; the last digit before the check digit selects the expansion."""
    system, body, last = code[0], code[1:7], int(code[6])
    if system not in "01":
        return None
    if last <= 2:
        payload = f"{system}{body[:2]}{last}0000{body[2:5]}"
    elif last == 3:
        payload = f"{system}{body[:3]}00000{body[3:5]}"
    elif last == 4:
        payload = f"{system}{body[:4]}00000{body[4]}"
    else:
        payload = f"{system}{body[:5]}0000{last}"
    return f"{payload}{code[-1]}" if gs1(payload) == int(code[-1]) else None


def phrase(result: EanCheckResult, style: AnswerStyle) -> str:
    """Add the right check digit to a wrong one."""
    german = style.language == "de"
    if result.valid:
        return f"{result.code} {'ist eine gültige' if german else 'is a valid'} {result.kind}."
    right = "die Prüfziffer wäre" if german else "the check digit would be"
    verb = "ist keine gültige" if german else "is no valid"
    return f"{result.code} {verb} {result.kind}: {right} {result.expected_check_digit}."


EAN_CHECK = Tool(
    name="ean_check",
    description=Bilingual(
        en="Whether an EAN-8, EAN-13, UPC-A or GTIN-14 is valid, and its other forms",
        de="Ob eine EAN-8, EAN-13, UPC-A oder GTIN-14 gültig ist, und ihre anderen Formen",
    ),
    keywords=Bilingual(
        en="ean upc gtin barcode article number valid check digit",
        de="ean upc gtin strichcode barcode artikelnummer gültig prüfziffer",
    ),
    arguments=EanCheckArguments,
    result=EanCheckResult,
    run=ean_check,
    answer=phrase,
    limits=(Limit(name="code_chars", value=MAX_CODE_CHARS, unit="characters"),),
    example=Example(
        args={"ean": "4006381333931"},
        result={
            "valid": True,
            "kind": "EAN-13",
            "code": "4006381333931",
            "check_digit": 1,
            "expected_check_digit": 1,
            "gtin14": "04006381333931",
            "ean13": "4006381333931",
            "upc_a": None,
            "upc_e_reading": None,
            "use": "article",
            "rule": EAN_RULE,
        },
        answer="4006381333931 is a valid EAN-13.",
    ),
    error_example=ErrorExample(args={"ean": "12345"}, code="invalid_argument"),
)
