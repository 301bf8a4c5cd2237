"""Matches of a regular expression in a text, and the difference of two texts."""

import re

from services.planner.recogniser.call import ToolCall
from services.planner.recogniser.comparisons import CONTEXT, lines_of_context, wants_more_than_a_diff
from services.planner.recogniser.filler import words
from services.planner.recogniser.literals import MARK
from services.planner.recogniser.names import is_file
from services.planner.recogniser.requests.reader import Reading, Request
from services.planner.recogniser.requests.texts import OF_TEXTS

_REGEX = re.compile(r"[\\\[\]{}^$+*|]|\.\*|#")
_STRONG = r"\\[dwsbDWSB.]|\[[^\]\s]+\][+*?{]?|\([^)\s\ue000]*\||\)[+*?]|\([^)\s\ue000]*[\\.][^)\s]*\)|\.[*+]|\w\{\d"
# a sign of punctuation is one of the pattern if more of it follows, or the sentence goes on after `?`
_SIGNS = r"(?:[^\s\ue000,.?!:;]|[,.?!:;](?=[^\s\ue000])|\?(?= [a-zäöü\ue000(]))"
_NAMES = ("regex", "regexp", "egex:", "attern", "attern:", "uster", "uster:", "usdruck", "usdruck:", "usdrucks",
          "xpression", "xpression:", "of", "on", "von")  # fmt: skip
_PATTERN = (
    rf"(?<![\w\\])(?:\^[^\n\ue000]{{1,60}}?(?<=\S)\$(?=[\s,]|$)|(?=[^\s\ue000]*(?:{_STRONG})){_SIGNS}+"
    rf"|(?:{'|'.join(f'(?<={name} )' for name in _NAMES)})(?=[^\s\ue000]*[\\\[{{(^$+*|]){_SIGNS}{{2,}})"
)
_FLAGS = (
    r"(?i:(?:with |mit |and |und )?(?:the |dem |den )?(?:flags?|modifiers?|schalter)[ :=]{1,2}/?"
    r"[a-z](?:[, +]{0,2}[a-z](?!\w)|[imsgu](?=[imsgu]*(?!\w)))*)(?!\w)"
)
_NAMED = rf"(?:{'|'.join(f'(?<={name} )' for name in _NAMES[:-3])}){MARK}"  # the regex `error`
_SLASHED = re.compile(r"/(.+)/([a-z]*)")
_KNOWN_FLAGS = frozenset("imsgu")
_FLAG_OF = {"insensitive": "i", "multiline": "m", "dotall": "s"}


def _extracted(reading: Reading) -> ToolCall | None:
    """One pattern, bare or quoted, and one quoted text."""
    texts, bare = reading.all("text"), [*reading.all("named"), *reading.all("pattern")]
    if len(texts) + len(bare) != 2 or not texts or reading.has("other"):
        return None
    patterns = [text for text in texts if _REGEX.search(text) and " " not in text]
    if bare:
        pattern, text = bare[0], texts[0]
    elif len(patterns) == 1:
        pattern, text = patterns[0], next(text for text in texts if text != patterns[0])
    else:
        return None
    is_bare = bool(bare) and reading.has("apply") and all(kind != "u" for kind, _ in reading.pieces)
    if not (reading.has("match") or is_bare) or is_file(text) or pattern.startswith(("$.", "$[")):
        return None  # a JSONPath
    slashed = _SLASHED.fullmatch(pattern)
    pattern, letters = (slashed[1], slashed[2]) if slashed else (pattern.rstrip(",;"), "")
    flags = _flags(reading, letters)
    if flags is None or not _is_pattern(pattern):
        return None
    return ToolCall("regex_extract", {"pattern": pattern, "text": text, **({"flags": flags} if flags else {})})


def _is_pattern(text: str) -> bool:
    try:
        re.compile(text)
    except re.error:
        return False
    return True


def _flags(reading: Reading, letters: str) -> str | None:
    """The flags in words and letters; None if one is unknown."""
    for phrase in reading.all("flags"):
        letters += re.sub(r".*(?:flags?|modifiers?|schalter)[ :=/]*", "", phrase.lower())
    found = set(re.sub(r"[^a-z]", "", letters)) | {_FLAG_OF[key] for key in reading.keys if key in _FLAG_OF}
    return "".join(sorted(found - {"g", "u"})) if found <= _KNOWN_FLAGS else None


_SETTING = re.compile(r"\w[:=] ?\S|\d")


_DIFF = re.compile(r"(?i:\bdiff\b(?! between| zwischen| bei| in))")  # `the diff between AI and ML` is no comparison


def _are_lines(old: str, new: str, *, is_clear: bool) -> bool:
    """Whether two texts are compared by their letters: names and sentences are compared by their meaning."""
    first, second = old.split(), new.split()
    shared = len(set(first) & set(second))
    is_similar = 2 * shared > max(len(first), len(second))
    if "\n" in old or "\n" in new:
        return True
    if is_clear or (_SETTING.search(old) and _SETTING.search(new)):
        return shared > 0 or (is_clear and min(len(first), len(second)) > 2)
    return is_similar and min(len(first), len(second)) > 2


_NEW = words("new neu neue neuen neuer now jetzt after nachher updated edited current aktuelle")
_OLD = words("old alt alte alten alter original originale before vorher previous earlier used was frühere früheren")


def _is_turned(text: str) -> bool:
    """True if the first text is called the new one, or the second one the old."""
    before, between, after = (re.findall(r"\w+|\(", part) for part in text.lower().split(MARK))
    first = {*before[-3:], *(between[1:2] if between[:1] == ["("] else [])}
    second = {*between[-3:], *(after[1:2] if after[:1] == ["("] else [])}
    return not _NEW.isdisjoint(first) or (not _OLD.isdisjoint(second) and between[:1] != ["("])


def _compared(reading: Reading) -> ToolCall | None:
    texts = reading.all("text")
    if len(texts) != 2 or not (reading.has("diff") or reading.has("changed")) or any(is_file(text) for text in texts):
        return None
    if wants_more_than_a_diff(reading.text) or _is_turned(reading.text):
        return None
    phrases = reading.all("context")
    if not _are_lines(texts[0], texts[1], is_clear=reading.has("changed") or _DIFF.search(reading.text) is not None):
        return None
    if len(phrases) > 1:
        return None
    context = {"context": lines_of_context(phrases[0])} if phrases else {}
    return ToolCall("text_diff", {"old": texts[0], "new": texts[1], **context})


REQUESTS = (
    Request(
        ("match", "wende ", "anwenden", "apply", "\\d", "\\w", "\\s", "\\b", "]+", "]{", "]*", ".*", ".+", "^", "|",
         "regex", "regexp", "pattern", "muster", "regul", "treffer", "ausdruck", "extract", "extrahiere"),
        {"named": _NAMED, "text": MARK, "flags": _FLAGS, "pattern": _PATTERN},
        {
            "insensitive": r"case[- ]insensitive(?:ly)?|ignor(?:ing|e) (?:the )?case"
            r"|(?:regardless|irrespective) of case"
            r"|case (?:doesn't|does not) matter|(?:ohne |unabhängig von (?:der )?)groß-?(?: und )?/?-?kleinschreibung"
            r"|groß-?(?: und | oder )?/?-?kleinschreibung (?:ist |soll )?(?:egal|ignorieren|ignoriert|nicht beachten)"
            r"|egal ob groß oder klein(?:geschrieben)?|ignorecase",
            "multiline": r"multi-?line(?:[- ](?:mode|modus|flag))?|mehrzeilig\w*(?: modus)?|mehrzeilen-?modus",
            "dotall": r"dot-?all(?:[- ](?:mode|modus|flag))?",
            "other": r"replac\w*|substitut\w*|ersetz\w*|split\w*|remove[sd]?|strip|entfern\w*|delete|redact|mask\w*"
            r"|simplif\w*|shorter|faster|overlap\w*|full(?:y|[- ]?match\w*)|entirely|completely|vollständig|komplett"
            r"|whole|entire|ganze[nrms]?"
            r"|re\.\w+|starts? with|beginnt mit"
            r"|sum|summe|sort(?:ed|iert)?|longest|shortest|längste\w*|kürzeste\w*"
            r"|(?:second|third|zweite\w*|dritte\w*) (?:match|treffer)|überlapp\w*"
            r"|(?:non-?|un)greedy|lazy"
            r"|first match|last match|ersten? treffer|letzten? treffer",
            "match": r"match(?:es|ing|ed|t|en)?|wende(?=.* an)|reg(?:ex|exp)(?:es)?|patterns?|muster"
                r"|regular expression|reguläre[rn]? ausdr(?:uck|ucks)|treffer|regulären ausdruck"
            r"|extract(?:s|ed)?|extrahiere|finds?|groups?|gruppen|occurrences?|fundstellen|vorkommen|capture groups?",
            "apply": r"appl(?:y|ied)|anwenden|angewendet|angewandt|on|auf|against|gegen|in|over|an|to|run|test",
        },
        _extracted,
        OF_TEXTS | words("anything something any etwas irgendetwas irgendwas does apply all every find run show groups"
                     " angewendet wende anwenden finde alle in from gegen against"
                     " captures capture use list pull everything alles was das greift give gives"
                     " return returns positions"
                     " positionen positions position mitsamt inklusive samt including"),
        4,
        yes_or_no=True,
    ),
    Request(
        ("diff", "changed", "unterschied", "geändert", "vergleich", "compare"),
        {"text": MARK, "context": CONTEXT},
        {
            "changed": r"what (?:has |was )?changed|what changes|was (?:wurde |hat sich )?geändert|line by line"
            r"|zeile für zeile|changed|changes",
            "diff": r"(?:unified |text |line )?diffs?(?:erences?|er)?|unterschied(?:e|en|lich)?|vergleiche?n?|compare",
        },
        _compared,
        OF_TEXTS | words("old new alt neu alte neue version versions before after first second texts texte fassung"
            " fassungen"
                     " from to draft drafts original two paragraphs lines zeilen sentences sätze what"),
        4,
    ),
)  # fmt: skip
