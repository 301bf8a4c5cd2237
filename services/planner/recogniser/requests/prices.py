"""Sums, differences, shares and parts of amounts of money."""

import re

from services.planner.recogniser.call import ToolCall
from services.planner.recogniser.currencies import CURRENCY, NUMBER, currency_of, number_of
from services.planner.recogniser.filler import words
from services.planner.recogniser.requests.reader import Reading, Request
from services.planner.recogniser.requests.values import COUNT, count_of

_END = r"(?![\w%]|[.,]\d| ?(?:%|percent|prozent))"
# pounds without pence may be a weight
_MONEY = (
    rf"(?<![\w.,])(?:(?!(?i:pfund|pounds?)){CURRENCY} ?{NUMBER}|\d+[.,]\d\d ?{CURRENCY}"
    rf"|\d+-(?i:euro|dollar)(?=-)|{NUMBER} ?(?!(?i:pfund|pounds?)(?! sterling)){CURRENCY}){_END}"
)
_PLAIN = rf"(?<![\w.,])\d+[.,]\d\d{_END}"
_PERCENT = r"(?<![\w.,])\d+(?:[.,]\d+)? ?(?:%|(?i:percent|per cent|prozent)(?!\w))"
_PARTIES = {"zweit": 2, "dritt": 3, "viert": 4, "fünft": 5, "sechst": 6, "siebt": 7, "acht": 8, "neunt": 9, "zehnt": 10}
PERSONS = (
    rf"(?i:{COUNT} (?:people|persons|friends|guests|colleagues|housemates|flatmates|roommates|siblings|of us|ways|heads"
    rf"|personen|leuten?|freunden?|freundinnen|gästen?|kollegen|köpfe|mitbewohnern?|geschwistern?|parts|teile"
    rf"|(?:equal |gleichen? |gleich (?:großen|hohen) |monthly )?(?:raten|instal?lments|payments))"
    rf"|(?:zu|in) (?:{'|'.join(_PARTIES)}))(?!\w)"
)
_ROUNDINGS = {"up": "ROUND_UP", "down": "ROUND_DOWN", "even": "ROUND_HALF_EVEN"}
_ROUNDED = {
    "up": r"rounded up|round(?:ing)? up|aufgerundet|aufrunden",
    "down": r"rounded down|round(?:ing)? down|abgerundet|abrunden",
    "even": r"bankers?'? rounding|half[- ]even|round(?:ed)? half to even",
    "exact": r"(?:rounded |exact(?:ly)? |accurate )?(?:to|auf) (?:the |den |einen )?(?:nearest |nächsten )?"
    r"(?:cent|penny)(?: genau)?|centgenau|cent(?: genau)?|gerundet|rounded",
}


def persons_of(text: str) -> int | None:
    """5 for `5 people` and for `zu fünft`."""
    words_of = text.lower().split()
    return _PARTIES.get(words_of[-1]) or count_of(words_of[0]) if words_of else None


def _call(reading: Reading, operation: str, operands: list[str | None]) -> ToolCall | None:
    """The call if every number has one reading, and all amounts have one currency and one rounding."""
    names = {currency_of(text) for text in reading.all("money")}
    kept = [operand for operand in operands if operand is not None]
    rounded = [name for key, name in _ROUNDINGS.items() if reading.has(key)]
    if len(kept) != len(operands) or len(names) != 1 or "" in names or len(rounded) > 1 or reading.has("other"):
        return None
    rounding = {"rounding": rounded[0]} if rounded else {}
    return ToolCall(
        "decimal_finance", {"operation": operation, "operands": [*kept], "currency": names.pop(), **rounding}
    )


def _amounts(reading: Reading) -> list[str | None]:
    """The amounts in written order, also those without a currency beside others."""
    found = sorted(
        (place, text) for kind in ("money", "plain")
        for place, text in zip(reading.places.get(kind, []), reading.all(kind), strict=True)
    )  # fmt: skip
    return [number_of(text, reading.tongue) for _, text in found]


def _added(reading: Reading) -> ToolCall | None:
    """A sum, or what is left of the first amount; two signs, or both words, are no single operation."""
    amounts = _amounts(reading)
    minus = reading.has("minus") or (reading.has("left") and reading.has("spent"))
    plus = reading.has("plus") or (reading.has("total") and not minus)
    if not reading.all("money") or plus == minus or not 2 <= len(amounts) <= 12 or None in amounts:
        return None
    if plus:
        return None if reading.has("left") or reading.has("income") else _call(reading, "add", amounts)
    if not reading.has("minus"):
        if _GOT.search(reading.text, min(reading.places["money"])) is not None:
            return None
        amounts = _descending(amounts) if len(amounts) == 2 else amounts
        return _call(reading, "subtract", amounts) if amounts == _descending(amounts) else None
    return _call(reading, "subtract", amounts[::-1] if reading.has("from") and len(amounts) == 2 else amounts)


_GOT = re.compile(
    r"(?<!\w)(?:got|get|earned?|received?|found|bekam|bekommen|erhalten|geschenkt|verdient)(?!\w)", re.IGNORECASE
)


def _descending(amounts: list[str | None]) -> list[str | None]:
    return sorted(amounts, key=lambda text: float(text or 0), reverse=True)


def _change(reading: Reading) -> ToolCall | None:
    """The difference of two amounts, in either order."""
    amounts = _amounts(reading)
    if len(amounts) != 2 or None in amounts or not reading.has("difference"):
        return None
    return _call(reading, "subtract", _descending(amounts))


def _share(reading: Reading) -> ToolCall | None:
    """A percentage of one amount, by itself."""
    amounts, percent = _amounts(reading), number_of(reading.only("percent"), reading.tongue)
    return _call(reading, "percentage", [*amounts, percent]) if len(amounts) == 1 and reading.has("of") else None


def _times(reading: Reading) -> ToolCall | None:
    amounts, number = _amounts(reading), count_of(re.split(r"[ *x]", reading.only("count"))[0] or "x")
    is_asked = len(amounts) == 1 and number and reading.has("times")
    return _call(reading, "multiply", [*amounts, str(number)]) if is_asked else None


def _parts(reading: Reading) -> ToolCall | None:
    """An amount for several people is a plain division, unless cents or a rounding are named."""
    amounts = _amounts(reading)
    number = persons_of(reading.only("persons")) or count_of(reading.only("count") or "x")
    is_one = len(reading.all("persons")) + len(reading.all("count")) == 1
    if len(amounts) != 1 or amounts[0] is None or not is_one or not number or number < 2 or reading.has("other"):
        return None
    is_rounded = any(reading.has(key) for key in _ROUNDED)
    if reading.has("over") or (reading.has("split") and is_rounded):
        return _call(reading, "divide", [amounts[0], str(number)])
    return ToolCall("calculate", {"expression": f"{amounts[0]}/{number}"}) if reading.has("split") else None


_OTHER = (
    r"per|pro|je|jeweils|monthly|yearly|annual(?:ly)?|each year|a (?:year|month|week|day)|im (?:jahr|monat)|monatlich"
    r"|jährlich|interest|zinsen|zinseszins|tip|trinkgeld|gratuity|off|discount(?:ed)?|rabatt|nachlass|skonto|raise"
    r"|increase"
    r"|average|durchschnitt\w*|mean|median|mittel\w*|inkl\w*|incl\w*|brutto|gross|netto|net|contain(?:s|ed)?|enth\w+"
    r"|including|included|steckt|before|vor|rate|kurs"
    r"|(?:tax|vat|gst|mehrwertsteuer|mwst|steuer)[- ]?(?:portion|part|share|component|anteil)"
)
_OWN = words(
    "rechnung bill invoice receipt price preis preise prices cost costs kosten kostet paid bezahlt zahle zahlt payment"
    " shopping einkauf supermarket supermarkt cart warenkorb lunch dinner breakfast book books ticket"
    " tickets item items"
    " euro eur usd exact exactly genau betrag beträge amounts amount money geld kasse konto account budget wallet note"
    " schein geldschein bezahle expenses ausgaben groceries restaurant now jetzt noch danach dann then er sie"
)
REQUESTS = (
    Request(
        ("+", "plus", "minus", " - ", "total", "sum", "together", "add", "in all", "zusammen", "insgesamt",
         "gesamt",
         "left", "remain", "übrig", "rest", "abzüglich", "less ", "subtract", "addier"),
        {"money": _MONEY, "plain": _PLAIN},
        {
            **_ROUNDED,
            "other": rf"{_OTHER}|each|apiece|a piece|stück|of which|davon|darin",
            "plus": r"\+|plus",
            "minus": r"-(?= ?[\d€$£])|\u2013(?= ?[\d€$£])|minus|less|abzüglich|weniger|subtract(?:ed)?|subtrahiere",
            "from": r"(?:subtract|deduct|take)(?= .* from )|ziehe(?= .* von .* ab)",
            "total": r"total|sum|altogether|together|add(?:ed)?(?: up)?|in all|zusammen|insgesamt|gesamt\w*|summe"
            r"|addiere|macht das",
            "left": r"left|remain(?:s|ing|der)?|übrig|restbetrag|rest|verbleib\w*",
            "income": r"earned|earn|income|received|got paid|verdient|eingenommen",
            "spent": r"spent|spend|paid|pay|bought|ausgegeben|bezahlt|gekauft|kostete?|cost",
        },
        _added,
        _OWN | words("had have hatte habe und and my our first"),
        4,
    ),
    Request(
        ("change", "wechselgeld", "rückgeld", "difference", "differenz", "unterschied", "cheaper", "billiger",
         "günstiger", "teurer", "expensive", "more"),
        {"money": _MONEY, "plain": _PLAIN},
        {
            **_ROUNDED,
            "other": rf"{_OTHER}|each|apiece|a piece|stück|{COUNT} (?:items|pieces|tickets|books|bottles|artikel|karten"
            rf"|bücher|flaschen|\w+) (?:at|for|zu|für|à)",
            "difference": r"(?:how much )?change(?= .*(?:\?|back|get|$))|(?:wie ?viel )?(?:wechselgeld|rückgeld)"
            r"|(?:price )?difference|(?:preis)?differenz|preisunterschied|unterschied"
            r"|how much (?:cheaper|more expensive|more)|(?:um )?wie ?viel (?:\w+ )?(?:billiger|günstiger|teurer)",
        },
        _change,
        _OWN | words("with give gives gebe zahle paying pay mit cashier back between zwischen than als get bekomme"
            " kriege"),
        4,
    ),
    Request(
        ("%", "percent", "per cent", "prozent"),
        {"percent": _PERCENT, "money": _MONEY},
        {
            **_ROUNDED,
            "other": rf"{_OTHER}|oder(?=\W*$)|total|insgesamt|zusammen|plus|minus|mehr|more|add(?:ed)?|endpreis|final"
            rf"|new|neue[rn]?"
            r"|left|pay|zahle|übrig|after|nach|gestiegen|rise|rose|erhöh\w*|from"
            r"|(?:is|are|ist|sind|stecken?) in|in (?:a|an|the|einer?m?|den?)|in(?= ?[€$£]?\d)",
            "of": r"(?<=% )(?:of|on|von|auf|für)|(?<=percent )(?:of|on)|(?<=per cent )(?:of|on)"
            r"|(?<=prozent )(?:von|auf)"
            r"|(?:sales |value[- ]added )?(?:tax|vat|gst)(?: (?:of|on))?|commission(?: (?:of|on))?"
            r"|deposit(?: (?:of|on))?"
            r"|(?:mehrwertsteuer|umsatzsteuer|mwst\.?|ust\.?|steuer|provision|anzahlung|kaution)(?: (?:von|auf))?"
            r"|steuerbetrag|steuern",
        },
        _share,
        _OWN | words("tax alone allein only nur einfach rechnung fehlt due fällig steuersatz on auf tax-only hoch"),
        4,
    ),
    Request(
        ("times", " mal ", "*", " x ", "each", "apiece", "a piece", "je ", "stück"),
        {
            "money": _MONEY,
            "count": rf"{COUNT}(?i:(?= ?[*x] ?)|(?= (?:times|mal) )| (?:tickets?|items?|pieces?|books?|units?|copies"
            rf"|nights|hours|licen[sc]es?|karten|tickets|stücke?|bücher|nächte|stunden|lizenzen|stück|flaschen|bottles"
            rf"|boxes))(?!\w)"
            rf"|(?<=[*] )\d+(?!\w|[.,]\d)|(?<=(?:times|. mal) )\d+(?!\w|[.,]\d)",
        },
        {
            **_ROUNDED,
            "times": r"times|mal|\*|x|each|apiece|a piece|je|zu je|pro (?:stück|karte|ticket|nacht|stunde)"
            r"|per (?:ticket|item|piece|night|hour|unit)",
            "other": _OTHER.replace("per|pro|je|jeweils|", ""),
        },
        _times,
        _OWN | words("à zu at for zum preis"),
        3,
    ),
    Request(
        ("split", "between", "among", "teil", "each", "durch", "divid", "/", "share", "raten", "instal", "payments",
         "pro person",
         "zahlt jede", "jeder"),
        {"persons": PERSONS, "money": _MONEY, "plain": rf"(?<![\w.,])(?<!durch )(?<!by )(?<!/ ){NUMBER}{_END}",
         "count": r"(?<=durch )\d{1,3}(?!\w|[.,]\d)|(?<=by )\d{1,3}(?!\w|[.,]\d)"
                  r"|(?<=/ )\d{1,3}(?!\w|[.,]\d)"},
        {
            **_ROUNDED,
            "split": r"raten?(?=\W*$| auf )|zahlbar|payable|each instal?lment|split(?:ting|s)?|divid(?:e|ed"
            r"|ing)(?! by)|shar(?:e|ed|ing)|aufteilen|aufgeteilt|teilen|teilt"
            r"|teile|how much (?:does|should|must|do) (?:each|everyone|everybody|we each)|each (?:person )?pays?"
            r"|(?:wie ?viel )?zahlt (?:jede[rs]?|man)|pro (?:person|kopf|nase)|per (?:person|head)",
            "over": r"divided by|/|geteilt durch|durch",
            "other": _OTHER.replace("per|pro|je|jeweils|", "")
            + r"|(?:and|und|plus|with|mit) (?:i|me|myself|ich|mich|mir)|(?:i|me|us|ich|mir|uns) (?:and|und)"
            r"|(?:and|und|plus|with|mit) (?:my|mein\w*)"
            r"|(?:with|mit)(?= \w+ (?:friends|freunden|freundinnen|colleagues|kollegen|others|anderen|leuten))"
            r"|(?:one|two|einer|eine|zwei) (?:\w+ ){0,3}(?:pays?|zahlt|zahlen)|twice|double|doppelt"
            r"|ratio|verhältnis|rest|remainder|left(?: over)?|übrig",
        },
        _parts,
        _OWN | words("between among unter auf us evenly equally gleichmäßig jeder jede jeden each restaurantrechnung"
                     " über hotelrechnung stromrechnung gemeinsam hotel taxi present gift geschenk gleich"),
        4,
    ),
)  # fmt: skip
