"""Questions for a whole number in another base."""

import re

from services.planner.recogniser.call import ToolCall
from services.planner.recogniser.grammar import LEAD_DE, LEAD_EN, Family, Found, conversions_de, conversions_en, rules

_NAMED = {"bin": 2, "dual": 2, "oct": 8, "okt": 8, "dec": 10, "dez": 10, "hex": 16}
_PREFIXES = {"0b": 2, "0o": 8, "0x": 16}
_BASE = r"(?:base |basis )(?:[2-9]|[12]\d|3[0-6])"
_NAME_EN = rf"(?:binary|octal|decimal|hexadecimal|hex|{_BASE})"
_KIND_DE = r"(?:binär|dual|oktal|dezimal|hexadezimal)"
_NAME_DE = rf"(?:{_KIND_DE}|hex|binary|(?:das )?{_KIND_DE}system|{_KIND_DE}zahl|(?:zur )?{_BASE})"
_NUMBER_DE = r"(?:binär|dual|oktal|dezimal|hexadezimal|hex)"
_DIGITS = r"(?P<digits>0x[0-9a-f]+|0b[01]+|0o[0-7]+|(?:[0-9a-f]*\d[0-9a-f]*|[a-f]{1,16}))"
_SOURCE_EN = rf"(?:(?:the )?(?P<prefix>{_NAME_EN})(?: number)? )?{_DIGITS}(?: from (?P<source>{_NAME_EN}))?"
_SOURCE_DE = (
    rf"(?:(?:die |der )?(?P<prefix>{_NUMBER_DE})(?:-?zahl)? )?{_DIGITS}"
    rf"(?: (?:von|vom|aus) (?:dem )?(?P<source>{_NAME_DE}))?"
)
_NUMERAL = {2: "[01]+", 8: "[0-7]+", 10: r"\d+", 16: "[0-9a-f]+"}


def _converted(found: Found) -> ToolCall | None:
    """Digits of an unnamed base are decimal; letters need a name or a prefix."""
    digits = found["digits"]
    named = found["source"] or found["prefix"]
    base, digits = (_PREFIXES[digits[:2]], digits[2:]) if digits[:2] in _PREFIXES else (_base(named), digits)
    target = _base(found["target"])
    if base == target or (named and _base(named) != base) or not re.fullmatch(_NUMERAL.get(base, "[0-9a-f]+"), digits):
        return None
    return ToolCall("base_convert", {"value": digits, "from_base": base, "to_base": target})


def _base(name: str) -> int:
    """The base of a name such as `hexadecimal`, `dualsystem` or `base 12`; ten without one."""
    bare = name.removeprefix("das ").removeprefix("zur ")
    if number := re.search(r"\d+", bare):
        return int(number.group())
    return 2 if bare.startswith("binär") else _NAMED.get(bare[:4] if bare.startswith("dual") else bare[:3], 10)


_TO_EN = rf"(?P<target>{_NAME_EN})(?: notation| format)?"
_TO_DE = rf"(?P<target>{_NAME_DE})"
_RULES = (
    *rules(
        "en",
        _converted,
        *conversions_en(_SOURCE_EN, _TO_EN),
        rf"{LEAD_EN}(?P<target>{_NAME_EN}) (?:representation|form|value|notation) (?:of|for) {_SOURCE_EN}",
    ),
    *rules(
        "de",
        _converted,
        *conversions_de(_SOURCE_DE, _TO_DE),
        rf"was ist {_SOURCE_DE} {_TO_DE}",
        rf"{LEAD_DE}{_TO_DE}darstellung von {_SOURCE_DE}",
    ),
)
BASES = Family(("hex", "bin", "oct", "okt", "dual", "decimal", "dezimal", "base ", "basis "), _RULES)
