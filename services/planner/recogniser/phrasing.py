"""What people wrap around a question: greeting, courtesy, punctuation. The core is what is left."""

import re
import unicodedata

MAX_CHARS = 300

_SIGNS = str.maketrans(
    {"\u2013": "-", "\u2212": "-", "\u00d7": "*", "·": "*", "⋅": "*", "÷": "/", "π": "pi", "`": None}
)
_GREETING = re.compile(r"(?:hey|hi|hello|hallo|moin|servus|guten (?:tag|morgen|abend))(?: there)?[,!.]? ")
_COURTESY_BEFORE = re.compile(
    r"(?:please|bitte|(?:can|could|would|will) you(?: please)?|(?:tell|give) me|(?:sage?|nenne|gib) mir(?: bitte)?,?"
    r"|nenne|kannst du mir(?: bitte)? sagen,?|ich (?:möchte|würde gerne?) wissen,?|i(?: would|'d) like to know) "
)
_COURTESY_AFTER = re.compile(r",? (?:please|bitte|for me|thanks|thank you|danke)")
_GERMAN_REQUEST = re.compile(
    r"(?:kannst|könntest|können|könnten) (?:du|sie) (?:bitte )?(?:mir )?(?:bitte )?(?P<rest>.+) "
    r"(?:sagen|nennen|geben|berechnen|ausrechnen|ermitteln)"
)
_END = re.compile(r"[?.\s]+$")
_EXCLAMATION = re.compile(r"(?<![\d)!])!+$")


def core_of(question: str) -> str | None:
    """Return the question in lower case without its wrapping, or None if it is empty or longer than `MAX_CHARS`."""
    if len(question) > MAX_CHARS:
        return None
    text = unicodedata.normalize("NFC", question).translate(_SIGNS).lower()
    core = _without_wrapping(_without_end(" ".join(text.split())))
    if request := _GERMAN_REQUEST.fullmatch(core):
        core = f"berechne {request['rest']}"
    return core or None


def _without_end(text: str) -> str:
    return _EXCLAMATION.sub("", _END.sub("", text))


def _without_wrapping(text: str) -> str:
    """Take away one greeting and all courtesies, from outside to inside."""
    if greeting := _GREETING.match(text):
        text = text[greeting.end() :]
    while before := _COURTESY_BEFORE.match(text):
        text = text[before.end() :]
    for after in reversed(list(_COURTESY_AFTER.finditer(text))):
        if after.end() == len(text):
            text = text[: after.start()]
    return text
