"""An operation's name followed by its text, without quotes: `md5 hello`, `base64 encode foo bar`."""

import re

from services.planner.recogniser.algorithms import NAMED_DIGEST, NAMED_SUM
from services.planner.recogniser.filler import is_filler, words
from services.planner.recogniser.literals import MARK, Literal
from services.planner.recogniser.names import is_file
from services.planner.recogniser.phrasing import UnwrappedQuestion

_ANY_CASE = re.IGNORECASE
_SOME_WORDS = r"[^\s:;?]\S{0,60}(?: \S{1,60}){0,3}"
_LEAD = (
    r"(?:(?:what is|what's|calculate|compute|find|get|generate|create|was ist|wie lautet|wie ist|berechne|bilde|erzeuge"
    r"|erstelle) )?(?:the |der |die |das |den )?"
)
_NAME = rf"(?P<name>{NAMED_DIGEST}|{NAMED_SUM})"
_ONE_WORD = r"(?P<text>[^\s\"'`,:;?!(){}\[\]]{3,60})"
_DIGEST = tuple(
    re.compile(pattern, _ANY_CASE)
    for pattern in (
        r"(?P<name>md5|sha-?(?:1|224|256|384|512)|crc-?32|adler-?32)(?:sum)?(?:[- ]hash(?:wert)?|[- ]digest)?:? "
        r"(?P<text>[^\W_]{2,60}(?: [^\W_]{1,60}){0,2})",
        rf"{_LEAD}{_NAME} (?:of|for|von|für|over|über|aus|zu) {_ONE_WORD}",
        rf"{_NAME}:? (?!0x|\d+-|v\d)(?=\S*[^\W\d_])(?=\S*[\d=#@&_]){_ONE_WORD}",
        rf"{_LEAD}{_ONE_WORD},? (?:als|as|->|=>|→) {_NAME}",
        rf"{_ONE_WORD}[,:] {_NAME}",
        rf"(?:hash|hashe) {_ONE_WORD} (?:with|using|by|to|as|mit|als|nach|per) {_NAME}",
        rf"(?=\S*\d){_ONE_WORD} (?:with|using|to|in|mit|nach|per|durch) {_NAME}(?: (?:hashen|gehasht|hashed))?",
    )
)
_ENCODED = tuple(
    re.compile(pattern, _ANY_CASE)
    for pattern in (
        rf"{_LEAD}base-?64(?:[- ](?:encoding|code|form|value|wert|kodierung))? (?:of|for|von|für) {_ONE_WORD}",
        rf"base-?64[- ](?:en(?:c|k)ode|encoding|k?c?odiere):? (?P<text>{_SOME_WORDS})",
        rf"encode:? (?P<text>{_SOME_WORDS}) (?:in|to|into|as|with|using) base-?64",
        rf"(?:en)?(?:k|c)odiere:? (?P<text>{_SOME_WORDS}) (?:in|als|nach|mit) base-?64",
    )
)
_WORDS = re.compile(
    r"(?:(?:how many|count(?: the)?|number of) words(?: are)?(?: there)?(?: in)?(?: this| the following)?"
    r"(?: sentence| text| phrase)?|word count(?: of| for)?"
    r"|(?:wie ?viele|zähle(?: die)?) wörter(?: hat| sind in)?(?: das| dieser| der)?(?: satz| text)?): "
    r"(?P<text>\S{1,60}(?: \S{1,60}){2,30})",
    _ANY_CASE,
)
_FEWEST_LETTERS = 2
# words about digests and encodings, and placeholders for a missing text
_SUBJECTS = words("""
file files image images photo video iso kernel commit password passwords passwort message messages string strings text
texts data input output something anything everything nothing bytes byte bits bit certificate binary download archive
datei dateien bild nachricht daten url urls link json xml html pdf zip body payload header headers response request
token tokens key keys username credentials column field value number numbers word words sentence line lines list
hash hashes hashing hashed digest digests checksum checksums sum sums algorithm algorithms function functions method
collision collisions attack attacks generator generate generation online decrypt decryption decrypter decoder decode
encoder encode encoding encrypt encryption cracker crack cracking length size speed security secure safe broken
deprecated vulnerable vulnerability vulnerabilities rainbow table tables salt salted hmac vs versus example examples
meaning definition explained explanation tutorial command commands tool tools calculator calculate library module
implementation source code wiki wikipedia history check checking verify verifying verification checker validator mac
macos linux windows ubuntu debian unix android ios terminal shell bash powershell python java javascript php ruby rust
golang csharp node nodejs perl sql mysql postgres excel openssl fingerprint signature signatures ssl tls ssh git
bitcoin hashcat john joke jokes meme gpu gpus cpu cuda nvidia mining miner asic hashrate performance benchmark
difference compare comparison mismatch match failed failure
error errors invalid missing unsupported weak strong old new fast slow faster slower reverse reversible lookup
database dictionary brute force preimage birthday padding block polynomial initial standard rfc fips nist invented
obsolete dead alternative alternatives replacement support supported format algorithmus
funktion verfahren prüfsumme prüfsummen berechnung erklärung erklärt beispiel beispiele unterschied sicherheit sicher
unsicher knacken geknackt entschlüsseln verschlüsselung kollision kollisionen länge online-generator befehl
passwörter kennwort kennwörter dokument dokumente backup backups bilder ethernet python3 weakness weaknesses schwächen
or but not why how when where and und oder nicht warum wann wo my your their our his her mein meine meinen dein deine
""")
_GREETINGS = words("hello hi hey hallo moin servus there")


def named_text(question: UnwrappedQuestion) -> UnwrappedQuestion | None:
    """The request with quotes around its text, if no word of it is about the operation itself."""
    if question.literals:
        return None
    found = next((found for rule in _DIGEST if (found := rule.fullmatch(question.written))), None)
    if found is not None:
        return _quoted(f"{found['name'].lower()} of {MARK}", found["text"]) if _is_text(found["text"]) else None
    found = next((found for rule in _ENCODED if (found := rule.fullmatch(question.written))), None)
    if found is not None:
        return _quoted(f"base64 encode {MARK}", found["text"]) if _is_text(found["text"]) else None
    found = _WORDS.fullmatch(question.written)
    return None if found is None else _quoted(f"how many words are in {MARK}", found["text"])


def _quoted(core: str, text: str) -> UnwrappedQuestion:
    return UnwrappedQuestion(core, core, (Literal(text, f'"{text}"'),), core)


def _is_text(text: str) -> bool:
    """True if the words stand for themselves: no filler, no topic, no file name."""
    names = text.lower().split()
    is_own = all(name in _GREETINGS or not (is_filler(name) or name.strip(".,!'") in _SUBJECTS) for name in names)
    return is_own and len(text) >= _FEWEST_LETTERS and not is_file(text)
