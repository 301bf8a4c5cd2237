"""`hash_text`: vectors of the standards, and digests written apart from the standard library's."""

import hashlib
import random
import struct
from math import isqrt

import pytest
from cryptography.hazmat.primitives import hashes

from services.mcp.contract import AnswerStyle, ToolError
from services.mcp.tools.pure.registry import invoke
from services.mcp.tools.pure.text.hash_text import ALGORITHMS, MAX_CHARS, HashArguments, hash_text
from tests.support.mcp.exactness import Exactness

# RFC 1321 A.5, RFC 3174, FIPS 180-4 and FIPS 202 examples (NIST CSRC), RFC 7693 A and B: all for "abc"
ABC = {
    "md5": "900150983cd24fb0d6963f7d28e17f72",
    "sha1": "a9993e364706816aba3e25717850c26c9cd0d89d",
    "sha224": "23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7",
    "sha256": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    "sha384": "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7",
    "sha512": "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
    "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
    "sha3_224": "e642824c3f8cf24ad09234ee7d3c766fc9a3a5168d0c94ad73b46fdf",
    "sha3_256": "3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532",
    "sha3_384": "ec01498288516fc926459f58e2c6ad8df9b473cb0fc08c2596da7cf0e49be4b298d88cea927ac7f539f1edf228376d25",
    "sha3_512": "b751850b1a57168a5693cd924b6b096e08f621827444f70d884f5d0240d2712e"
    "10e116e9192af3c91a7ec57647e3934057340b4cf408d5a56592f8274eec53f0",
    "blake2b": "ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d1"
    "7d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923",
    "blake2s": "508c5e8c327c14e2e1a72ba34eeb452f37458b209ed63a294d999b4c86675982",
}
EMPTY = {
    "md5": "d41d8cd98f00b204e9800998ecf8427e",
    "sha1": "da39a3ee5e6b4b0d3255bfef95601890afd80709",
    "sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "sha3_256": "a7ffc6f8bf1ed76651c14756a061d662f580ff4de43b49fa82d80a4b80f8434a",
}


def digest(text: str, algorithm: str = "sha256") -> str:
    return hash_text(HashArguments(text=text, algorithm=algorithm)).digest


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_the_vector_of_the_standard_comes_out(algorithm: str) -> None:
    assert digest("abc", algorithm) == ABC[algorithm]


@pytest.mark.parametrize("algorithm", EMPTY)
def test_nothing_has_a_digest_too(algorithm: str) -> None:
    assert digest("", algorithm) == EMPTY[algorithm]


def primes(count: int) -> list[int]:
    found: list[int] = []
    number = 2
    while len(found) < count:
        if all(number % prime for prime in found):
            found.append(number)
        number += 1
    return found


def cube_root(number: int) -> int:
    low, high = 0, 1 << 40
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if middle**3 <= number else (low, middle - 1)
    return low


ROUND = [cube_root(prime << 96) & 0xFFFFFFFF for prime in primes(64)]
FIRST = [isqrt(prime << 64) & 0xFFFFFFFF for prime in primes(8)]


def sha256(octets: bytes) -> str:
    """FIPS 180-4, with its constants computed from the primes."""

    def turn(word: int, by: int) -> int:
        return (word >> by | word << 32 - by) & 0xFFFFFFFF

    state = list(FIRST)
    padded = octets + b"\x80" + bytes((55 - len(octets)) % 64) + struct.pack(">Q", 8 * len(octets))
    for start in range(0, len(padded), 64):
        words = list(struct.unpack(">16I", padded[start : start + 64]))
        for t in range(16, 64):
            s0 = turn(words[t - 15], 7) ^ turn(words[t - 15], 18) ^ words[t - 15] >> 3
            s1 = turn(words[t - 2], 17) ^ turn(words[t - 2], 19) ^ words[t - 2] >> 10
            words.append((words[t - 16] + s0 + words[t - 7] + s1) & 0xFFFFFFFF)
        a, b, c, d, e, f, g, h = state
        for t in range(64):
            s1 = turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)
            t1 = h + s1 + (e & f ^ ~e & g) + ROUND[t] + words[t]
            t2 = (turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + (a & b ^ a & c ^ b & c)
            a, b, c, d, e, f, g, h = (t1 + t2) & 0xFFFFFFFF, a, b, c, (d + t1) & 0xFFFFFFFF, e, f, g
        state = [(x + y) & 0xFFFFFFFF for x, y in zip(state, (a, b, c, d, e, f, g, h), strict=True)]
    return "".join(f"{word:08x}" for word in state)


LETTERS = "abc XYZ09äöüßéñ中文字😀\n\t\0"


def texts(turns: range, seed: int, longest: int = 150) -> list[str]:
    rng = random.Random(seed)
    return ["".join(rng.choices(LETTERS, k=rng.randrange(longest))) for _ in turns]


def test_sha256_equals_one_written_from_the_standard(exact: Exactness) -> None:
    for text in texts(exact.cases("hash_text", 1_500), seed=1):
        assert digest(text) == sha256(text.encode("utf-8"))


BUILT_IN = vars(hashlib)["__get_builtin_constructor"]  # the standard library's own, which `hashlib` prefers OpenSSL to
OPEN_SSL = {"blake2b": hashes.BLAKE2b(64), "blake2s": hashes.BLAKE2s(32)}  # of these it has only its own


def second(algorithm: str, octets: bytes) -> str:
    """The digest by the implementation that the tool does not use."""
    if algorithm not in OPEN_SSL:
        return str(BUILT_IN(algorithm)(octets).hexdigest())
    found = hashes.Hash(OPEN_SSL[algorithm])
    found.update(octets)
    return found.finalize().hex()


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_two_implementations_agree_on_texts_of_every_length(algorithm: str, exact: Exactness) -> None:
    for text in texts(exact.cases("hash_text", 500), seed=3, longest=400):
        assert digest(text, algorithm) == second(algorithm, text.encode()), text


def test_every_byte_counts() -> None:
    for algorithm in ALGORITHMS:
        found = {digest(text, algorithm) for text in ("é", "e\u0301", "e", "\ufeffe", "e\n", "e ", "E", "")}
        assert len(found) == 8


def test_the_result_says_how_long_the_digest_and_the_input_are() -> None:
    for text in texts(range(50), seed=2):
        for algorithm in ALGORITHMS:
            found = hash_text(HashArguments(text=text, algorithm=algorithm))
            assert (len(found.digest) * 4, found.input_bytes) == (found.digest_bits, len(text.encode()))
            assert found.collision_resistant == (algorithm not in ("md5", "sha1"))


@pytest.mark.parametrize("name", ["SHA-256", "sha 256", "Sha_256", "sha256", " SHA256 "])
def test_a_name_may_be_written_as_people_do(name: str) -> None:
    assert digest("abc", name) == ABC["sha256"]


@pytest.mark.parametrize("name", ["SHA3-256", "sha3_256", "sha-3-256", "SHA3/256"])
def test_sha3_is_not_sha2(name: str) -> None:
    assert digest("abc", name) == ABC["sha3_256"]


@pytest.mark.parametrize("name", ["crc32", "sha", "sha257", "md4", "shake_128", "md5-sha1", "sm3", "-"])
def test_other_names_are_refused_with_those_that_there_are(name: str) -> None:
    with pytest.raises(ToolError, match="sha3_256"):
        digest("abc", name)


def test_a_text_beyond_the_limit_is_refused_and_one_at_the_limit_is_not() -> None:
    digest("x" * MAX_CHARS)
    with pytest.raises(ToolError) as caught:
        invoke("hash_text", {"text": "x" * (MAX_CHARS + 1)})
    assert caught.value.code == "limit_exceeded"


def test_a_lone_surrogate_has_no_bytes_and_is_refused() -> None:
    with pytest.raises(ToolError) as caught:
        invoke("hash_text", {"text": "\ud800"})
    assert caught.value.code == "invalid_argument"


def test_the_answer_is_a_sentence_in_both_languages() -> None:
    args = {"text": "abc", "algorithm": "md5"}
    assert invoke("hash_text", args).answer.startswith("The md5 digest of the 3 UTF-8 bytes is 9001509")
    assert invoke("hash_text", args, AnswerStyle(language="de")).answer.startswith("Der md5-Hash der 3 UTF-8-Bytes")
