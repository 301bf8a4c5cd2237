"""Questions for derivatives, integrals and limits of one formula."""

import re

from pydantic import JsonValue

from services.planner.recogniser.call import ToolCall
from services.planner.recogniser.formulas import MAY_BE_A_THOUSAND, read_formula, variable_of
from services.planner.recogniser.grammar import LEAD_DE, LEAD_EN, NUMBER, Family, Found, rules
from services.planner.recogniser.numbers import decimal

_E = r"(?:[fgh]\([a-z]\) ?= ?)?(?P<expression>.{1,200}?)"
_BY_EN = r"(?: with respect to (?P<variable>[a-z]))?"
_BY_DE = r"(?: nach (?P<variable>[a-z]))?"
ORDERS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
_SHORT = ("1st", "2nd", "3rd", *(f"{number}th" for number in range(4, 11)))
_GERMAN = ("erste", "zweite", "dritte", "vierte", "fünfte", "sechste", "siebte", "achte", "neunte", "zehnte")
_POINTED = tuple(f"{number}." for number in range(1, 11))
_ORDER_EN = rf"(?:(?P<order>{'|'.join((*ORDERS, *_SHORT))}) )?"
_ORDER_DE = rf"(?:(?P<order>{'|'.join(re.escape(name) for name in (*_GERMAN, *_POINTED))}) )?"
_ORDERS = {name: number for names in (ORDERS, _SHORT, _GERMAN, _POINTED) for number, name in enumerate(names, start=1)}
_EDGE = rf"(?:-?\d+ ?/ ?\d+|{NUMBER}|-?infinity|-?unendlich|-?∞|-?(?:\d ?\*? ?)?pi(?: ?/ ?\d)?|e)"
_MULTIPLE_OF_PI = re.compile(r"(?<=\d)(?=pi)")
_SIDE = r"(?: (?:from|von) (?:the )?(?P<side>right|left|above|below|rechts|links|oben|unten)(?: side)?)?"
_SIDES = {"right": "right", "above": "right", "rechts": "right", "oben": "right"}
_FROM_EN = rf"(?: (?:from|between) (?P<lower>{_EDGE}) (?:to|and) (?P<upper>{_EDGE}))?"
_FROM_DE = rf"(?: (?:von|zwischen) (?P<lower>{_EDGE}) (?:bis|und) (?P<upper>{_EDGE}))?"
_INFINITE = ("infinity", "unendlich", "∞")


def _derivative(found: Found) -> ToolCall | None:
    arguments = _formula(found)
    order = _ORDERS.get(found["order"], 1)
    if arguments is None:
        return None
    return ToolCall("differentiate", arguments if order == 1 else {**arguments, "order": order})


def _integral(found: Found) -> ToolCall | None:
    arguments = _formula(found)
    if arguments is None or not found["lower"]:
        return None if arguments is None else ToolCall("integrate", arguments)
    lower, upper = _edge(found["lower"], found), _edge(found["upper"], found)
    if lower is None or upper is None:
        return None
    return ToolCall("integrate", {**arguments, "lower": lower, "upper": upper})


def _area(found: Found) -> ToolCall | None:
    """The integral, if the curve is above the axis: below it, an area differs from the integral."""
    call = _integral(found)
    formula, lower, upper = (re.sub(r"\s", "", found[name]) for name in ("expression", "lower", "upper"))
    if formula == "sin(x)" and (lower, upper) == ("0", "pi"):
        return call
    has_sign = _MAY_BE_NEGATIVE.search(formula) or (lower.startswith("-") and _ODD.search(formula))
    return None if has_sign else call


_MAY_BE_NEGATIVE = re.compile(r"(?<![(^])-|cos|tan|ln|log|sin")
_ODD = re.compile(r"(?<![a-z])[a-z](?![a-z])(?!\^[2468](?!\d)|²|⁴)")


def _limit(found: Found) -> ToolCall | None:
    arguments, to = _formula(found), _edge(found["to"], found)
    side = {"side": _SIDES.get(found["side"], "left")} if found["side"] else {}
    if arguments is None or to is None or to == "-0":
        return None  # -0 may mean the left side
    return ToolCall("limit_of", {**arguments, "to": to, **side})


def _formula(found: Found) -> dict[str, JsonValue] | None:
    """The formula and its variable: the named one, or the only one."""
    formula = read_formula(_bare(found.written("expression").strip()), found.tongue)
    if formula is None or "=" in formula.text:
        return None
    variable = variable_of(formula, found["variable"])
    return None if variable is None else {"expression": formula.text, "variable": variable}


def _bare(text: str) -> str:
    """Strip parentheses around the whole formula."""
    depth = 0
    for place, sign in enumerate(text):
        depth += (sign == "(") - (sign == ")")
        if depth == 0 and place < len(text) - 1:
            return text
    return text[1:-1] if text.startswith("(") and text.endswith(")") else text


def _edge(text: str, found: Found) -> str | None:
    sign, bare = ("-", text[1:]) if text.startswith("-") else ("", text)
    if bare in _INFINITE:
        return f"{sign}oo"
    if "pi" in bare or "/" in bare or bare == "e":
        return _MULTIPLE_OF_PI.sub("*", text.replace(" ", ""))
    return None if MAY_BE_A_THOUSAND.fullmatch(bare) else decimal(text, found.tongue)


_TOWARDS_EN = rf"(?:as|for|when) (?P<variable>[a-z]) ?(?:approaches|goes to|tends to|to|->|→) ?(?P<to>{_EDGE})"
_TOWARDS_DE = rf"für (?P<variable>[a-z]) ?(?:gegen|->|→) ?(?P<to>{_EDGE})"
_RULES = (
    *rules(
        "en",
        _derivative,
        rf"{LEAD_EN}{_ORDER_EN}derivative of {_E}{_BY_EN}",
        rf"differentiate {_E}{_BY_EN}",
        rf"{LEAD_EN}d/d(?P<variable>[a-z]) (?:of )?{_E}",
    ),
    *rules("de", _derivative, rf"{LEAD_DE}{_ORDER_DE}ableitung von {_E}{_BY_DE}", rf"leite {_E}{_BY_DE} ab"),
    *rules(
        "en",
        _integral,
        rf"{LEAD_EN}(?:indefinite |definite )?(?:integral|antiderivative) of {_E}{_FROM_EN}{_BY_EN}",
        rf"integrate {_E}{_BY_EN}{_FROM_EN}",
    ),
    *rules("en", _area, rf"{LEAD_EN}area (?:under|below) (?:the )?(?:curve )?(?:of )?(?:y ?= ?)?{_E}{_FROM_EN}"),
    *rules(
        "de",
        _integral,
        rf"{LEAD_DE}(?:bestimmte |unbestimmte )?(?:integral|stammfunktion) von {_E}{_FROM_DE}{_BY_DE}",
        rf"integriere {_E}{_BY_DE}{_FROM_DE}",
    ),
    *rules("en", _limit, rf"{LEAD_EN}limit of {_E} {_TOWARDS_EN}{_SIDE}"),
    *rules("de", _limit, rf"{LEAD_DE}(?:grenzwert|limes) von {_E} {_TOWARDS_DE}{_SIDE}"),
)
CALCULUS = Family(
    (
        "derivative", "differentiate", "d/d", "ableitung", "leite ", "integra", "integri", "stammfunktion", "area",
        "limit",
        "grenzwert", "limes",
    ),
    _RULES,
)  # fmt: skip
