"""`color_convert`: a colour in another notation."""

from fractions import Fraction

from services.mcp.contract import AnswerStyle, Bilingual, ErrorExample, Example, Limit, Tool, ToolError
from services.mcp.tools.pure.codes.color.models import (
    COLOR_RULE,
    MAX_COLOR_CHARS,
    ROUNDING,
    Channel,
    Cmyk,
    ColorConvertArguments,
    ColorConvertResult,
    Hsl,
    Hsv,
    Notation,
    Rgb,
)
from services.mcp.tools.pure.codes.color.names import NAMES
from services.mcp.tools.pure.codes.color.reading import read_color
from services.mcp.tools.pure.codes.color.space import Color, to_cmyk, to_hsl, to_hsv


def color_convert(arguments: ColorConvertArguments) -> ColorConvertResult:
    """The colour in all notations. Raises ToolError; `domain_error` if a name is requested and none exists."""
    color, notation = read_color(arguments.color)
    bytes_ = [_half_up(channel * 255) for channel in color]
    hex_text = "#" + "".join(f"{int(byte):02x}" for byte in bytes_)
    in_bytes = all(channel * 255 == byte for channel, byte in zip(color, bytes_, strict=True))
    name = NAMES.get(int(hex_text[1:], 16)) if in_bytes else None
    rgb, hsl, hsv, cmyk = _rgb(color), _hsl(color), _hsv(color), _cmyk(color)
    if arguments.to == "name" and name is None:
        raise ToolError("domain_error", "color: CSS has no name for exactly this colour")
    texts: dict[Notation, str] = {
        "hex": hex_text,
        "rgb": f"rgb({rgb.red.rounded} {rgb.green.rounded} {rgb.blue.rounded})",
        "hsl": f"hsl({hsl.hue.rounded} {hsl.saturation.rounded}% {hsl.lightness.rounded}%)",
        "hsv": f"hsv({hsv.hue.rounded} {hsv.saturation.rounded}% {hsv.value.rounded}%)",
        "cmyk": f"cmyk({cmyk.cyan.rounded}% {cmyk.magenta.rounded}% {cmyk.yellow.rounded}% {cmyk.key.rounded}%)",
        "name": name or "",
    }
    return ColorConvertResult(
        color=arguments.color.strip(),
        notation=notation,
        to=arguments.to,
        result=texts[arguments.to],
        is_exact=read_color(texts[arguments.to])[0] == color,
        hex=hex_text,
        rgb=rgb,
        hsl=hsl,
        hsv=hsv,
        cmyk=cmyk,
        name=name,
    )


def _rgb(color: Color) -> Rgb:
    red, green, blue = (_channel(value, 255, 0) for value in color)
    return Rgb(red=red, green=green, blue=blue)


def _hsl(color: Color) -> Hsl:
    hue, saturation, lightness = to_hsl(color)
    return Hsl(hue=_channel(hue, 360), saturation=_channel(saturation, 100), lightness=_channel(lightness, 100))


def _hsv(color: Color) -> Hsv:
    hue, saturation, value = to_hsv(color)
    return Hsv(hue=_channel(hue, 360), saturation=_channel(saturation, 100), value=_channel(value, 100))


def _cmyk(color: Color) -> Cmyk:
    cyan, magenta, yellow, key = (_channel(value, 100) for value in to_cmyk(color))
    return Cmyk(cyan=cyan, magenta=magenta, yellow=yellow, key=key)


def _channel(part: Fraction, whole: int, decimals: int = 2) -> Channel:
    """Fraction of 1, scaled to `whole`."""
    value = part * whole
    scaled = _half_up(value * 10**decimals)
    text = f"{scaled // 10**decimals}.{scaled % 10**decimals:0{decimals}}" if decimals else str(scaled)
    return Channel(exact=str(value), rounded=text.rstrip("0").rstrip(".") if decimals else text)


def _half_up(value: Fraction) -> int:
    return int(value + Fraction(1, 2))


def phrase(result: ColorConvertResult, style: AnswerStyle) -> str:
    """Marks a rounded neighbour as such."""
    german = style.language == "de"
    if result.is_exact:
        return f"{result.color} {'ist' if german else 'is'} {result.result}."
    return f"{result.color} ≈ {result.result} ({'gerundet' if german else 'rounded'})."


COLOR_CONVERT = Tool(
    name="color_convert",
    description=Bilingual(
        en="A colour in hex, rgb, hsl, hsv, cmyk or as a CSS name, exact and rounded",
        de="Eine Farbe als hex, rgb, hsl, hsv, cmyk oder CSS-Name, exakt und gerundet",
    ),
    keywords=Bilingual(
        en="color colour convert hex rgb hsl hsv hsb cmyk css name code",
        de="farbe farbcode umrechnen hex rgb hsl hsv hsb cmyk css farbname",
    ),
    arguments=ColorConvertArguments,
    result=ColorConvertResult,
    run=color_convert,
    answer=phrase,
    limits=(Limit(name="color_chars", value=MAX_COLOR_CHARS, unit="characters"),),
    example=Example(
        args={"color": "tomato"},
        result={
            "color": "tomato",
            "notation": "name",
            "to": "hex",
            "result": "#ff6347",
            "is_exact": True,
            "hex": "#ff6347",
            "rgb": {
                "red": {"exact": "255", "rounded": "255"},
                "green": {"exact": "99", "rounded": "99"},
                "blue": {"exact": "71", "rounded": "71"},
            },
            "hsl": {
                "hue": {"exact": "210/23", "rounded": "9.13"},
                "saturation": {"exact": "100", "rounded": "100"},
                "lightness": {"exact": "3260/51", "rounded": "63.92"},
            },
            "hsv": {
                "hue": {"exact": "210/23", "rounded": "9.13"},
                "saturation": {"exact": "3680/51", "rounded": "72.16"},
                "value": {"exact": "100", "rounded": "100"},
            },
            "cmyk": {
                "cyan": {"exact": "0", "rounded": "0"},
                "magenta": {"exact": "1040/17", "rounded": "61.18"},
                "yellow": {"exact": "3680/51", "rounded": "72.16"},
                "key": {"exact": "0", "rounded": "0"},
            },
            "name": "tomato",
            "rule": COLOR_RULE,
            "rounding": ROUNDING,
        },
        answer="tomato is #ff6347.",
    ),
    error_example=ErrorExample(args={"color": "rgb(300 0 0)"}, code="domain_error"),
)
