"""Strips text around a request that requests nothing: list marks, labels, context, thanks, `just the result`.

A sentence of context is dropped only if it cannot change the request. It then has no number, quote, question or
negation, and no word about the form of the answer.
"""

import re

from services.planner.recogniser.filler import words

_ANY_CASE = re.IGNORECASE
# `2. Ableitung` is not a list item: a number with a point is a list mark only before a requesting word
_LIST_MARK = re.compile(
    r"(?:[-*•>]|#{1,3}|[1-9]\)) (?=[^\W\d_]{2,} )|[1-9]\. (?=(?:what|which|how|is|are|does|calculate|compute|find"
    r"|convert"
    r"|determine|please|solve|count|check|write|encode|decode|hash|list|give|tell|validate|verify|simplify|integrate"
    r"|differentiate|compare|factori[sz]e|add|run|inspect|read|look|get|work|was|wie|welche[rsnm]?|ist|wann|berechne"
    r"|bestimme"
    r"|rechne|wandle|finde|prüfe|löse|nenne|zähle|schreibe|bitte|kodiere|dekodiere|leite|integriere|vereinfache"
    r"|vergleiche"
    r"|zerlege|liste|bilde|addiere|ermittle|überprüfe|lies) )",
    re.IGNORECASE,
)
_BOLD = re.compile(r"(\*\*|__)([^*_].*)\1")
_OPENER = re.compile(
    r"(?:(?:(?:ok(?:ay)?|hey) (?:google|siri|alexa|computer|jarvis)|alexa|siri)(?= )|(?:alexa|siri|computer|claude"
    r"|chat ?gpt|gpt|gemini|copilot|assistant|bot|google|hey google"
    r"|cortana|jarvis)[,:!.]"
    r"|(?:q|question|task|exercise|problem|todo|aufgabe|frage|query)(?: ?\d{1,3})?[:.)]"
    r"|(?:(?:a|one|just a|eine|nur eine|noch eine) )?(?:quick|short|simple|small|kurze|kleine|schnelle|einfache) "
    r"(?:question|one|thing|frage|sache)[:,.!]?|(?:ok(?:ay)?|so|um|yo|alright|also|sag mal|sorry|excuse me"
    r"|entschuldigung|na)[,!]?"
    r"|(?:hey|hi|hello|hallo|moin|servus)(?: there)?[,!.]?) ",
    _ANY_CASE,
)
_CONTEXT = re.compile(
    r"(?:i|i'm|i am|i've|i have|we|we're|we are|my|our|this is|that's|it's|for (?:an?|the|my|our)|ich|wir|mein|meine"
    r"|unser"
    r"|unsere|das ist|dies ist|für (?:ein|eine|einen|die|das|den|meine?n?|unsere?n?)) "
    r"[^.!?:;\d\ue000\"'`(]{3,100}[.!:] (?=\S)",
    _ANY_CASE,
)
_PURPOSE = re.compile(
    r"for (?:an?|the|my|our) (?:[^\W\d_]+ ){1,5}(?=i need|i want|i have|i'd|i must|i would|i should|i could"
    r"|could you|can you|please|we need)"
    r"|(?:in order )?to (?:verify|check|test|debug|finish|complete|fix|prepare|plan|settle|compare|confirm)"
    r" (?:[^\W\d_]+ ){1,5}"
    r"(?=i need|i want|i have|i'd|i must|i would|we need)"
    r"|für (?:ein|eine|einen|die|das|den|meine?n?|unsere?n?) (?:[^\W\d_]+ ){1,5}(?=(?:brauche|suche|benötige"
    r"|möchte|bräuchte|hätte|würde|müsste"
    r"|muss) ich)"
    r"|for (?:an?|the|my|our) (?:[^\W\d_]+ ){0,4}[^\W\d_]+, |für (?:ein|eine|einen|die|das|den|meine?n?|unsere?n?) "
    r"(?:[^\W\d_]+ ){0,4}[^\W\d_]+[,:] ",
    _ANY_CASE,
)
_CHANGES_THE_REQUEST = re.compile(
    r"\b(?:not|no|never|without|answer\w*|repl(?:y|ies)|respond\w*|pretend\w*|act|acting|explain\w*|translat\w*|rhym\w*"
    r"|poem|story|speak\w*|instead|except|only|wrong|assum\w+|suppos\w+|imagin\w+|rule|rules|ignore\w*|joke\w*|lie|lies"
    r"|nicht|kein\w*|nie|niemals|ohne|antwort\w*|erklär\w*|übersetz\w*|reim\w*|gedicht|geschichte|statt|außer|falsch\w*"
    r"|rephras\w*|reword\w*|formulier\w*|umformulier\w*|summar\w*|zusammenfass\w*|pirat\w*|guess\w*"
    r"|(?:need|want|wish|brauche|möchte|will|hätte)(?! (?:some |a bit of |your |bitte |etwas |kurz |deine )?(?:help"
    r"|hilfe))"
    r"|angenommen|stell|regel\w*|ignorier\w*|nur|witz\w*|lüge\w*)\b|n't\b",
    _ANY_CASE,
)
_CLOSER = re.compile(
    r"(?:[.,;?!]+|(?<=[^,]) -)? ?\(?(?<![\w])(?:(?:(?:just|only) (?:give me )?|give me (?:just|only) )(?:the |a"
    r" )?(?:final )?(?:result|answer|number|value)s?"
    r"|no (?:explanations?|steps?)(?: needed| required| necessary)?|without (?:any )?explanations?|short answer"
    r"|(?:many )?thanks(?: in advance| a lot| so much)?|thank you(?: in advance| very much| so much)?|or not|yes or"
    r" no|ja oder nein|cheers"
    r"|thx|pls|plz"
    r"|nur (?:das (?:end)?ergebnis|die zahl|die antwort|den wert)|ohne (?:erklärung|begründung|rechenweg|erläuterung)"
    r"|keine erklärung(?: nötig)?|kurze antwort|(?:vielen |besten |herzlichen )?dank(?: im voraus)?"
    r"|danke(?: dir| ihnen| schon mal| im voraus)?|for (?:my|our) (?:[^\W\d_]+ )?(?:homework|class|school|project"
    r"|work|report|exam|test|assignment|thesis|course|job)"
    r"|für (?:meine?n?|unsere?n?|die) (?:hausaufgaben?|schule|arbeit|projekt|bericht|prüfung|klausur|referat|uni"
    r"|kurs)|oder nicht|please|bitte|for me|danke)(?:,? (?:please"
    r"|bitte))?\)?[.!]*",
    _ANY_CASE,
)
_CLOSING_WORD = re.compile(r"(?<![^\W\d_])[^\W\d_]++(?=[).!]*$)")
_CLOSING_WORDS = words("""
result results answer answers number numbers value values explanation explanations step steps needed required
necessary thanks advance lot much you not cheers thx pls plz ergebnis endergebnis zahl antwort wert erklärung
begründung rechenweg erläuterung nötig dank voraus danke dir ihnen mal nicht homework class school project work
report exam test assignment thesis course job hausaufgabe hausaufgaben schule arbeit projekt bericht prüfung klausur
referat uni kurs please bitte me no nein
""")
_LONGEST_CLOSING = 60
_MOST_SENTENCES = 2


def without_opening(text: str) -> str:
    """Strip list marks, labels, greetings and sentences of context before the request."""
    if bold := _BOLD.fullmatch(text):
        text = bold[2]
    while opening := _LIST_MARK.match(text) or _OPENER.match(text):
        text = text[opening.end() :]
    for _ in range(_MOST_SENTENCES):
        context = _CONTEXT.match(text) or _PURPOSE.match(text)
        if context is None or _CHANGES_THE_REQUEST.search(context.group()):
            break
        text = text[context.end() :]
    return text


def without_closing(text: str) -> str:
    """Strip thanks and wishes for a short answer after the request."""
    while (
        last := _CLOSING_WORD.search(text[-_LONGEST_CLOSING:])
    ) is not None and last.group().lower() in _CLOSING_WORDS:
        tail = max(0, len(text) - _LONGEST_CLOSING)
        closing = next((found for found in _CLOSER.finditer(text, tail) if found.end() == len(text)), None)
        if closing is None or closing.start() == 0:
            break
        text = text[: closing.start()].rstrip(" ,")
    return text
