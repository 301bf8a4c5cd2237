"""Two texts to be compared line by line: after labels, between rulers, in two paragraphs, or in code fences.

Who marks two texts and asks for their differences wants a diff, whatever else is told about them. Other wishes about
the two texts (`which one reads better`, `ignore the case`, `word by word`) are left to a model.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from services.planner.recogniser.labels import STRICT, Label, labels_of_two, side_of
from services.planner.recogniser.lines import is_closing, is_ruler, quoted_block, trimmed, without_rulers
from services.planner.recogniser.literals import MARK, without_literals

_ANY_CASE = re.IGNORECASE
_LINE_WISE = (
    r"(?:unified|line|text)?[- ]?diff(?:s|ed|e|en)?|udiff|patch format|unified[- ]?(?:format|ausgabe)?"
    r"|zeilen(?:vergleich|weise|diff)\w*|line[- ](?:by[- ]line|wise)|zeile für zeile|linewise"
    r"|(?:what|which|how|anything|lines?|the|all|any|list|show|see|spot|find)(?: [\w']+){0,4} chang(?:ed|es?)"
    r"|(?:was|were|lines?|entries|items|got|been)(?: (?:are|were|is|got))? (?:added|removed|deleted|new|different)"
    r"|(?:added|removed|deleted|inserted)(?:,| or| and|/) ?(?:added|removed|deleted|inserted|changed)"
    r"|(?:was|welche[rns]?|zeilen?|die|alle|etwas)(?: \w+){0,5} (?:(?:ge|ver)änderte?n?|änderungen?)"
    r"|(?:hinzugefügt|hinzugekommen|dazugekommen|entfernt|gelöscht|weggefallen"
    r"|rausgeflogen|neu dazu)(?: (?:oder|und) \w+)?"
    r"|(?:which|what) lines? (?:is |are |have )?(?:differ\w*|different|changed|new)"
    r"|(?:welche )?zeilen (?:unterscheiden|sind (?:anders|neu|verschieden)|weichen|abweich\w*|haben)"
)
_ROUGHLY = (
    r"compar(?:e[sd]?|ing|ison)|differ(?:s|ed|ence|ences|ent)?|unterschied(?:e|en|lich\w*)?|unterscheide[nt]"
    r"|vergleich(?:e[nst]?)?|vergleicht|abweichung(?:en)?"
)
_LINE_WISE_CUE = re.compile(rf"(?<![\w-])(?:{_LINE_WISE})(?![\w-])", _ANY_CASE)
ASKS_FOR_A_COMPARISON = re.compile(rf"(?<![\w-])(?:{_LINE_WISE}|{_ROUGHLY})(?![\w-])", _ANY_CASE)
_OTHER_WISH = re.compile(
    r"\b(?:why|explain\w*|summar\w*|describe\w*|paraphras\w*|translat\w*|mean\w*|better|worse|best|prefer\w*|recommend\w*"
    r"|improv\w*|rewrit\w*|rephras\w*|merg\w*|combin\w*|commit\w*|changelog|release notes?|e-?mail|grammar|tone|style"
    r"|correct|fix\w*|bugs?|impact|breaks?|breaking|safer?|secur\w*|faster|equivalent|semantic\w*|ignor\w*|regardless"
    r"|case[- ]insensitive\w*|whitespaces?|side[- ]by[- ]side|html|table|word[- ](?:by[- ]word|level|wise|diff)"
    r"|char(?:acter)?[- ](?:by[- ]char\w*|level|wise|diff)|sort(?:ed|ing)?|think|opinion|effect|consequences?"
    r"|write|draft|reply|story|poem|code|script|function|python|regex|how (?:do|can|could|should|would) (?:i|we|you)"
    r"|json patch|percent\w*|instead|don'?t|do not|never"
    r"|in (?:one|your own|plain|simple|a few|\d+) (?:sentences?|words?)"
    r"|warum|wieso|weshalb|erkläre?\w*|zusammenfass\w*|fass|beschreib\w*|bedeut\w*|besser\w*|schlechter\w*|schöner\w*"
    r"|empf[ie]+hl\w*|übersetz\w*|formulier\w*|korrigier(?:e|en|st)|verbesser\w*|umschreib\w*|schreib\w*|ignorier\w*"
    r"|egal|leerzeichen|groß-? ?(?:und )?/?kleinschreibung|nebeneinander|tabelle|wort(?:weise| für wort)"
    r"|zeichen(?:weise| für zeichen)|sortier\w*|zusammenführ\w*|auswirkung\w*|folgen|stil|grammatik\w*|prozent\w*"
    r"|meinst|meinung|statt|niemals|funktion|skript|programm)\b",
    _ANY_CASE,
)
_NUMBER = r"(?:\d{1,2}|zero|one|two|three|null|eine?r?|zwei|drei)"
CONTEXT = (
    rf"(?<![\w-])(?i:(?:with |mit |and |und )?(?:{_NUMBER} (?:context[- ]?lines?|lines? (?:of )?context|kontextzeilen?"
    rf"|zeilen? kontext)|(?:context|kontext)(?: of| von)?:? ?{_NUMBER}(?: (?:lines?|zeilen?))?|-{{1,2}}u(?:nified=)?"
    r" ?\d{1,2}|(?:without|no|ohne)(?: any| jeden)? (?:context|kontext)(?:[- ]?(?:lines?|zeilen))?))(?!\w)"
)
_CONTEXT = re.compile(CONTEXT)
_COUNTS = {"zero": 0, "null": 0, "without": 0, "no": 0, "ohne": 0, "one": 1, "eine": 1, "einer": 1, "ein": 1, "two": 2,
           "zwei": 2, "three": 3, "drei": 3}  # fmt: skip
_BETWEEN = re.compile(r"\W*(?:vs\.?|versus|and|und|with|mit|gegen|to|compared (?:to|with)|against)\W*", _ANY_CASE)
_QUOTE = re.compile(r"[\"`„“]")
_OLD_TO_NEW = re.compile(
    rf"(?<!\w)(?:{STRICT['old']}) ?: ?(?P<old>[^\n]+?)[,;.|]? +(?:and |und )?(?:{STRICT['new']}) ?: ?(?P<new>[^\n]+)",
    _ANY_CASE,
)


_CLOSING_TAG = re.compile(r"\s*</[\w -]+>\s*")


@dataclass(frozen=True, slots=True)
class _Pair:
    """Two texts, and the words around them."""

    old: str
    new: str
    words: str


def two_texts(text: str) -> str | None:
    """`diff of … and …`; None unless two texts and the wish for their differences are clear."""
    pair = _fenced(text) if "```" in text else _in_lines(text.split("\n")) or _in_one_line(text)
    if pair is None or not _asks(pair):
        return None
    old, new = quoted_block(pair.old), quoted_block(pair.new)
    context = _CONTEXT.search(pair.words)
    end = f" with {lines_of_context(context.group())} lines of context" if context else ""
    return None if old is None or new is None else f"diff of {old} and {new}{end}"


def lines_of_context(phrase: str) -> int:
    """The number of a phrase that `CONTEXT` matches."""
    digits = re.search(r"\d+", phrase)
    return int(digits.group()) if digits else next(_COUNTS[word] for word in phrase.lower().split() if word in _COUNTS)


def wants_more_than_a_diff(words: str) -> bool:
    """True for a wish about two texts that a comparison of their lines does not grant."""
    return _OTHER_WISH.search(words) is not None


def _asks(pair: _Pair) -> bool:
    words = _CONTEXT.sub(" ", pair.words)
    if wants_more_than_a_diff(words) or re.search(r"\d", words):
        return False
    if _LINE_WISE_CUE.search(words):
        return True
    shared = set(pair.old.split("\n")) & set(pair.new.split("\n"))
    return ASKS_FOR_A_COMPARISON.search(words) is not None and any(line.strip() for line in shared)


def _fenced(text: str) -> _Pair | None:
    marked = without_literals(text)
    if marked is None or len(marked[1]) != 2 or any(not literal.raw.startswith("```") for literal in marked[1]):
        return None
    head, between, tail = marked[0].split(MARK)
    first, second = (literal.text for literal in marked[1])
    labels = [side_of(_last_line(piece).rstrip(": ")) for piece in (head, between)]
    is_swapped = labels == ["new", "old"]
    old, new = (second, first) if is_swapped else (first, second)
    return _Pair(old, new, " ".join((_without_label(head), _without_label(between), tail)))


def _last_line(text: str) -> str:
    return (text.strip().split("\n") or [""])[-1]


def _without_label(text: str) -> str:
    """The text without a label at its end."""
    *lines, last = text.strip().split("\n")
    return text if side_of(last.rstrip(": ")) == "" else "\n".join(lines)


def _in_lines(lines: Sequence[str]) -> _Pair | None:
    labels = labels_of_two(lines, ASKS_FOR_A_COMPARISON.search)
    return _apart(lines) if labels is None else _labelled(lines, *labels)


def _labelled(lines: Sequence[str], first: Label, second: Label) -> _Pair | None:
    one = without_rulers([first.rest, *lines[first.place + 1 : second.place]])
    if lines[first.place].lstrip().startswith("<"):
        return _tagged(lines, first, second)
    if len(one) > 1 and is_ruler(one[-1]):
        one = trimmed(one[:-1])
    head = " ".join(lines[: first.place])
    is_asked = ASKS_FOR_A_COMPARISON.search(head) is not None
    last = _with_tail([second.rest, *lines[second.place + 1 :]], one, is_asked=is_asked)
    if last is None:
        return None
    two, tail = last
    old, new = ("\n".join(one), "\n".join(two))
    if first.side == "new":
        old, new = new, old
    return _Pair(old, new, " ".join([head, *tail]))


def _tagged(lines: Sequence[str], first: Label, second: Label) -> _Pair | None:
    """`<old>` to `</old>`, and `<new>` to `</new>`."""
    ends = [place for place, line in enumerate(lines) if _CLOSING_TAG.fullmatch(line)]
    if len(ends) != 2 or not first.place < ends[0] < second.place < ends[1]:
        return None
    texts = ["\n".join(lines[label.place + 1 : end]) for label, end in zip((first, second), ends, strict=True)]
    old, new = texts if first.side == "old" else texts[::-1]
    return _Pair(old, new, " ".join([*lines[: first.place], *lines[ends[1] + 1 :]]))


def _with_tail(lines: Sequence[str], other: Sequence[str], *, is_asked: bool) -> tuple[list[str], list[str]] | None:
    """The second text, and what is said after it; None if it is unclear where the text ends."""
    bare = trimmed(lines)
    rulers = [place for place, line in enumerate(bare) if is_ruler(line)]
    if rulers[:1] == [0] and len(rulers) == 2:
        return trimmed(bare[1 : rulers[1]]), bare[rulers[1] + 1 :]
    if len(bare) < 2:
        return bare, []
    blank = max((place for place, line in enumerate(bare) if not line.strip()), default=-1)
    last = bare[-1] if blank < 0 else " ".join(bare[blank + 1 :])
    is_said = last not in other and (_is_said(last) or is_closing(last))
    if blank >= 0:
        is_text = any(not line.strip() for line in other)
        return (trimmed(bare[:blank]), bare[blank + 1 :]) if is_said else (bare, []) if is_text else None
    if not is_said:
        is_a_question = last.endswith("?") and not any(line.endswith("?") for line in other)
        return None if is_a_question else (bare, [])
    if is_asked and not last.endswith("?"):
        return None
    return bare[:-1], [last]


def _is_said(line: str) -> bool:
    return ASKS_FOR_A_COMPARISON.search(line) is not None or _CONTEXT.search(line) is not None


def _apart(lines: Sequence[str]) -> _Pair | None:
    """Below a request: two texts with a ruler or `vs` between them, or two paragraphs."""
    if ASKS_FOR_A_COMPARISON.search(lines[0]) is None or len(lines) < 4:
        return None
    rest = trimmed(lines[1:])
    ends = [place for place, line in enumerate(rest) if is_ruler(line) or _BETWEEN.fullmatch(line)]
    ends = ends or [place for place, line in enumerate(rest) if not line.strip()]
    if len(ends) != 1 or not 0 < ends[0] < len(rest) - 1:
        return None
    one, two = trimmed(rest[: ends[0]]), trimmed(rest[ends[0] + 1 :])
    if len(one) + len(two) < 3 or any(is_closing(line) for line in (one[0], two[-1])):
        return None
    return _Pair("\n".join(one), "\n".join(two), lines[0])


def _in_one_line(text: str) -> _Pair | None:
    """`diff old: a b c, new: a d c`."""
    if MARK in text or _QUOTE.search(text) or (found := _OLD_TO_NEW.search(text)) is None:
        return None
    if ASKS_FOR_A_COMPARISON.search(found["new"]) or found["new"].rstrip()[-1:] == "?" or found.end() != len(text):
        return None
    return _Pair(found["old"].strip(), found["new"].strip(), text[: found.start()])
