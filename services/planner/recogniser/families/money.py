"""Questions to convert an amount at a rate and a date that the question itself names."""

from pydantic import JsonValue

from services.planner.recogniser.call import ToolCall
from services.planner.recogniser.currencies import may_be_inverse, number_of, price_of
from services.planner.recogniser.days import day, iso_date
from services.planner.recogniser.grammar import NUMBER, Family, Found, rules

_NAMES = {
    "euro": "EUR", "euros": "EUR", "€": "EUR", "dollar": "USD", "dollars": "USD", "$": "USD", "yen": "JPY",
    "pfund": "GBP", "franken": "CHF",
}  # fmt: skip
_CODES = "eur|usd|gbp|chf|jpy|sek|nok|dkk|pln|czk|huf|cad|aud|nzd|cny|inr|brl|try|zar|krw|mxn|sgd|hkd"
_CODE = rf"(?:{_CODES}|euros?|€|dollars?|\$|yen|pfund|franken)"
_AMOUNT = rf"(?P<amount>{NUMBER}) ?(?P<source>{_CODE})"
_TO = rf"(?P<target>{_CODE})"
_DAY = day("day")
_ON_EN = rf"(?:of|as of|on|from) {_DAY}"
_RATE_EN = rf"(?:at|with|using|for) (?:an? |the )?(?:exchange )?(?:rate )?(?:of )?(?P<rate>{NUMBER}) {_ON_EN}"
_RATE_DE = rf"(?:zum|bei einem|mit dem|mit einem) (?:wechsel)?kurs (?:von )?(?P<rate>{NUMBER}) (?:vom|am) {_DAY}"
_EQUAL = rf"1 ?(?P<one>{_CODE}) ?= ?(?P<rate>{NUMBER}) ?(?P<other>{_CODE}) {_ON_EN}"


def _converted(found: Found) -> ToolCall | None:
    """The rate is the price of one unit of the first currency in the second, unless the question states both."""
    source, target = _code(found["source"]), _code(found["target"])
    amount, rate = number_of(found["amount"], found.tongue), price_of(found["rate"], found.tongue)
    date = iso_date(found["day"])
    stated = (_code(found["one"]), _code(found["other"])) if found["one"] else (source, target)
    if amount is None or rate is None or date is None or source == target or {*stated} != {source, target}:
        return None
    if not found["one"] and may_be_inverse(rate, source, target):
        return None
    table: JsonValue = {"base": stated[0], "date": date, "rates": {stated[1]: rate}}
    arguments = {"amount": amount, "from_currency": source, "to_currency": target, "rates": table}
    return ToolCall("currency_convert", arguments)


def _code(name: str) -> str:
    return _NAMES.get(name, name.upper())


_RULES = (
    *rules(
        "en",
        _converted,
        rf"convert {_AMOUNT} (?:to|into) {_TO} {_RATE_EN}",
        rf"convert {_AMOUNT} (?:to|into) {_TO} (?:with|at|if) {_EQUAL}",
        rf"(?:how much|what) (?:is|are) {_AMOUNT} in {_TO} {_RATE_EN}",
    ),
    *rules(
        "de",
        _converted,
        rf"(?:rechne|wandle) {_AMOUNT} in {_TO} um {_RATE_DE}",
        rf"(?:rechne|wandle) {_AMOUNT} {_RATE_DE} in {_TO} um",
        rf"(?:wie ?viel|was) (?:sind|ist) {_AMOUNT} in {_TO} {_RATE_DE}",
    ),
)
MONEY = Family(("rate", "kurs", " at ", "= "), _RULES)
