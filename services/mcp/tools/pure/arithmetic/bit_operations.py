"""`bit_operations`: logic, shifts and counts on words of a fixed width in two's complement."""

import re
from collections.abc import Callable, Mapping
from typing import Annotated, Literal, TypeAlias, get_args

from pydantic import Field

from services.mcp.contract import AnswerStyle, Bilingual, ErrorExample, Example, Limit, Tool, ToolError, ToolModel

MAX_VALUE_CHARS = 160
RULE = "two's complement; bits shifted out are lost; shift_right fills with 0, arithmetic_shift_right with the sign"
Operation = Literal[
    "and",
    "or",
    "xor",
    "nand",
    "nor",
    "xnor",
    "not",
    "shift_left",
    "shift_right",
    "arithmetic_shift_right",
    "rotate_left",
    "rotate_right",
    "set_bit",
    "clear_bit",
    "toggle_bit",
    "test_bit",
    "count_ones",
    "leading_zeros",
    "trailing_zeros",
    "reverse_bits",
    "reverse_bytes",
]
Word: TypeAlias = Annotated[
    Annotated[str, Field(min_length=1, max_length=MAX_VALUE_CHARS)] | Annotated[int, Field(ge=-(2**63), le=2**64 - 1)],
    Field(description="An integer, or a string: decimal, 0x… or 0b…, with an optional sign"),
]
_NUMBER = re.compile(r"([+-]?)(?:0x([0-9a-f_]+)|0b([01_]+)|0o([0-7_]+)|([0-9]+))", re.ASCII | re.IGNORECASE)
_LONGEST_BINARY = 32


class BitOperationsArguments(ToolModel):
    """`b` is the second word, the number of places, or the number of the bit (0 is the lowest)."""

    operation: Operation
    a: Word
    b: Word | None = None
    width: Literal[8, 16, 32, 64, 128] = 64


class BitOperationsResult(ToolModel):
    """The same word in four ways of writing; for counts and test_bit the count itself."""

    operation: Operation
    width: int
    a: str
    b: str | None
    unsigned: str
    signed: str
    hexadecimal: str
    binary: str
    rule: str = RULE


def bit_operations(arguments: BitOperationsArguments) -> BitOperationsResult:
    """Raises ToolError if an operand is missing, unneeded, or does not fit."""
    width = arguments.width
    a = _word(arguments.a, "a", width)
    if arguments.operation in _ONE_OPERAND:
        if arguments.b is not None:
            raise ToolError("invalid_argument", f"b: {arguments.operation} takes one operand")
        word, shown_b = _ONE_OPERAND[arguments.operation](a, width), None
    else:
        if arguments.b is None:
            raise ToolError("invalid_argument", f"b: {arguments.operation} takes two operands")
        logical = arguments.operation in _LOGIC
        b = _word(arguments.b, "b", width) if logical else _places(arguments.b, arguments.operation, width)
        operation = _LOGIC[arguments.operation] if logical else _PLACES[arguments.operation]
        word, shown_b = operation(a, b, width) & _mask(width), str(b)
    return BitOperationsResult(
        operation=arguments.operation,
        width=width,
        a=str(a),
        b=shown_b,
        unsigned=str(word),
        signed=str(_signed(word, width)),
        hexadecimal=f"0x{word:0{width // 4}X}",
        binary=f"0b{word:0{width}b}",
    )


def _mask(width: int) -> int:
    return (1 << width) - 1


def _signed(word: int, width: int) -> int:
    return word - (1 << width) if word >> (width - 1) else word


def _integer(value: int | str, name: str) -> int:
    if isinstance(value, int):
        return value
    shape = _NUMBER.fullmatch(value.strip())
    if shape is None:
        raise ToolError("invalid_argument", f"{name}: an integer in decimal, 0x…, 0o… or 0b… is expected")
    digits = next((base, text) for base, text in zip((16, 2, 8, 10), shape.groups()[1:], strict=True) if text)
    try:
        size = int(digits[1], digits[0])
    except ValueError as error:
        raise ToolError("invalid_argument", f"{name}: underscores stand between digits only") from error
    return -size if shape[1] == "-" else size


def _word(value: int | str, name: str, width: int) -> int:
    """Unsigned form of a number from -2^(width-1) to 2^width - 1."""
    number = _integer(value, name)
    if not -(1 << (width - 1)) <= number <= _mask(width):
        raise ToolError("domain_error", f"{name}: does not fit into {width} bits")
    return number & _mask(width)


def _places(value: int | str, operation: str, width: int) -> int:
    places = _integer(value, "b")
    last = width - 1 if operation.endswith("_bit") or operation.startswith("rotate") else width
    if not 0 <= places <= last:
        raise ToolError("domain_error", f"b: {operation} takes 0 to {last} at {width} bits")
    return places


def _rotated(word: int, places: int, width: int) -> int:
    return word << places | word >> (width - places)


_LOGIC: Mapping[str, Callable[[int, int, int], int]] = {
    "and": lambda a, b, _: a & b,
    "or": lambda a, b, _: a | b,
    "xor": lambda a, b, _: a ^ b,
    "nand": lambda a, b, _: ~(a & b),
    "nor": lambda a, b, _: ~(a | b),
    "xnor": lambda a, b, _: ~(a ^ b),
}
_PLACES: Mapping[str, Callable[[int, int, int], int]] = {
    "shift_left": lambda a, places, _: a << places,
    "shift_right": lambda a, places, _: a >> places,
    "arithmetic_shift_right": lambda a, places, width: _signed(a, width) >> places,
    "rotate_left": _rotated,
    "rotate_right": lambda a, places, width: _rotated(a, width - places, width),
    "set_bit": lambda a, place, _: a | 1 << place,
    "clear_bit": lambda a, place, _: a & ~(1 << place),
    "toggle_bit": lambda a, place, _: a ^ 1 << place,
    "test_bit": lambda a, place, _: a >> place & 1,
}
_ONE_OPERAND: Mapping[str, Callable[[int, int], int]] = {
    "not": lambda a, width: ~a & _mask(width),
    "count_ones": lambda a, _: a.bit_count(),
    "leading_zeros": lambda a, width: width - a.bit_length(),
    "trailing_zeros": lambda a, width: (a & -a).bit_length() - 1 if a else width,
    "reverse_bits": lambda a, width: int(f"{a:0{width}b}"[::-1], 2),
    "reverse_bytes": lambda a, width: int.from_bytes(a.to_bytes(width // 8, "little"), "big"),
}
_COUNTS = frozenset({"count_ones", "leading_zeros", "trailing_zeros", "test_bit"})


def _phrase(result: BitOperationsResult, style: AnswerStyle) -> str:
    call = f"{result.operation}({result.a}{'' if result.b is None else f', {result.b}'})"
    german = style.language == "de"
    width = f"{result.width} Bit" if german else f"{result.width} bits"
    if result.operation in _COUNTS:
        return f"{call} = {result.unsigned} ({width})."
    signed = "" if result.signed == result.unsigned else f", {'mit Vorzeichen' if german else 'signed'} {result.signed}"
    binary = f", {result.binary}" if result.width <= _LONGEST_BINARY else ""
    return f"{call} = {result.unsigned} ({width}: {result.hexadecimal}{binary}{signed})."


BIT_OPERATIONS = Tool(
    name="bit_operations",
    description=Bilingual(
        en="Bitwise logic, shifts, rotations and bit counts on 8 to 128 bits in two's complement",
        de="Bitweise Logik, Verschieben, Rotieren und Bits zählen auf 8 bis 128 Bit im Zweierkomplement",
    ),
    keywords=Bilingual(
        en="bit bitwise and or xor not shift rotate mask two's complement popcount endianness byte order",
        de="bit bitweise und oder xor nicht verschieben schieben rotieren maske zweierkomplement bits zählen",
    ),
    arguments=BitOperationsArguments,
    result=BitOperationsResult,
    run=bit_operations,
    answer=_phrase,
    limits=(
        Limit(name="value_chars", value=MAX_VALUE_CHARS, unit="characters"),
        Limit(name="width", value=128, unit="bits"),
    ),
    example=Example(
        args={"operation": "xor", "a": "0xF0", "b": "0b00111100", "width": 8},
        result={
            "operation": "xor",
            "width": 8,
            "a": "240",
            "b": "60",
            "unsigned": "204",
            "signed": "-52",
            "hexadecimal": "0xCC",
            "binary": "0b11001100",
            "rule": RULE,
        },
        answer="xor(240, 60) = 204 (8 bits: 0xCC, 0b11001100, signed -52).",
    ),
    error_example=ErrorExample(args={"operation": "not", "a": 256, "width": 8}, code="domain_error"),
)

if set(get_args(Operation)) != {*_LOGIC, *_PLACES, *_ONE_OPERAND}:
    raise TypeError("every operation needs its function")
