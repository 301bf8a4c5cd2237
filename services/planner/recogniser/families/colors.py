"""Questions for a colour in another notation."""

from services.planner.recogniser.call import ToolCall
from services.planner.recogniser.grammar import LEAD_DE, LEAD_EN, Family, Found, conversions_de, conversions_en, rules

_PART = r"\d{1,3}(?:\.\d{1,4})?%?"
_COLOR = rf"(?P<color>#(?:[0-9a-f]{{6}}|[0-9a-f]{{3}})|(?:rgb|hsl)\({_PART}, ?{_PART}, ?{_PART}\))"
_SOURCE_EN = rf"(?:the )?(?:hex )?(?:colou?r )?(?:code )?{_COLOR}"
_SOURCE_DE = rf"(?:die |den )?(?:hex-?)?(?:farbe |farbcode |farbwert )?{_COLOR}"
_TO = r"(?:an? |the )?(?P<to>hex|rgb|hsl|hsv|cmyk)(?:[- ]?(?:code|value|notation|wert|farbwert))?"


def _converted(found: Found) -> ToolCall | None:
    """A colour in its own notation is no conversion."""
    color, to = found.written("color"), found["to"]
    own = "hex" if color.startswith("#") else color[:3].lower()
    return None if own == to else ToolCall("color_convert", {"color": color, "to": to})


_RULES = (
    *rules("en", _converted, *conversions_en(_SOURCE_EN, _TO), rf"{LEAD_EN}{_TO} (?:of|for) {_SOURCE_EN}"),
    *rules(
        "de",
        _converted,
        *conversions_de(_SOURCE_DE, _TO),
        rf"welcher {_TO} ist {_SOURCE_DE}",
        rf"{LEAD_DE}{_TO} (?:von|für) {_SOURCE_DE}",
    ),
)
COLORS = Family(("#", "rgb", "hsl"), _RULES)
