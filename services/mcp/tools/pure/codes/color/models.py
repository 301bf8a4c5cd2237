"""Arguments and result of `color_convert`."""

from typing import Literal

from pydantic import Field

from services.mcp.contract import ToolModel

Notation = Literal["hex", "rgb", "hsl", "hsv", "cmyk", "name"]
MAX_COLOR_CHARS = 80
COLOR_RULE = (
    "sRGB; a grey has hue 0 and saturation 0, black has hue 0 and cmyk 0 0 0 100; cmyk is the plain complement, "
    "without a colour profile"
)
ROUNDING = "half up: hex and rgb to whole numbers of 255, the others to 2 decimals"


class ColorConvertArguments(ToolModel):
    """A colour in any of its notations, and the one that is wanted."""

    color: str = Field(
        min_length=1,
        max_length=MAX_COLOR_CHARS,
        description="#rgb, #rrggbb, rgb(255 9 71), hsl(9 100% 64%), hsv(9 72% 100%), cmyk(0% 61% 72% 0%), CSS name",
    )
    to: Notation = "hex"


class Channel(ToolModel):
    """One number of a colour: exact as an integer or p/q, and rounded."""

    exact: str
    rounded: str


class Rgb(ToolModel):
    """0 to 255."""

    red: Channel
    green: Channel
    blue: Channel


class Hsl(ToolModel):
    """Degrees and per cent."""

    hue: Channel
    saturation: Channel
    lightness: Channel


class Hsv(ToolModel):
    """Degrees and per cent."""

    hue: Channel
    saturation: Channel
    value: Channel


class Cmyk(ToolModel):
    """Per cent."""

    cyan: Channel
    magenta: Channel
    yellow: Channel
    key: Channel


class ColorConvertResult(ToolModel):
    """A colour in all notations. `result` is the one that was asked for."""

    color: str
    notation: Notation = Field(description="In which the colour was given")
    to: Notation
    result: str
    is_exact: bool = Field(description="Whether `result` is the colour itself and not a rounded neighbour")
    hex: str
    rgb: Rgb
    hsl: Hsl
    hsv: Hsv
    cmyk: Cmyk
    name: str | None = Field(description="The CSS name of exactly this colour")
    rule: str = COLOR_RULE
    rounding: str = ROUNDING
