"""The arithmetic of checksums over bytes."""

from functools import lru_cache
from itertools import accumulate

from services.mcp.tools.pure.text.checksum.catalogue import CRCS, Crc

_ADLER_PRIME = 65_521  # the largest prime below 2^16 (RFC 1950)


def crc(algorithm: Crc, octets: bytes) -> int:
    """CRC, one table look-up a byte."""
    return _reflected(algorithm, octets) if algorithm.reflect_in else _straight(algorithm, octets)


def adler32(octets: bytes) -> int:
    """Adler-32 of RFC 1950: the sum of the bytes from 1 on, and the sum of those sums."""
    return _running_sums(octets, _ADLER_PRIME, 16, 1)


def fletcher(octets: bytes, width: int) -> int:
    """Fletcher-16, -32 or -64 over little-endian blocks of half that width, zero-padded, modulo 2^half - 1."""
    half = width // 2
    size = half // 8
    blocks = [int.from_bytes(octets[at : at + size], "little") for at in range(0, len(octets), size)]
    return _running_sums(blocks, (1 << half) - 1, half, 0)


def _running_sums(blocks: bytes | list[int], modulus: int, half: int, start: int) -> int:
    sums = list(accumulate(blocks, initial=start))
    return (sum(sums[1:]) % modulus) << half | sums[-1] % modulus


def _straight(algorithm: Crc, octets: bytes) -> int:
    shift, mask, table = algorithm.width - 8, (1 << algorithm.width) - 1, _table(algorithm)
    register = algorithm.init
    for octet in octets:
        register = (register << 8 & mask) ^ table[register >> shift ^ octet]
    return register ^ algorithm.xor_out


def _reflected(algorithm: Crc, octets: bytes) -> int:
    table = _table(algorithm)
    register = _mirrored(algorithm.init, algorithm.width)
    for octet in octets:
        register = register >> 8 ^ table[(register ^ octet) & 0xFF]
    return register ^ algorithm.xor_out


@lru_cache(maxsize=len(CRCS))
def _table(algorithm: Crc) -> tuple[int, ...]:
    """Remainder of each byte at the register's end that is shifted out."""
    straight = [_remainder(algorithm, octet) for octet in range(256)]
    if not algorithm.reflect_in:
        return tuple(straight)
    return tuple(_mirrored(straight[_mirrored(octet, 8)], algorithm.width) for octet in range(256))


def _remainder(algorithm: Crc, octet: int) -> int:
    top = 1 << algorithm.width - 1
    register = octet << algorithm.width - 8
    for _ in range(8):
        register = (register << 1) ^ algorithm.poly if register & top else register << 1
    return register & (1 << algorithm.width) - 1


def _mirrored(number: int, width: int) -> int:
    return int(f"{number:0{width}b}"[::-1], 2)
