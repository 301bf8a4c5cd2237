"""`bit_operations` against numpy's fixed-width integers and Python's own."""

import random

import numpy as np
import pytest
from pydantic import JsonValue

from services.mcp.contract import ToolError
from services.mcp.tools.pure.registry import invoke
from tests.support.mcp.exactness import Exactness

SEED = 20_260_104
WIDTHS = (8, 16, 32, 64, 128)
UNSIGNED = {8: "uint8", 16: "uint16", 32: "uint32", 64: "uint64"}


def word(operation: str, a: JsonValue, b: JsonValue = None, width: int = 64) -> int:
    args: dict[str, JsonValue] = {"operation": operation, "a": a, "width": width}
    return int(str(invoke("bit_operations", args if b is None else {**args, "b": b}).result["unsigned"]))


def test_logic_is_that_of_numpy(exact: Exactness) -> None:
    source = random.Random(SEED)
    for width, kind in UNSIGNED.items():
        for _ in exact.cases("bit_operations", 150):
            a, b = source.getrandbits(width), source.getrandbits(width)
            x, y = np.array([a], kind), np.array([b], kind)
            assert word("and", str(a), str(b), width) == int((x & y)[0])
            assert word("or", str(a), str(b), width) == int((x | y)[0])
            assert word("xor", str(a), str(b), width) == int((x ^ y)[0])
            assert word("nand", str(a), str(b), width) == int((~(x & y))[0])
            assert word("nor", str(a), str(b), width) == int((~(x | y))[0])
            assert word("xnor", str(a), str(b), width) == int((~(x ^ y))[0])
            assert word("not", str(a), width=width) == int((~x)[0])


def test_shifts_are_those_of_numpy(exact: Exactness) -> None:
    source = random.Random(SEED)
    for width, kind in UNSIGNED.items():
        signed = kind.removeprefix("u")
        exact.table("bit_operations", 3 * width)
        for places in range(width):
            a = source.getrandbits(width)
            x, by = np.array([a], kind), np.array([places], kind)
            assert word("shift_left", str(a), places, width) == int((x << by)[0])
            assert word("shift_right", str(a), places, width) == int((x >> by)[0])
            arithmetic = x.view(signed) >> by.view(signed)
            assert word("arithmetic_shift_right", str(a), places, width) == int(arithmetic.view(kind)[0])


def test_rotations_and_mirrors_move_characters_of_the_binary_form(exact: Exactness) -> None:
    source = random.Random(SEED)
    for width in WIDTHS:
        for _ in exact.cases("bit_operations", 150):
            a, places = source.getrandbits(width), source.randrange(width)
            bits = f"{a:0{width}b}"
            assert word("rotate_left", str(a), places, width) == int(bits[places:] + bits[:places], 2)
            assert word("rotate_right", str(a), places, width) == int(
                bits[width - places :] + bits[: width - places], 2
            )
            assert word("reverse_bits", str(a), width=width) == int(bits[::-1], 2)
            swapped = "".join(bits[i : i + 8] for i in range(width - 8, -1, -8))
            assert word("reverse_bytes", str(a), width=width) == int(swapped, 2)


def test_counts_are_counted_on_characters(exact: Exactness) -> None:
    source = random.Random(SEED)
    for width in WIDTHS:
        for a in (
            0,
            1,
            (1 << width) - 1,
            *(source.getrandbits(source.randint(1, width)) for _ in exact.cases("bit_operations", 150)),
        ):
            bits = f"{a:0{width}b}"
            assert word("count_ones", str(a), width=width) == bits.count("1")
            assert word("leading_zeros", str(a), width=width) == len(bits) - len(bits.lstrip("0"))
            assert word("trailing_zeros", str(a), width=width) == len(bits) - len(bits.rstrip("0"))


def test_single_bits_are_set_cleared_toggled_and_read(exact: Exactness) -> None:
    exact.table("bit_operations", 4 * 8 * 256)
    for place in range(8):
        for a in range(256):
            bits = list(f"{a:08b}")
            there = bits[7 - place]
            assert word("test_bit", a, place, 8) == int(there)
            for operation, bit in (("set_bit", "1"), ("clear_bit", "0"), ("toggle_bit", "10"[int(there)])):
                bits[7 - place] = bit
                assert word(operation, a, place, 8) == int("".join(bits), 2)


def test_every_way_of_writing_a_number_gives_the_bytes_that_it_has(exact: Exactness) -> None:
    source = random.Random(SEED)
    for width in WIDTHS:
        for _ in exact.cases("bit_operations", 150):
            number = source.randrange(-(1 << (width - 1)), 1 << width)
            sign, size = "-" if number < 0 else source.choice(("", "+")), abs(number)
            form = source.choice((f"{size}", f"0x{size:x}", f"0X{size:_X}", f"0b{size:b}", f"0o{size:o}"))
            result = invoke("bit_operations", {"operation": "or", "a": sign + form, "b": 0, "width": width}).result
            held = number.to_bytes(width // 8, "big", signed=number < 0)
            assert str(result["hexadecimal"]).casefold() == f"0x{held.hex()}"
            assert result["signed"] == str(int.from_bytes(held, "big", signed=True))
            assert result["unsigned"] == str(int.from_bytes(held, "big"))


def test_signed_and_unsigned_stand_side_by_side() -> None:
    result = invoke("bit_operations", {"operation": "not", "a": 0, "width": 8}).result
    assert (result["unsigned"], result["signed"]) == ("255", "-1")
    assert (result["hexadecimal"], result["binary"]) == ("0xFF", "0b11111111")


@pytest.mark.parametrize("form", ["-1", "0xFF", "0b1111_1111", "255", "0o377", "0XfF"])
def test_all_ways_of_writing_lead_to_one_word(form: str) -> None:
    assert word("or", form, 0, 8) == 255


@pytest.mark.parametrize(
    ("args", "code"),
    [
        ({"operation": "not", "a": 256, "width": 8}, "domain_error"),
        ({"operation": "not", "a": -129, "width": 8}, "domain_error"),
        ({"operation": "not", "a": 1, "b": 1}, "invalid_argument"),
        ({"operation": "and", "a": 1}, "invalid_argument"),
        ({"operation": "shift_left", "a": 1, "b": 65}, "domain_error"),
        ({"operation": "shift_left", "a": 1, "b": -1}, "domain_error"),
        ({"operation": "rotate_left", "a": 1, "b": 64}, "domain_error"),
        ({"operation": "and", "a": "0xG", "b": 1}, "invalid_argument"),
        ({"operation": "and", "a": "0x_", "b": 1}, "invalid_argument"),
        ({"operation": "and", "a": 1.0, "b": 1}, "invalid_argument"),
        ({"operation": "and", "a": 1, "b": 1, "width": 7}, "invalid_argument"),
        ({"operation": "add", "a": 1, "b": 1}, "invalid_argument"),
        ({"operation": "and", "a": "1" * 161, "b": 1}, "limit_exceeded"),
    ],
)
def test_what_does_not_fit_is_refused(args: dict[str, JsonValue], code: str) -> None:
    with pytest.raises(ToolError) as caught:
        invoke("bit_operations", args)
    assert caught.value.code == code
