"""Recognises questions for the distance of two dates: `how many days from 2024-01-15 to 2024-03-10`."""

import re

from services.planner.recogniser.call import ToolCall
from services.planner.recogniser.days import iso_date
from services.planner.recogniser.numerals import has_digit

_A, _B = r"(?P<a>.{8,24}?)", r"(?P<b>.{8,24}?)"
_SPANS_EN = (rf"between {_A} and {_B}", rf"from {_A} (?:to|until|till) {_B}")
_SPANS_DE = (
    rf"zwischen (?:dem )?{_A} und (?:dem )?{_B}",
    rf"(?:vom|von|von dem) {_A} bis (?:zum |zu |zu dem )?{_B}",
)
_UNIT_EN = r"(?P<unit>days|weeks|months|years)"
_UNIT_DE = r"(?P<unit>tagen?|wochen|monaten?|jahren?)"
_LEAD_EN = r"(?:(?:what is|what's|whats|calculate|compute|find|determine|count) )?(?:the )?"
_LEAD_DE = (
    r"(?:(?:was ist|wie groß ist|wie hoch ist|wie viel ist|berechne|bestimme|ermittle|zähle) )?(?:die |der |den )?"
)
_VERB_EN = (
    r"(?: (?:are|are there|is it|is there|were there|lie|pass|passed|elapse|elapsed|have passed|have elapsed|went by))?"
)
_VERB_DE = r"(?: (?:liegen|lagen|sind es|sind|waren es|vergehen|vergingen|gibt es|es))?"
_END_DE = r"(?: (?:vergangen|verstrichen|liegen|lagen|sind|vergehen|vergingen))?"
_DIFFERENCE_EN = r"(?:difference|distance|interval|number of days|time span)"
_DIFFERENCE_DE = r"(?:differenz|abstand|unterschied|zeitspanne)"

_SPAN = "<span>"
_TEMPLATES_EN = (
    rf"how many {_UNIT_EN}{_VERB_EN} (?:in )?{_SPAN}(?: are there)?",
    rf"{_LEAD_EN}(?:number of )?{_UNIT_EN} {_SPAN}",
    rf"{_LEAD_EN}{_DIFFERENCE_EN} in {_UNIT_EN} {_SPAN}",
    rf"{_LEAD_EN}{_DIFFERENCE_EN} {_SPAN}(?: in {_UNIT_EN})?",
    rf"how (?P<long>long) (?:(?:is it|is the time|was it) )?{_SPAN}",
    rf"how (?P<long>much time) (?:is there|is|was there|passes|passed|lies) {_SPAN}",
)
_TEMPLATES_DE = (
    rf"wie ?viele? {_UNIT_DE}{_VERB_DE} {_SPAN}{_END_DE}",
    rf"{_LEAD_DE}(?:anzahl (?:der |an |von )?)?{_UNIT_DE} {_SPAN}",
    rf"{_LEAD_DE}{_DIFFERENCE_DE} in {_UNIT_DE} {_SPAN}",
    rf"{_LEAD_DE}{_DIFFERENCE_DE} {_SPAN}(?: in {_UNIT_DE})?",
    rf"wie (?P<long>lange) (?:ist es|sind es|war es|dauert es|ist der zeitraum|ist die zeit) {_SPAN}",
)
_OTHERS = (
    rf"how many {_UNIT_EN} after {_A} is {_B}",
    rf"how many {_UNIT_EN} before {_B} is {_A}",
    rf"how far apart are {_A} and {_B}",
    rf"how many {_UNIT_EN} apart are {_A} and {_B}",
    rf"{_A} (?:to|until|till) {_B} in {_UNIT_EN}",
    rf"wie (?:viele {_UNIT_DE}|weit) liegen (?:der )?{_A} und (?:der )?{_B} auseinander",
    rf"{_A} bis {_B} in {_UNIT_DE}",
)
_QUESTIONS = tuple(
    re.compile(question)
    for question in (
        *(template.replace(_SPAN, span) for template in _TEMPLATES_EN for span in _SPANS_EN),
        *(template.replace(_SPAN, span) for template in _TEMPLATES_DE for span in _SPANS_DE),
        *_OTHERS,
    )
)


def recognise_date_distance(core: str) -> ToolCall | None:
    """The call for a question that names two valid dates and requests only their distance."""
    if not has_digit(core):
        return None
    for question in _QUESTIONS:
        if found := question.fullmatch(core):
            first, second = iso_date(found["a"]), iso_date(found["b"])
            if first is not None and second is not None and first != second:
                return ToolCall("date_diff", {"date1": first, "date2": second}, _focus_of(found))
    return None


def _focus_of(found: re.Match[str]) -> str:
    groups = found.groupdict()
    if groups.get("long"):
        return "calendar"
    unit = groups.get("unit") or "days"
    if unit.startswith(("day", "tag")):
        return "days"
    return "weeks" if unit.startswith("w") else "calendar"
