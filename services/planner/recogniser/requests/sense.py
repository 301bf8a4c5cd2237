"""Unknown words that show that a question with the right keywords and values wants something else."""

import re
from collections.abc import Sequence
from itertools import pairwise

from services.planner.recogniser.clauses import changes_a_request
from services.planner.recogniser.filler import words

Piece = tuple[
    str, str
]  # k keyword, v value, f filler, t thing, e event, i if, u unknown word, S sign; text in lower case

_ASKS_FOR = words("what which whichever how whose welche welcher welches welchen welchem many much viele wieviele else")
_YES_OR_NO = words("is are does did has ist sind hat haben")
_PURPOSE = words("for für laut according because weil since")
# verbs and nouns of errands: the value is only mentioned
_ERRANDS = words(
    "rid send sends order bestelle bestellen überweise überweisen train zug flug flight bus author autor price preis"
    " past saying secure infected infiziert hack hacked paint buy book reserve block wanna marry song hate trust"
    " rude google"
    " magst mag erzähl erzähle spricht saw wall really etwas crack pregnancy school kids urlaub vielfache vielfaches"
    " multiple behind bank umfang kreises bmi up logs report love implement implementiere"
    " develop entwickle organise organize"
)
_ACTS = words("plan order make broadcast block draw paint name train fly")
_OTHER_WISH = re.compile(
    r"\b(?:how (?:do|can|could|should|would|might) (?:i|we|you|one|they)(?! (?:write|say|express|get|spell))"
    r"|wie (?:kann|geht"
    r"|mache?|macht|mach|soll|könnte|funktioniert|komme)|wie (?!schreib|liest|viele?|spät)\w+ (?:ich|man)|what if"
    r"|was wenn"
    r"|rechne .*\bvor|e \. g|(?:and|und) (?:how|who|why|where|wer|wo|warum)"
    r"|(?<!would )(?<!i'd )(?<!looks )(?<!look )like(?! terms))\b"
)
_SECOND = re.compile(
    r"(?:and|und|or|oder|but|aber) (?:what|how|who|which|where|when|why|is|are|does|was|wie|welche\w*|wer|wo"
    r"|wann|ist|sind)$"
)
_CLAUSE_END = frozenset(",;:?!.\u2013\u2014…(") | {"...", "->"}


def is_about_something_else(pieces: Sequence[Piece], *, yes_or_no: bool) -> bool:
    first, second = [*(text for _, text in pieces), "", ""][:2]
    kinds = [kind for kind, _ in pieces]
    unknown = [text for kind, text in pieces if kind == "u"]
    text = " ".join("" if kind == "k" and text.startswith(("and ", "und ")) else text for kind, text in pieces)
    if not yes_or_no and first in _YES_OR_NO:
        return True
    if kinds[:1] == ["v"] and second in ("is", "ist", "was", "war", "are", "sind") and not _is_open(pieces):
        return True
    if _OTHER_WISH.search(text) or (first in _ACTS and kinds[0] != "k" and unknown):
        return True
    if _asks_for_another_thing(pieces) or _is_of_a_thing(pieces) or (kinds[:1] == ["u"] and second in _AFTER_A_VERB):
        return True
    if (any(kind == "i" for kind in kinds) and unknown) or _asks_what_it_is(pieces):
        return True
    if not unknown:
        return _names_another_thing(pieces)
    if not _ERRANDS.isdisjoint(unknown) or changes_a_request(" ".join(unknown)):
        return True
    return (
        _counts_others(pieces)
        or _names_another_thing(pieces)
        or _has_more_after_the_request(pieces)
        or _has_a_second_wish(pieces)
    )


def refers_to_a_value(asked: Sequence[Piece]) -> bool:
    """True if the clauses that ask refer to something told: `is that IBAN valid`, or just `median?`."""
    said = {text for _, text in asked}
    if not _REFERENCES.isdisjoint(said):
        return _has_few_unknown(asked)
    return _ARTICLES.isdisjoint(said) and all(kind != "u" for kind, _ in asked)


def is_about_a_value(asked: Sequence[Piece]) -> bool:
    """True for clauses that ask with a value and hardly any unknown word: `how many is that in cm`."""
    return any(kind == "v" for kind, _ in asked) and _has_few_unknown(asked)


def _has_few_unknown(asked: Sequence[Piece]) -> bool:
    return sum(kind == "u" for kind, _ in asked) <= _MOST_UNKNOWN


_MOST_UNKNOWN = 2
_REFERENCES = words(
    "that this it its it's these those them they their the then there das dies es diese dieser dieses diesem diesen ihn"
    " ihm ihr sie er der die den dem damit dazu darin darauf daraus davon danach dann da dort"
    " im am zum vom beim x y z n"
)


def _is_open(pieces: Sequence[Piece]) -> bool:
    return any(
        text.startswith(("?", "what", "which", "welche", "how", "wie")) or text in ("or", "oder") for _, text in pieces
    )


_AFTER_A_VERB = words("a an the my our me us some einen eine den die das dem mir uns")  # an unknown imperative
_OTHERS = words(
    "teacher lehrer lehrerin student person bank book product country author shop brand website buch land firma marke"
    " laden"
)
_OPEN_QUESTIONS = words("what was how")
_AUXILIARIES = words("do does did can could would should will")
_LISTS = words("name nenne list liste")
_COPULAS = words("is are was were be sind ist war waren wäre wären")
_BETWEEN = words(
    "a an the my our your some der die das den mein meine unser unsere eine ein einen really actually me mir"
)


def _asks_for_another_thing(pieces: Sequence[Piece]) -> bool:
    """`what are good names for`, `name a flower with the colour`, and `how do engineers use`."""
    for place, ((kind, text), (_, following)) in enumerate(pairwise(pieces)):
        if text == "how" and following in _AUXILIARIES and _is_other(pieces[place + 2 : place + 3]):
            return True
        is_list = not place and text in _LISTS and following in _BETWEEN
        is_what = kind in "fk" and text in ("what", "was", "wer", "who") and following in _COPULAS
        if is_list or is_what:
            rest = [piece for piece in pieces[place + 1 :] if piece[1] not in _BETWEEN | _COPULAS]
            if _is_other(rest[:1]):
                return True
    return False


def _asks_what_it_is(pieces: Sequence[Piece]) -> bool:
    """`… What is a derivative?`, and `… What are prime factors?`"""
    start = 0
    for place, (kind, text) in enumerate([*pieces, ("S", "?")]):
        if kind != "S" or text not in _SENTENCE_END:
            continue
        sentence = [piece for piece in pieces[start:place] if piece[0] != "S"]
        said, kinds = [text for _, text in sentence], [kind for kind, _ in sentence]
        has_article = said[2:3] != [] and said[2] in _ARTICLES
        terms = kinds[3:] if has_article else kinds[2:] if said[1:2] in (["are"], ["sind"]) else []
        if start and tuple(said[:2]) in _WHAT_IS and set(terms) == {"k"}:
            return True
        start = place + 1
    return False


_SENTENCE_END = frozenset(".?!")
_WHAT_IS = frozenset({("what", "is"), ("what", "are"), ("was", "ist"), ("was", "sind")})
_ARTICLES = words("a an ein eine")


def _is_other(pieces: Sequence[Piece]) -> bool:
    return any(kind in "ut" for kind, _ in pieces)


def _is_of_a_thing(pieces: Sequence[Piece]) -> bool:
    """`how many feet are 180 cm shoes`, and `3 hours in seconds flat`: a thing right after the value, at the end."""
    said = [(kind, text) for kind, text in pieces if kind != "S" or text in _CLAUSE_END]
    return any(
        first in ("v", "k") and second == "t" and (not after or after in _CLAUSE_END)
        for (first, _), (second, _), (_, after) in zip(said, said[1:], [*said[2:], ("", "")], strict=False)
    )


def _names_another_thing(pieces: Sequence[Piece]) -> bool:
    """`which country`, `how many printers`, and `3 books`."""
    for first, second in pairwise(pieces):
        asked = first[1].split()[-1:]
        is_open = asked and asked[0] in _OPEN_QUESTIONS
        if asked and asked[0] in ("which", "welche", "welcher", "welches", "welchem") and second[1] in _OTHERS:
            return True
        if second[0] == "u" and ((asked and asked[0] in _ASKS_FOR) or _is_number(first)):
            return True
        if second[0] == "t" and ((asked and asked[0] in _ASKS_FOR and not is_open) or _is_number(first)):
            return True
    return False


def _counts_others(pieces: Sequence[Piece]) -> bool:
    """`how many hosts are infected`, and `which week of pregnancy`."""
    is_counted = False
    for (kind, text), (next_kind, next_text) in pairwise([*pieces, ("", "")]):
        is_counted = (is_counted or text.startswith(_COUNTS)) and text not in _CLAUSE_END
        if kind in "kf" and next_kind == "u" and (is_counted or text in ("of", "von")):
            return True
        if kind == "u" and is_counted and next_text:
            return True
    return False


_COUNTS = ("how many", "wie viele", "wieviele", "number of", "anzahl", "count the")


def _is_number(piece: Piece) -> bool:
    return piece[0] == "v" and len(piece[1]) < _LONG_NUMBER and _NUMBER.fullmatch(piece[1]) is not None


_LONG_NUMBER = 8
_NUMBER = re.compile(r"\d+(?:[.,]\d+)?")
_MUST = words("muss müssen kann können will wollen möchte soll")


def _has_more_after_the_request(pieces: Sequence[Piece]) -> bool:
    """An unknown word after all keywords and values of a clause, unless it is of the purpose."""
    last = max((place for place, (kind, _) in enumerate(pieces) if kind in "kv"), default=0)
    for kind, text in pieces[last + 1 :]:
        if text in _CLAUSE_END or (text in _PURPOSE and _is_own_purpose(pieces, text)):
            return False
        if kind == "u":
            is_verb = text.endswith("n") and any(word in _MUST for _, word in pieces)  # wann muss ich … einschalten
            return not is_verb
    return False


def _is_own_purpose(pieces: Sequence[Piece], word: str) -> bool:
    """`for my sheet`, but not `for kids`."""
    return any(first == word and kind == "f" for (_, first), (kind, _) in pairwise(pieces))


def _has_a_second_wish(pieces: Sequence[Piece]) -> bool:
    """`… and what is the capital of France`."""
    for place, ((_, first), (_, second)) in enumerate(pairwise(pieces)):
        if _SECOND.match(f"{first} {second.split()[0] if second.split() else ''}"):
            return any(kind == "u" for kind, _ in pieces[place + 2 :])
    return False
