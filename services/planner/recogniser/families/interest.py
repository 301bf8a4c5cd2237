"""Questions for interest, and for the chance of a number of successes with coins and dice."""

import re

from services.planner.recogniser.call import ToolCall
from services.planner.recogniser.grammar import LEAD_DE, LEAD_EN, NUMBER, WHOLE, Build, Family, Found, rules
from services.planner.recogniser.numbers import COUNT_WORD, count, decimal, whole
from services.planner.recogniser.numerals import Tongue

_CURRENCIES = {"€": "EUR", "eur": "EUR", "euro": "EUR", "euros": "EUR", "$": "USD", "usd": "USD", "dollars": "USD",
               "dollar": "USD", "£": "GBP", "gbp": "GBP", "chf": "CHF", "franken": "CHF"}  # fmt: skip
_CURRENCY = r"€|eur|euros?|\$|usd|dollars?|£|gbp|chf|franken"
_AMOUNT = rf"(?:(?P<before>[€$£]|usd|eur|gbp|chf) ?)?(?P<amount>{NUMBER})(?: ?(?P<after>{_CURRENCY}))?"
_RATE = rf"(?P<rate>{NUMBER}) ?(?:%|percent|prozent)"
_YEARLY = r"(?: (?:per year|per annum|a year|annually|yearly|p\.? ?a\.?|annual|pro jahr|jährlich|im jahr))?"
_AT_EN = (
    rf"(?:at|with|with a rate of|at a rate of|and) (?:an? )?{_RATE}(?: (?:annual|yearly))?(?: interest)?(?:"
    rf" rate)?{_YEARLY}"
)
_FOR_EN = rf"(?:for|over|after|in|and) (?P<years>\d+|{COUNT_WORD}) years?"
_AT_DE = rf"(?:bei|mit|zu|und) {_RATE}{_YEARLY}"
_FOR_DE = rf"(?:für|über|nach|in|und) (?P<years>\d+|{COUNT_WORD}) jahren?"
_KIND_EN, _KIND_DE = r"(?P<kind>simple|compound)(?:ed)? interest", r"(?P<kind>zinseszins(?:en)?|einfachen? zinsen)"
_THOUSANDS = re.compile(r"[1-9]\d{0,2}(?:\.\d{3})+")
_GROWS = r"(?:what|how much) (?:does|do|will|would|is|are)"


def _money(text: str, tongue: Tongue) -> str | None:
    """German money has no three decimals: 10.000 € are ten thousand."""
    return decimal(text.replace(".", "") if tongue == "de" and _THOUSANDS.fullmatch(text) else text, tongue)


def _interest(found: Found) -> ToolCall | None:
    amount, rate = _money(found["amount"], found.tongue), decimal(found["rate"], found.tongue)
    years = count(found["years"], found.tongue)
    if amount is None or rate is None or years is None or not found["kind"]:
        return None
    operation = "simple_interest" if found["kind"].startswith(("simple", "einfach")) else "compound_interest"
    name = found["before"] or found["after"]
    currency = {"currency": _CURRENCIES[name]} if name else {}
    return ToolCall("decimal_finance", {"operation": operation, "operands": [amount, rate, str(years)], **currency})


_HOW_MANY = {"": "binomial", "exactly": "binomial", "genau": "binomial", "at least": "binomial_at_least",
             "mindestens": "binomial_at_least",
             "at most": "binomial_at_most", "höchstens": "binomial_at_most"}  # fmt: skip
_HOW = r"(?:(?P<how>exactly|at least|at most|genau|mindestens|höchstens) )?"
_K = rf"(?P<k>\d+|{COUNT_WORD})"
_DIE_EN = r"(?P<die>six|five|four|three|two|one|1|2|3|4|5|6)e?s?"
_CHANCE_EN = (
    rf"{LEAD_EN}(?:probability|chances?|odds|likelihood) (?:of|for|to|that i|to get)(?: (?:getting|get"
    rf"|rolling|roll|throwing|throw|flipping|flip))?"
)
_CHANCE_DE = rf"{LEAD_DE}(?:wahrscheinlichkeit|chance)(?: (?:für|auf|dass ich|von|,))+"


def _chance(denominator: int) -> Build:
    def build(found: Found) -> ToolCall | None:
        n, k = count(found["n"], found.tongue), count(found["k"], found.tongue)
        if n is None or k is None or k > n:
            return None
        arguments = {"n": n, "k": k, "numerator": 1, "denominator": denominator}
        return ToolCall("exact_probability", {"operation": _HOW_MANY[found["how"]], **arguments})

    return build


_N = rf"(?P<n>\d+|{COUNT_WORD})"
_COIN_EN = r"(?:(?:fair )?(?:coin )?(?:tosses|flips|throws)|(?:fair )?coins)(?: of a (?:fair )?coin)?"
_DICE_EN = (
    r"(?:(?:fair )?(?:dice|die) (?:rolls|throws)|(?:dice )?rolls(?: of a (?:fair )?(?:die|dice))?|throws"
    r" of a (?:fair )?(?:die|dice)|(?:fair )?dice)"
)


def _of_trials(found: Found) -> ToolCall | None:
    """`3 successes in 10 trials with p = 0.2`."""
    n, k, p = whole(found["n"], found.tongue), whole(found["k"], found.tongue), decimal(found["p"], found.tongue)
    if n is None or k is None or p is None or k > n or not re.fullmatch(r"0\.\d{1,6}", p):
        return None
    digits = p.removeprefix("0.")
    arguments = {"n": n, "k": k, "numerator": int(digits), "denominator": 10 ** len(digits)}
    return ToolCall("exact_probability", {"operation": _HOW_MANY[found["how"]], **arguments})


def _binomial(found: Found) -> ToolCall | None:
    """`n=20, p=1/4, P(X=5)` in any order."""
    top, _, bottom = found["p"].partition("/")
    if not bottom:
        digits = top.partition(".")[2] if top.startswith("0.") else ""
        top, bottom = digits, str(10 ** len(digits)) if digits else ""
    n, k = int(found["n"]), int(found["k"])
    if not bottom or k > n:
        return None
    operation = {"=": "binomial", "<=": "binomial_at_most", "≤": "binomial_at_most"}.get(
        found["sign"], "binomial_at_least"
    )
    arguments = {"n": n, "k": k, "numerator": int(top), "denominator": int(bottom)}
    return ToolCall("exact_probability", {"operation": operation, **arguments})


_N_IS, _P_IS = r"n ?= ?(?P<n>\d{1,4})", r"p ?= ?(?P<p>\d{1,4}/\d{1,5}|0\.\d{1,6})"
_X_IS = r"p\(x ?(?P<sign>=|<=|>=|≤|≥) ?(?P<k>\d{1,4})\)"
_AND = r"(?:,|;| und| and| bei| für| for| with| mit| if| wenn|:| ){1,3} ?"
_BINOMIAL = r"(?:(?:x ?~ ?)?binomial(?:verteilung|verteilt| distribution)?:? ?)?"
_RULES = (
    *rules(
        None,
        _binomial,
        rf"{_BINOMIAL}{_N_IS}{_AND}{_P_IS}{_AND}(?:find |what is )?{_X_IS}",
        rf"{_BINOMIAL}(?:find |what is |berechne )?{_X_IS}{_AND}{_N_IS}{_AND}{_P_IS},? ?{_BINOMIAL}",
    ),
    *rules(
        "en",
        _interest,
        rf"{LEAD_EN}{_KIND_EN}(?: earned)?:? (?:(?:on|of|for) )?{_AMOUNT},? {_AT_EN},? {_FOR_EN}",
        rf"{LEAD_EN}{_KIND_EN}(?: earned)?:? (?:(?:on|of|for) )?{_AMOUNT},? {_FOR_EN},? {_AT_EN}",
        rf"{_GROWS} {_AMOUNT} (?:grow to|become|be worth|worth|earn|yield|turn into|make)"
        rf" {_AT_EN.replace('(?: interest)?', '')}(?: (?P<kind>simple|compound) interest),? {_FOR_EN}",
        rf"{_GROWS} {_AMOUNT} (?:grow to|become|be worth|worth|earn|yield|turn into|make)? ?{_FOR_EN},? (?:at"
        rf"|with) {_RATE} (?P<kind>simple|compound) interest",
        rf"{_RATE} (?P<kind>simple|compound) interest on {_AMOUNT} {_FOR_EN}",
        rf"{_AMOUNT}(?: invested| saved| deposited)? (?:at|with) {_RATE} (?P<kind>simple|compound) interest,?"
        rf" {_FOR_EN}",
    ),
    *rules(
        "de",
        _interest,
        rf"{LEAD_DE}{_KIND_DE}:? (?:(?:auf|von|für|aus) )?{_AMOUNT},? {_AT_DE},? {_FOR_DE}",
        rf"{LEAD_DE}{_KIND_DE}:? (?:(?:auf|von|für|aus) )?{_AMOUNT},? {_FOR_DE},? {_AT_DE}",
        rf"(?:was|wie ?viel|wie viel geld) (?:wird|werden|ist|sind|wurde)?(?: aus)? ?{_AMOUNT} {_FOR_DE}"
        rf" {_AT_DE} (?P<kind>zinseszins)(?: wird| werden| wert)?",
        rf"(?:was|wie ?viel|wie viel geld) (?:wird|werden|ist|sind|wurde)?(?: aus)? ?{_AMOUNT} {_AT_DE}"
        rf" (?P<kind>zinseszins) {_FOR_DE}(?: wird| werden| wert)?",
    ),
    *rules(
        "en",
        _chance(2),
        rf"{_CHANCE_EN} {_HOW}{_K} (?:heads?|tails?) (?:in|with|from|out of|when tossing|when flipping|on) {_N}"
        rf" {_COIN_EN}",
    ),
    *rules(
        "en", _chance(6), rf"{_CHANCE_EN} {_HOW}{_K} {_DIE_EN} (?:in|with|from|out of|when rolling|on) {_N} {_DICE_EN}"
    ),
    *rules(
        "de",
        _chance(2),
        rf"{_CHANCE_DE} {_HOW}{_K} ?(?:mal |x )?(?:kopf|zahl) (?:bei|in|mit) {_N} (?:münzwürfen|würfen(?: einer"
        rf" münze)?)",
    ),
    *rules(
        "de",
        _chance(6),
        rf"{_CHANCE_DE} {_HOW}{_K} (?:sechs|sechsen|sechser|einsen|fünfen|vieren|dreien|zweien) (?:bei|in|mit)"
        rf" {_N} (?:würfen|würfelwürfen|würfeln)",
    ),
    *rules(
        "en",
        _of_trials,
        rf"{_CHANCE_EN} {_HOW}(?P<k>{WHOLE}) success(?:es)? in (?P<n>{WHOLE}) trials (?:with|for|at) (?:a"
        rf" )?(?:success )?(?:probability|chance|p) (?:of |= ?)?(?P<p>{NUMBER})",
    ),
)
INTEREST = Family(
    (
        "interest",
        "zins",
        "heads",
        "tail",
        "kopf",
        "zahl",
        "probability",
        "chance",
        "odds",
        "likelihood",
        "wahrscheinlichkeit",
        "p(x",
    ),
    _RULES,
)
