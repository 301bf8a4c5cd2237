"""Questions for the number of ways to choose or to arrange."""

from services.planner.recogniser.call import ToolCall
from services.planner.recogniser.grammar import LEAD_DE, LEAD_EN, WHOLE, Build, Family, Found, rules
from services.planner.recogniser.numbers import whole

_N, _K = rf"(?P<n>{WHOLE})", rf"(?P<k>{WHOLE})"
_COEFFICIENT_EN = r"(?:the )?binomial coefficient"
_COEFFICIENT_DE = r"(?:der |den )?binomialkoeffizient(?:en)?"


def _counted(operation: str) -> Build:
    def build(found: Found) -> ToolCall | None:
        n, k = whole(found["n"], found.tongue), whole(found["k"], found.tongue)
        if n is None or k is None or k > n:
            return None
        return ToolCall("exact_probability", {"operation": operation, "n": n, "k": k})

    return build


_RULES = (
    *rules(
        "en",
        _counted("combination"),
        rf"(?:what is |what's |calculate |compute )?(?:{_COEFFICIENT_EN} )?{_N} choose {_K}",
        rf"{LEAD_EN}binomial coefficient (?:of|for) {_N} and {_K}",
        rf"(?:in )?how many ways (?:are there to|can you|can i) (?:choose|pick|select) {_K} (?:from|out of) {_N}",
        rf"how many combinations of {_K} (?:from|out of) {_N} are there",
        rf"how many combinations are there of {_K} (?:from|out of) {_N}",
    ),
    *rules(
        "de",
        _counted("combination"),
        rf"(?:was ist |wie ?viel ist |berechne )?(?:{_COEFFICIENT_DE} )?{_N} über {_K}",
        rf"wie ?viele möglichkeiten gibt es, {_K} aus {_N} (?:auszuwählen|zu wählen|zu ziehen)",
        rf"wie ?viele kombinationen gibt es bei {_K} aus {_N}",
        rf"{LEAD_DE}binomialkoeffizient(?:en)? (?:von|aus) {_N} und {_K}",
    ),
    *rules(
        "en",
        _counted("permutation"),
        rf"how many permutations of {_K} (?:out of|from) {_N} are there",
        rf"how many permutations are there of {_K} (?:out of|from) {_N}",
        rf"how many ways are there to (?:arrange|order) {_K} (?:out of|from) {_N}",
    ),
    *rules(
        "de",
        _counted("permutation"),
        rf"wie ?viele permutationen von {_K} aus {_N} gibt es",
        rf"wie ?viele permutationen gibt es (?:von|bei) {_K} aus {_N}",
        rf"wie ?viele möglichkeiten gibt es, {_K} aus {_N} anzuordnen",
    ),
)
COUNTING = Family(
    ("choose", "ways", "binomial", "permutation", "combination", "kombination", "möglichkeit", " über "), _RULES
)
