"""Words of a question that change its request, and words that name the subject of a tool."""

import re

from services.planner.recogniser.families import FAMILIES
from services.planner.recogniser.filler import words
from services.planner.recogniser.intents import INTENTS, mathematics, science

_SHORTEST_CUE = 4
_LONGEST_ENDING = 2
# words that change the request, ask for something besides the value, or tell of it without a request
CHANGING_WORDS = words("""
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
double doubled twice thrice triple doppelt doppelte doppelten dreifach uppercase uppercased lowercase lowercased
großbuchstaben kleinbuchstaben großgeschrieben kleingeschrieben reversed backwards rückwärts transposed transponiert
flipped mirrored rotated gespiegelt gespiegelte gespiegelten gedreht closest nearest nächsten allowed erlaubt avoiding
avoid avoids bypassing via overlapping überlappend überlappende salted trailing
descending absteigend
""")
_NEGATION = re.compile(r"n['\u2019]t\b")
_QUESTION = re.compile(
    r"\b(?:what(?:['\u2019]?s)?|(?<![a-z] )which|how|when|was(?= (?:ist|sind|wäre|macht|ergibt|kommt))"
    r"|welche[rnsm]?|wie|wieviele?"
    r"|wann)\b"
)
_INTENTS = tuple(intent for intent in INTENTS if intent not in (science.CONSTANT, mathematics.SOLVED))


# a word of one subject in a question about another one
_ALL_CUES = (*(intent.cues for intent in _INTENTS), *(family.cues for family in FAMILIES))
_SUBJECTS = sorted({cue for cues in _ALL_CUES for cue in cues if cue.isalpha() and len(cue) >= _SHORTEST_CUE})
_ANY_SUBJECT = re.compile(rf"(?:{'|'.join(_SUBJECTS)}|day|tag|odd|even|half|per|times|gap|older|net|host)")


# they only begin like the name of a subject
_EVERYDAY = words("""
factory factories factor's person persons personal personally persönlich persönliche personen personalausweis perfect
perfectly perfekt performance perfume pergola workshop workshops workbook daylight monthly quarterly
""")


def is_of_a_subject(word: str) -> bool:
    """True for a word that names what one of the tools is about."""
    return _ANY_SUBJECT.match(word) is not None and word not in _EVERYDAY


def names_a_subject(word: str) -> bool:
    """True for such a word in one of its forms, but not in a longer word: `week` and `weeks`, but not `weekend`."""
    found = _ANY_SUBJECT.match(word)
    return found is not None and len(word) - found.end() <= _LONGEST_ENDING


def may_change_a_request(word: str) -> bool:
    """True for a negation, a condition, or a word that asks for something besides the value."""
    return word in CHANGING_WORDS or _NEGATION.search(word) is not None


def count_questions(lowered: str) -> int:
    return len(_QUESTION.findall(lowered))
