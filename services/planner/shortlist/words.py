"""The words of a text as stems, in English and German; stop words are omitted."""

import re

MAX_TEXT = 4_000
SHORTEST_PART, SHORTEST_REST = 5, 4  # of a compound: Primfaktor|zerlegung, but not connect|ion

_WORD = re.compile(r"[a-z]+-\d+|[a-z0-9]+")
_FOLDED = str.maketrans({"ä": "a", "ö": "o", "ü": "u", "ß": "ss", "'": None, "\u2019": None})
# Longest first; a stem keeps three letters. Query and index are stemmed alike, so a stem need not be a word.
_ENDINGS = (
    "ierungen", "ierung", "ations", "ation", "ieren", "ungen", "iert", "iere", "ings", "ung", "ing", "ies", "ern",
    "est", "end", "en", "er", "es", "em", "ed", "ly", "e", "s", "n", "y",
)  # fmt: skip
_SAY_NOTHING = frozenset(
    re.findall(
        r"\w+",
        "a an the of to in on at by for from with and or not is are was were be been do does did has have had will "
        "would can could should may might must i you he she it we they me my your his her its our their this that "
        "these those what which who whom whose when where why how many much please tell give show us there here if "
        "then than as about into over under up down out so no yes any all some every each one two three also just only "
        "very more most thanks explain find get make let use need want know like using used both between after before "
        "until der die das den dem des ein eine einen einem einer eines und oder nicht ist sind war waren sein wird "
        "werden wurde kann konnte koennte soll sollte muss darf ich du er sie es wir ihr mir mich dir uns mein dein "
        "ihre euer welche welcher welches welchen welchem wer wen wem wessen wann wo warum wieso wie viel viele bitte "
        "sage sag gib zeige nenne hier dort da wenn dann als ueber uber unter auf aus bei mit nach von vor zu zum zur "
        "im am fur um nein ja alle alles einige jede jeder jedes auch nur sehr mehr meist erklare finde mache brauche "
        "hat haben hatte hast habe gibt man dass ob zwischen bis write schreibe schreiben",
    )
)


def words_of(text: str) -> tuple[str, ...]:
    """The stems of a text in order, each once; of a long text only its beginning and its end."""
    if len(text) > MAX_TEXT:
        text = f"{text[: MAX_TEXT // 2]} {text[-MAX_TEXT // 2 :]}"
    found = (word.replace("-", "") for word in _WORD.findall(text.lower().translate(_FOLDED)))  # SHA-256 is sha256
    return tuple(dict.fromkeys(stem(word) for word in found if word not in _SAY_NOTHING and not word.isdigit()))


def stem(word: str) -> str:
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)]
    return word
