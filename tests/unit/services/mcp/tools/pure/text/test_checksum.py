"""`checksum`: the check values of the catalogue, and long division bit by bit."""

import binascii
import random
import zlib

import pytest

from services.mcp.contract import ToolError
from services.mcp.tools.pure.text.checksum.catalogue import CRCS, Crc
from services.mcp.tools.pure.text.checksum.tool import ChecksumArguments, ChecksumResult, checksum
from tests.support.mcp.exactness import Exactness

CHECKED = pytest.mark.parametrize("algorithm", CRCS, ids=[algorithm.name for algorithm in CRCS])


def run(text: str, algorithm: str) -> ChecksumResult:
    return checksum(ChecksumArguments(text=text, algorithm=algorithm))


def texts(turns: range, seed: int, longest: int = 60) -> list[str]:
    rng = random.Random(seed)
    return ["".join(rng.choices("abcXYZ 09äß€中😀\n\0", k=rng.randrange(longest))) for _ in turns]


def mirrored(number: int, width: int) -> int:
    return sum(1 << width - 1 - bit for bit in range(width) if number >> bit & 1)


def divided(algorithm: Crc, octets: bytes) -> int:
    """The remainder of a division of polynomials, one bit at a time, without any table."""
    top, register = 1 << algorithm.width - 1, algorithm.init
    for octet in octets:
        taken = mirrored(octet, 8) if algorithm.reflect_in else octet
        for bit in range(7, -1, -1):
            carry = bool(register & top) != bool(taken >> bit & 1)
            register = (register << 1 & 2 * top - 1) ^ (algorithm.poly if carry else 0)
    return (mirrored(register, algorithm.width) if algorithm.reflect_out else register) ^ algorithm.xor_out


@CHECKED
def test_the_check_value_of_the_catalogue_comes_out(algorithm: Crc, exact: Exactness) -> None:
    exact.table("checksum", 1)
    found = run("123456789", algorithm.name)
    assert int(found.value, 16) == int(found.decimal) == algorithm.check
    assert len(found.value) == algorithm.width // 4
    assert found.parameters is not None
    assert int(found.parameters.check, 16) == algorithm.check


@CHECKED
def test_tables_equal_the_division_bit_by_bit(algorithm: Crc, exact: Exactness) -> None:
    for text in texts(exact.cases("checksum", 60), seed=algorithm.poly):
        assert int(run(text, algorithm.name).value, 16) == divided(algorithm, text.encode())


def test_crc32_crc16_and_adler_equal_those_of_zlib(exact: Exactness) -> None:
    for text in texts(exact.cases("checksum", 1_000), seed=5, longest=400):
        exact.table("checksum", 2)  # three calls per case
        octets = text.encode()
        assert int(run(text, "crc32").decimal) == zlib.crc32(octets)
        assert int(run(text, "CRC-16/XMODEM").decimal) == binascii.crc_hqx(octets, 0)
        assert int(run(text, "adler32").decimal) == zlib.adler32(octets)


@pytest.mark.parametrize(
    ("text", "sixteen", "thirty_two", "sixty_four"),
    [
        ("abcde", "c8f0", "f04fc729", "c8c6c527646362c6"),
        ("abcdef", "2057", "56502d2a", "c8c72b276463c8c6"),
        ("abcdefgh", "0627", "ebe19591", "312e2b28cccac8c6"),
    ],
)
def test_fletchers_sums_are_the_published_ones(text: str, sixteen: str, thirty_two: str, sixty_four: str) -> None:
    found = [run(text, f"fletcher-{width}").value for width in (16, 32, 64)]
    assert found == [sixteen, thirty_two, sixty_four]


def test_fletcher_equals_two_running_sums(exact: Exactness) -> None:
    for text in texts(exact.cases("checksum", 500), seed=8):
        exact.table("checksum", 2)  # three calls per case
        for width in (16, 32, 64):
            first = second = 0
            size, modulus = width // 16, 2 ** (width // 2) - 1
            octets = text.encode()
            for at in range(0, len(octets), size):
                first = (first + sum(octet << 8 * n for n, octet in enumerate(octets[at : at + size]))) % modulus
                second = (second + first) % modulus
            assert int(run(text, f"Fletcher{width}").decimal) == second << width // 2 | first


def test_no_two_algorithms_share_a_name() -> None:
    names = ["".join(filter(str.isalnum, n.lower())) for crc in CRCS for n in (crc.name, *crc.aliases)]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("name", ["crc32", "CRC-32", "crc_32", "Crc 32", "PKZIP", "CRC-32/ISO-HDLC"])
def test_a_name_may_be_written_as_people_do(name: str) -> None:
    assert run("123456789", name).value == "cbf43926"


@pytest.mark.parametrize("name", ["crc", "crc31", "md5", "fletcher", "adler", "//"])
def test_other_names_are_refused(name: str) -> None:
    with pytest.raises(ToolError) as caught:
        run("x", name)
    assert caught.value.code == "invalid_argument"
