"""`hash_text`: the digest of a text's UTF-8 bytes."""

import hashlib

from pydantic import Field

from services.mcp.contract import AnswerStyle, Bilingual, ErrorExample, Example, Limit, Tool, ToolError, ToolModel

MAX_CHARS = 50_000
MAX_NAME_CHARS = 20
ENCODING_RULE = "the UTF-8 bytes of the text exactly as given: no byte order mark, no normalisation, no newline added"
_SECURE = (
    "sha224", "sha256", "sha384", "sha512", "sha3_224", "sha3_256", "sha3_384", "sha3_512", "blake2b", "blake2s",
)  # fmt: skip
_BROKEN = ("md5", "sha1")  # collisions are known: fit for finding changes, not for signatures
ALGORITHMS = (*_BROKEN, *_SECURE)
_BY_PLAIN_NAME = {name.replace("_", ""): name for name in ALGORITHMS}


class HashArguments(ToolModel):
    """A text and the name of a digest; `SHA-256`, `sha256` and `sha_256` are one."""

    text: str = Field(max_length=MAX_CHARS)
    algorithm: str = Field("sha256", min_length=1, max_length=MAX_NAME_CHARS, description=", ".join(ALGORITHMS))


class HashResult(ToolModel):
    """The digest in lower-case hexadecimal."""

    algorithm: str
    digest: str
    digest_bits: int
    input_bytes: int
    collision_resistant: bool
    encoding_rule: str = ENCODING_RULE


def hash_text(arguments: HashArguments) -> HashResult:
    """Raises ToolError for an algorithm that is not listed."""
    name = _algorithm(arguments.algorithm)
    octets = arguments.text.encode()
    digest = hashlib.new(name, octets, usedforsecurity=False)
    return HashResult(
        algorithm=name,
        digest=digest.hexdigest(),
        digest_bits=digest.digest_size * 8,
        input_bytes=len(octets),
        collision_resistant=name in _SECURE,
    )


def _algorithm(text: str) -> str:
    plain = text.strip().lower()
    for separator in "-_ /":
        plain = plain.replace(separator, "")
    if plain not in _BY_PLAIN_NAME:
        raise ToolError("invalid_argument", f"algorithm: one of {', '.join(ALGORITHMS)}")
    return _BY_PLAIN_NAME[plain]


def phrase(result: HashResult, style: AnswerStyle) -> str:
    if style.language == "de":
        return f"Der {result.algorithm}-Hash der {result.input_bytes} UTF-8-Bytes ist {result.digest}."
    return f"The {result.algorithm} digest of the {result.input_bytes} UTF-8 bytes is {result.digest}."


HASH_TEXT = Tool(
    name="hash_text",
    description=Bilingual(
        en="Digest of a text: MD5, SHA-1, SHA-2, SHA-3 or BLAKE2, as hexadecimal",
        de="Hashwert eines Textes: MD5, SHA-1, SHA-2, SHA-3 oder BLAKE2, hexadezimal",
    ),
    keywords=Bilingual(
        en="hash digest md5 sha1 sha256 sha512 sha3 blake2 fingerprint hexdigest",
        de="hash hashwert prüfsumme fingerabdruck md5 sha1 sha256 sha512 sha3 blake2",
    ),
    arguments=HashArguments,
    result=HashResult,
    run=hash_text,
    answer=phrase,
    limits=(
        Limit(name="text_chars", value=MAX_CHARS, unit="characters"),
        Limit(name="algorithm_chars", value=MAX_NAME_CHARS, unit="characters"),
    ),
    example=Example(
        args={"text": "abc", "algorithm": "sha256"},
        result={
            "algorithm": "sha256",
            "digest": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
            "digest_bits": 256,
            "input_bytes": 3,
            "collision_resistant": True,
            "encoding_rule": ENCODING_RULE,
        },
        answer=(
            "The sha256 digest of the 3 UTF-8 bytes is "
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad."
        ),
    ),
    error_example=ErrorExample(args={"text": "abc", "algorithm": "rot13"}, code="invalid_argument"),
)
