"""A colour in another notation."""

import re

from services.planner.recogniser.call import ToolCall
from services.planner.recogniser.families.colors import NAMES
from services.planner.recogniser.filler import words
from services.planner.recogniser.requests.reader import Reading, Request

_NOTATIONS = ("hex", "rgb", "hsl", "hsv", "cmyk", "name")
_PART = r"\d{1,3}(?:\.\d{1,4})?(?:%|°)?"


_WANTS_A_PROGRAM = re.compile(
    r"\b(?:write|create|build|make|schreibe?n?|erstelle?n?|baue?n?)\b.{0,20}\b(?:program|app|softw)"
)


_ANOTHER_COLOR = words(
    "complementary complement komplementär komplementärfarbe inverse inverted opposite lighter darker brighter heller"
    " dunkler pantone ral opacity alpha transparent blend contrast kontrast similar ähnlich channel kanal"
)


def _color(reading: Reading) -> ToolCall | None:
    """`what is #ff7f50 called in rgb` asks for the notation."""
    colors = [*reading.all("color"), *reading.all("named")]
    own = "" if not colors else "hex" if colors[0][0] == "#" else "name"
    own = colors[0].split("(")[0].lower() if colors and "(" in colors[0] else own
    wanted = [name for name in dict.fromkeys(reading.keys) if name in _NOTATIONS and name != own]
    wanted = [name for name in wanted if name != "name"] or wanted
    if len(colors) != 1 or len(wanted) != 1 or _WANTS_A_PROGRAM.search(reading.text.lower()):
        return None
    if _ANOTHER_COLOR & set(reading.words):
        return None
    if wanted == ["name"] and any(kind == "u" for kind, _ in reading.pieces):
        return None  # a name for something else
    return ToolCall("color_convert", {"color": colors[0], "to": wanted[0]})


REQUESTS = (
    Request(
        ("#", "rgb", "hsl", "hsv", "cmyk", "hex"),
        {
            "color": r"#(?i:[0-9a-f]{6}|[0-9a-f]{3})(?!\w)"
            rf"|(?i:rgb|hsl|hsv|cmyk)\(\s?{_PART}(?:,? ?{_PART}){{2,3}}\s?\)",
            "named": rf"(?<![\w-])(?i:{NAMES})(?![\w-])",
        },
        {
            **{
                name: rf"(?:in |to |as |als |nach )?{name}(?:adecimal"
                rf"|adezimal)?(?!\()(?:[- ]?(?:colou?r )?(?:codes?|values?"
                r"|notation|wert(?:e|s|en)?|farbwerte?|farbcode|triplet|numbers?|components?|zahlen|format))?"
                for name in _NOTATIONS
                if name != "name"
            },
            "name": r"(?:css|colou?r|farb)[- ]?(?:colou?r[- ]?)?name[dns]?|name[dsn]?|heißt|(?:is )?called",
        },
        _color,
        words(
            "css colour color html code value values farbe farbcode farbwert css-farbe convert wandle um designer"
            " website brand logo gave background deren dessen look equivalent triplet notation nearest hexwert"
            " hintergrund version programm program software printer drucker druckerei editor app kennt knows wants"
            " accepts versteht verlangt takes understands bloß telefon lampe lampen beleuchtung schaufenster genannt"
            " eintragen enter type mischt mische mischen mix named template theme stylesheet marke hausfarbe button"
            " malprogramm webseite browsers browser expects erwartet braucht needs numbers use three drei picked room"
            " paint mixer zimmer festgelegt powerpoint will"
        ),
        4,
    ),
)
