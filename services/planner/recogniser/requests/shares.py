"""Everyday shares of an amount: a tip, a discount, a raise."""

import re

from services.planner.recogniser.call import ToolCall
from services.planner.recogniser.filler import words
from services.planner.recogniser.numbers import decimal
from services.planner.recogniser.requests.reader import Reading, Request

_MONEY = (
    r"(?<![\w.,])(?:[€$£] ?)?\d+(?:[.,]\d+)*(?: ?(?:[€$£]|(?i:eur|euros?|dollars?|usd|gbp|chf|bucks"
    r"|pounds)(?!\w)))?(?![\w%]|[.,]\d| ?(?:%|percent|prozent))"
)
_PERCENT = r"(?<![\w.,])\d+(?:[.,]\d+)? ?(?:%|(?i:percent|prozent)(?!\w))"
_OWN = words(
    "restaurant bill pay till dinner meal price costs cost jacket shoes shirt total each us owe person people"
    " friends now"
    " there's gehalt lohn salary rent miete habe danach zahle preis kostet hose jacke final leave amount originally new"
    " afterwards then rechnung trinkgeld check lunch much how marked sale regular ticket item today heute teuer"
    " gibt er es fernseher tv laptop phone euro goes per bekomme verdiene"
)


def _number(text: str, reading: Reading) -> str:
    return decimal(re.sub(r"[^\d.,]", "", text), reading.tongue) or ""


def _changed(reading: Reading) -> ToolCall | None:
    """A share of the amount, or the amount less or plus the share."""
    amount, percent = _number(reading.only("amount"), reading), _number(reading.only("percent"), reading)
    kind = reading.one_of("tip", "off", "more")
    several = len({"tip", "off", "more"} & set(reading.keys)) > 1
    is_one = not reading.has("other") and (kind != "tip" or not reading.has("with"))
    if not amount or not percent or not kind or several or not is_one or (kind != "tip" and not reading.has("price")):
        return None
    forms = {
        "tip": f"{percent} % of {amount}",
        "off": f"{amount} * (1 - {percent} / 100)",
        "more": f"{amount} * (1 + {percent} / 100)",
    }
    return ToolCall("calculate", {"expression": forms[kind]})


def _percentage(reading: Reading) -> ToolCall | None:
    """`from 840 to 903` and `45 of 180`, in percent."""
    amounts = [_number(text, reading) for text in reading.all("amount")]
    if len(amounts) != 2 or "" in amounts or not reading.has("share"):
        return None
    first, second = amounts
    between = reading.text[reading.places["amount"][0] : reading.places["amount"][1]].lower()
    if reading.has("change") and (" to " in between or " auf " in between):
        return ToolCall("calculate", {"expression": f"({second} - {first})/{first} * 100"})
    is_share = not reading.has("change") and (" of " in between or " von " in between)
    return ToolCall("calculate", {"expression": f"{first}/{second} * 100"}) if is_share else None


REQUESTS = (
    Request(
        (
            "tip",
            "trinkgeld",
            "off",
            "discount",
            "rabatt",
            "nachlass",
            "raise",
            "increase",
            "steig",
            "erhöh",
            "reduzier",
        ),
        {"percent": _PERCENT, "amount": _MONEY},
        {
            "tip": r"tip|gratuity|trinkgeld",
            "with": r"total|with|including|incl\w*|plus|insgesamt|mit|inkl\w*|zuzüglich|gesamt\w*|altogether|final",
            "off": r"off|discount(?:ed)?|rabatt|nachlass|reduced(?: by)?|reduziert",
            "more": r"raise|increase[sd]?|steigt|erhöht|erhöhung|goes up|went up|teurer",
            "other": r"original(?:ly)?|ursprünglich\w*|vorher|davor|zuvor|before|(?:after|nach)(?= \d)",
            "price": r"(?:what|how much)(?= (?:will|do|would|does|is|are) (?:i|it|we|they|the (?:new |final "
            r"|sale )?price|my new))"
            r"|pay|final price|new (?:price|rent|salary)|sale price|price|zahle|kostet|preis|danach|costs? now|dann",
        },
        _changed,
        _OWN,
        4,
    ),
    Request(
        ("percent", "prozent", "%"),
        {"amount": _MONEY},
        {
            "change": r"from|went from|von(?=.* auf )|stieg|gestiegen|rise|rose|risen|change|increased?|grew"
            r"|decreased?|dropped|fell",
            "share": r"(?:what|how many|wie ?viel|as a) (?:percent(?:age)?|prozent|%)|percent(?:age)?|prozent|%",
            "of": r"of|out of|von",
        },
        _percentage,
        _OWN | words("went month by to auf makes macht did it correct right answers richtig punkte points from"),
        3,
    ),
)
