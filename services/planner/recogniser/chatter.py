"""Finds one request among words of any kind: `the landlord sent this IBAN: …, is it valid?`.

The last attempt, after the grammars and the intents. The words around the keyword and the values of one intent are
free, but none may change or add to the request, and there is at most one question. If two intents read different
calls, neither is made.
"""

import re
from collections.abc import Iterator

from services.planner.recogniser.families import FAMILIES
from services.planner.recogniser.filler import is_filler, words
from services.planner.recogniser.intents import INTENTS, mathematics
from services.planner.recogniser.phrasing import UnwrappedQuestion

LONGEST = 260
_SHORTEST_CUE = 4
_MOST_WORDS = 14
_VALUE = re.compile(r"[\d\ue000(^*=∫]|\b[A-Z]-[A-Z]\b|[MDCLXVI]{2}|[A-Z][a-z]?[A-Z]")
_WORD = re.compile(r"(?<![\w'])[^\W\d_]{2,}(?:['\u2019][^\W\d_]+)?(?!\w)")
# words that change the request, ask for something besides the value, or tell of it without a request
_CHANGES = words("""
population grundgesamtheit inclusive inclusively including einschließlich inklusive beider no not never without
instead except unless otherwise only suppose supposing assume assuming
imagine pretend why explain explains explained explanation meaning translate rhyme poem haiku write writing story
rephrase reword paraphrase repeat quote proofread rewrite summarize summary describe define discuss improve edit
shorten compose draft continue respond reply act sing guess guesses ignore forget joke lie wrong title headline
caption slogan prompt french spanish italian python code program script excel formula sql difference example examples
should better best worst good bad nice think thinks thought opinion feel feels lucky log logarithm believe recommend
suggest advice advise worth safe dangerous cheap cheaper expensive prettier ugly enough happened happen happens
history famous who whose where cause reason because since although though step steps proof prove theorem algorithm
method learn teach idea ideas tips tip book fix bug error fails failed crash install configure setup vs versus compare
compared likely unlikely stop remember remind meeting email letter essay song movie film game draw plot sketch ping
block unblock allow deny ban visit buy sell cancel delete remove open close important favourite favorite about learned
mean means meant interesting sunny rain rained interpret interpretation weather tomorrow yesterday today zeichne
zeichnen skizziere plotte blockiere sperre schönste schönsten beliebteste wichtigste lieblings öffne kaufe verkaufe
lösche nicht kein keine keinen keinem keiner nie niemals ohne statt außer nur sonst angenommen warum wieso weshalb
erkläre erklär erklären erklärst bedeutung übersetze übersetz reime gedicht geschichte schreib formuliere
umformulieren wiederhole zitiere fasse beschreibe definiere errate ignoriere vergiss witz lüge falsch titel satz
überschrift programm formel unterschied wer wessen wo beispiel beispiele sollte soll sollten sollen besser schlecht
schlechter gut schön finde findest meinst denkst glaubst meinung empfiehlst empfehlen lohnt sicher gefährlich teuer
billig genug passierte passiert geschah berühmt grund weil obwohl seit schritt schritte beweis beweise satzes hard
easy difficult relevant antworte antworten wozu hältst hälst leicht schwierig if wenn ob whether too mine yours
methode lernen lerne idee ideen tipp tipps fehler heute morgen gestern wetter treffen bedeutet interessant hübscher
""")
_NEGATION = re.compile(r"n['\u2019]t\b")
_QUESTION = re.compile(
    r"\b(?:what(?:['\u2019]?s)?|(?<![a-z] )which|how|when|was(?= (?:ist|sind|wäre|macht|ergibt|kommt))"
    r"|welche[rnsm]?|wie|wieviele?"
    r"|wann)\b"
)
_MOST_QUESTIONS = 1
_INTENTS = tuple(intent for intent in INTENTS if intent not in (mathematics.CONSTANT, mathematics.SOLVED))


_CUES = re.compile("|".join(sorted({re.escape(cue) for intent in _INTENTS for cue in intent.cues})))


def may_hold_a_request(plain: str) -> bool:
    """True if there is a value, a cue of an intent, one question at most, and no word that changes the request."""
    lowered = plain.lower()
    if len(plain) > LONGEST or not _VALUE.search(plain) or not _CUES.search(lowered):
        return False
    found = _WORD.findall(lowered)
    if not _CHANGES.isdisjoint(found) or _NEGATION.search(lowered):
        return False
    if sum(not is_filler(word) for word in found) > _MOST_WORDS:
        return False
    return len(_QUESTION.findall(lowered)) <= _MOST_QUESTIONS


# a word of one subject is no chatter in a question about another one
_ALL_CUES = (*(intent.cues for intent in _INTENTS), *(family.cues for family in FAMILIES))
_SUBJECTS = sorted({cue for cues in _ALL_CUES for cue in cues if cue.isalpha() and len(cue) >= _SHORTEST_CUE})
_ANY_SUBJECT = re.compile(rf"(?:{'|'.join(_SUBJECTS)}|day|tag|odd|even|half|per|times|gap|older|net|host)")


def _is_chatter(word: str) -> bool:
    return _ANY_SUBJECT.match(word) is None


def rewritings_of_chatter(asked: UnwrappedQuestion) -> Iterator[UnwrappedQuestion]:
    """Yield what each intent reads if unknown words count as filler."""
    for intent in _INTENTS:
        if (form := intent.rewritten(asked, chatter=_is_chatter)) is not None:
            yield form
