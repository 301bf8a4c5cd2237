"""`color_convert` against colorsys, webcolors and Pillow, and there and back without loss."""

import colorsys
import random
from collections.abc import Iterator
from fractions import Fraction

import pytest
import webcolors
from PIL import ImageColor

from services.mcp.contract import AnswerStyle, ToolError
from services.mcp.tools.pure.codes.color.models import Channel, ColorConvertArguments, ColorConvertResult, Notation
from services.mcp.tools.pure.codes.color.names import VALUES
from services.mcp.tools.pure.codes.color.space import Color, from_cmyk, from_hsl, from_hsv, to_cmyk, to_hsl, to_hsv
from services.mcp.tools.pure.codes.color.tool import color_convert
from services.mcp.tools.pure.registry import invoke
from tests.support.mcp.exactness import Exactness

NOTATIONS: tuple[Notation, ...] = ("hex", "rgb", "hsl", "hsv", "cmyk")


def converted(color: str, to: Notation = "hex") -> ColorConvertResult:
    return color_convert(ColorConvertArguments(color=color, to=to))


def fraction(channel: Channel, whole: int) -> float:
    return float(Fraction(channel.exact) / whole)


def some_colors(exact: Exactness, number: int) -> Iterator[tuple[int, int, int]]:
    """Yield greys and colours, many of them with a channel that is empty or full."""
    chance = random.Random(255)
    for _ in exact.cases("color_convert", number):
        level = chance.randrange(256)
        colors = [chance.choice((0, 255, level, chance.randrange(256), chance.randrange(256))) for _ in range(3)]
        yield colors[0], colors[1], colors[2]


def test_thousands_of_colors_are_those_of_colorsys(exact: Exactness) -> None:
    for red, green, blue in some_colors(exact, 3_000):
        found = converted(f"#{red:02x}{green:02x}{blue:02x}")
        parts = red / 255, green / 255, blue / 255
        hue, lightness, saturation = colorsys.rgb_to_hls(*parts)
        ours = fraction(found.hsl.hue, 360), fraction(found.hsl.saturation, 100), fraction(found.hsl.lightness, 100)
        assert ours == pytest.approx((hue, saturation, lightness), abs=1e-12)
        hue, saturation, value = colorsys.rgb_to_hsv(*parts)
        ours = fraction(found.hsv.hue, 360), fraction(found.hsv.saturation, 100), fraction(found.hsv.value, 100)
        assert ours == pytest.approx((hue, saturation, value), abs=1e-12)
        least = min(255 - red, 255 - green, 255 - blue)
        inks = [(255 - part - least) / (255 - least or 1) for part in (red, green, blue)]
        cmyk = found.cmyk.cyan, found.cmyk.magenta, found.cmyk.yellow, found.cmyk.key
        assert [fraction(channel, 100) for channel in cmyk] == pytest.approx([*inks, least / 255], abs=1e-12)
        assert found.result == found.hex == f"#{red:02x}{green:02x}{blue:02x}"
        assert found.is_exact


def test_every_space_leads_back_to_the_same_color_exactly(exact: Exactness) -> None:
    for red, green, blue in some_colors(exact, 1_000):
        color = Color(Fraction(red, 255), Fraction(green, 255), Fraction(blue, 255))
        assert from_hsl(*to_hsl(color)) == color
        assert from_hsv(*to_hsv(color)) == color
        assert from_cmyk(*to_cmyk(color)) == color


def test_colors_given_by_hue_are_those_of_colorsys_and_pillow(exact: Exactness) -> None:
    chance = random.Random(360)
    for _ in exact.cases("color_convert", 1_000):
        hue, one, two = chance.randrange(360), chance.randrange(101), chance.randrange(101)
        hsl, hsv = converted(f"hsl({hue}, {one}%, {two}%)"), converted(f"hsv({hue} {one}% {two}%)")
        for found, floats, pillow in (
            (
                hsl,
                colorsys.hls_to_rgb(hue / 360, two / 100, one / 100),
                ImageColor.getrgb(f"hsl({hue}, {one}%, {two}%)"),
            ),
            (
                hsv,
                colorsys.hsv_to_rgb(hue / 360, one / 100, two / 100),
                ImageColor.getrgb(f"hsv({hue}, {one}%, {two}%)"),
            ),
        ):
            ours = tuple(fraction(channel, 255) for channel in (found.rgb.red, found.rgb.green, found.rgb.blue))
            assert ours == pytest.approx(floats, abs=1e-12)
            rounded = [int(channel.rounded) for channel in (found.rgb.red, found.rgb.green, found.rgb.blue)]
            assert all(abs(own - other) <= 1 for own, other in zip(rounded, pillow[:3], strict=True))


def test_names_are_those_of_webcolors_and_pillow(exact: Exactness) -> None:
    exact.table("color_convert", len(VALUES))
    assert set(VALUES) == {*webcolors.names("css3"), "rebeccapurple"}
    for name, value in VALUES.items():
        assert ImageColor.getrgb(name)[:3] == (value >> 16, value >> 8 & 255, value & 255)
        assert converted(name).hex == f"#{value:06x}"
        named = converted(f"#{value:06x}", "name").result
        assert VALUES[named] == value


def test_what_is_told_can_be_read_again(exact: Exactness) -> None:
    for red, green, blue in some_colors(exact, 300):
        start = f"#{red:02x}{green:02x}{blue:02x}"
        for notation in NOTATIONS:
            told = converted(start, notation)
            back = converted(told.result)
            assert back.notation == notation
            assert back.hex == start
            assert told.is_exact == (back.rgb == told.rgb)


@pytest.mark.parametrize(
    ("color", "to", "result"),
    [
        ("#000", "cmyk", "cmyk(0% 0% 0% 100%)"),
        ("white", "hsl", "hsl(0 0% 100%)"),
        ("#808080", "hsv", "hsv(0 0% 50.2%)"),
        ("RGB(100% 0% 50%)", "rgb", "rgb(255 0 128)"),
        ("hsl(-120deg 100% 50%)", "hex", "#0000ff"),
        ("hsl(480, 100, 50)", "name", "lime"),
        ("cmyk(0, 100, 100, 0)", "hex", "#ff0000"),
        ("cmyk(0 0 0 0)", "hex", "#ffffff"),
        ("cmyk(1% 1% 1% 1%)", "hex", "#fafafa"),
        ("device-cmyk(0, 0.81, 0.81, 0.3)", "hex", "#b32222"),
        ("device-cmyk(0% 81% 81% 30%)", "hex", "#b32222"),
        ("Rebecca Purple", "hex", "#663399"),
        ("ff6347", "name", "tomato"),
        ("0ff", "name", "aqua"),
    ],
)
def test_notations(color: str, to: Notation, result: str) -> None:
    assert converted(color, to).result == result


def test_halves_are_rounded_up_and_said_to_be_rounded() -> None:
    found = converted("rgb(50% 50% 50%)")
    assert (found.rgb.red.exact, found.rgb.red.rounded, found.hex, found.is_exact) == ("255/2", "128", "#808080", False)
    assert invoke("color_convert", {"color": "rgb(50% 50% 50%)"}, AnswerStyle(language="de")).answer == (
        "rgb(50% 50% 50%) ≈ #808080 (gerundet)."
    )


@pytest.mark.parametrize(
    ("color", "code"),
    [
        ("#ff", "invalid_argument"),
        ("#ff634780", "invalid_argument"),
        ("rgb(1 2)", "invalid_argument"),
        ("rgb(1 2 3 / 50%)", "invalid_argument"),
        ("rgb(256 0 0)", "domain_error"),
        ("rgb(-1 0 0)", "invalid_argument"),
        ("hsl(10 101% 0%)", "domain_error"),
        ("hsl(10% 10% 0%)", "invalid_argument"),
        ("cmyk(1 2 3)", "invalid_argument"),
        ("cmyk(1, 1, 1, 1)", "ambiguous"),
        ("cmyk(0 0.81 0.81 0.3)", "ambiguous"),
        ("device-cmyk(0 81 81 30)", "domain_error"),
        ("lab(1 2 3)", "invalid_argument"),
        ("rgb(12,5 3)", "invalid_argument"),
        ("rgb(1,,2,3)", "invalid_argument"),
        ("hsl(9, 12,5%, 50%)", "invalid_argument"),
        ("bluish", "invalid_argument"),
        ("rgb(1e3 0 0)", "invalid_argument"),
        ("rgb(٣ 0 0)", "invalid_argument"),
    ],
)
def test_what_is_no_color_is_refused(color: str, code: str) -> None:
    with pytest.raises(ToolError) as caught:
        converted(color)
    assert caught.value.code == code


def test_a_color_without_a_name_is_refused_if_its_name_is_wanted() -> None:
    with pytest.raises(ToolError) as caught:
        converted("#123456", "name")
    assert caught.value.code == "domain_error"
    assert converted("#123456").name is None
