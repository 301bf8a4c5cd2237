"""Currencies and amounts of money as people write them."""

import re

from services.planner.recogniser.numbers import decimal
from services.planner.recogniser.numerals import Tongue

_NAMES = {
    "EUR": "euros? €",
    "USD": "(?:us|u\\.s\\.|american|amerikanische[rn]?)[-_]dollars? dollars? bucks? us\\$ \\$",
    "GBP": "(?:british_)?pounds?(?:_sterling)? britische_pfund pfund(?:_sterling)? quid £",
    "CHF": "(?:swiss_)?francs? (?:schweizer_)?franken s?fr\\.",
    "JPY": "(?:japanese_|japanische_)?yen ¥",
    "PLN": "(?:polish_|polnische_)?z[lł]oty(?:s|ch)?",
    "SEK": "(?:swedish|schwedische[rn]?)_(?:kron(?:or|a|en|er)|crowns) kronor",
    "NOK": "(?:norwegian|norwegische[rn]?)_(?:kroner?|kronen|crowns)",
    "DKK": "(?:danish|dänische[rn]?)_(?:kroner?|kronen|crowns)",
    "CZK": "(?:czech|tschechische[rn]?)_(?:kron(?:en|er|e)|crowns?|korunas?|koruny?) korunas? koruny",
    "HUF": "(?:hungarian_|ungarische_)?forints?",
    "CAD": "(?:canadian|kanadische[rn]?)[-_]dollars?",
    "AUD": "(?:australian|australische[rn]?)[-_]dollars?",
    "NZD": "(?:new_zealand|neuseeland|neuseeländische)[-_]dollars?",
    "CNY": "(?:chinese_)?(?:yuan|renminbi)",
    "INR": "(?:indian|indische[rn]?)_(?:rupees?|rupien)",
    "TRY": "(?:turkish|türkische[rn]?)_lira",
    "ZAR": "(?:south_african_|südafrikanische_)?rand",
    "KRW": "(?:south_)?(?:korean|koreanische[rn]?)_won",
    "BRL": "(?:brazilian_reals?|brasilianische_real)",
    "MXN": "(?:mexican_pesos|mexikanische_pesos?)",
    "SGD": "(?:singapore|singapur)[-_]dollars?",
    "HKD": "(?:hong_kong|hongkong)[-_]dollars?",
}
_CROWNS = "kron(?:en|er|e)|crowns?"  # of four countries
_PATTERNS = {code: [name.replace("_", " ") for name in names.split(" ")] for code, names in _NAMES.items()}
_ALL = sorted((name for names in _PATTERNS.values() for name in names), key=len, reverse=True)
_SEVERAL = ("SEK", "NOK", "DKK", "CZK")
CURRENCY = rf"(?i:{'|'.join(_ALL)}|{'|'.join(_NAMES)}|{_CROWNS})"
NUMBER = r"\d+(?:[.,]\d+)*"
AMOUNT = rf"(?<![\w.,])(?:{CURRENCY} ?{NUMBER}|{NUMBER} ?{CURRENCY})(?!\w|[.,]\d)"
_BY_NAME = tuple((re.compile("|".join([*names, code]), re.IGNORECASE), code) for code, names in _PATTERNS.items())
_IS_CROWNS = re.compile(_CROWNS, re.IGNORECASE)
_ENGLISH = re.compile(r"[$€£]\d{1,3}(?:,\d{3})+(?:\.\d\d)?$")  # German writes the sign behind
_THOUSANDS = re.compile(r"[1-9]\d{0,2}(?:\.\d{3})+")


def currency_of(text: str, others: frozenset[str] = frozenset()) -> str:
    """The code of a currency or of an amount, empty if there is none; `others` tell whose crowns are meant."""
    name = re.sub(r"\d[\d.,]*|=", "", text).strip(" -")
    if _IS_CROWNS.fullmatch(name):
        meant = [code for code in _SEVERAL if code in others]
        return meant[0] if len(meant) == 1 else ""
    return next((code for pattern, code in _BY_NAME if pattern.fullmatch(name)), "")


def number_of(text: str, tongue: Tongue) -> str | None:
    """The number of an amount. Money has no three decimals: German 10.000 € are ten thousand, English ones unclear."""
    found = re.search(NUMBER, text)
    digits = found.group() if found else ""
    tongue = "en" if tongue is None and _ENGLISH.match(text) else tongue
    if not _THOUSANDS.fullmatch(digits):
        return decimal(digits, tongue)
    return None if tongue == "en" else decimal(digits.replace(".", ""), tongue)


def may_be_inverse(price: str, source: str, target: str) -> bool:
    """True for `100 USD in euros, rate 1.08`: one euro costs that, and only a pound or a franc costs more than one."""
    if "EUR" not in (source, target):
        return False
    is_strong = not _STRONG.isdisjoint((source, target))
    return (float(price) > 1) == (is_strong if source == "EUR" else not is_strong)


_STRONG = frozenset({"GBP", "CHF"})


def price_of(text: str, tongue: Tongue) -> str | None:
    """The number of an exchange rate, which may have three decimals: 1.164 is unclear in German."""
    found = re.search(NUMBER, text)
    digits = found.group() if found else ""
    return None if tongue != "en" and _THOUSANDS.fullmatch(digits) else decimal(digits, tongue)
