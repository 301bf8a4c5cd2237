"""Ed25519 (RFC 8032), verification only, with nothing but Python: about 5 ms a signature."""

import hashlib
from functools import lru_cache

_P = 2**255 - 19
_L = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, -1, _P) % _P
_ROOT = pow(2, (_P - 1) // 4, _P)
_Point = tuple[int, int, int, int]  # x = X/Z, y = Y/Z, xy = T/Z


def verify(key: bytes, message: bytes, signature: bytes) -> bool:
    """Verify a signature of 64 bytes under a public key of 32 bytes.

    Stricter than the RFC: rejects all output of dishonest signers. A key of small order, which fits every message,
    verifies nothing, and a signature has one spelling.
    """
    if len(signature) != 64:
        return False
    scalar = int.from_bytes(signature[32:], "little")
    public, commit = _public_key(key), _decoded(signature[:32])
    if public is None or commit is None or scalar >= _L or _is_neutral(_times(8, commit)):
        return False
    challenge = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % _L
    return _are_equal(_times(scalar, _BASE), _plus(commit, _times(challenge, public)))


def is_valid_key(key: bytes) -> bool:
    """Whether 32 bytes are a public key that some private key has: on the curve, canonical, of prime order."""
    return _public_key(key) is not None


@lru_cache(maxsize=64)
def _public_key(key: bytes) -> _Point | None:
    point = _decoded(key) if len(key) == 32 else None
    if point is None or _is_neutral(point) or not _is_neutral(_times(_L, point)):
        return None
    return point


def _are_equal(one: _Point, other: _Point) -> bool:
    same_x = (one[0] * other[2] - other[0] * one[2]) % _P == 0
    return same_x and (one[1] * other[2] - other[1] * one[2]) % _P == 0


def _is_neutral(point: _Point) -> bool:
    return _are_equal(point, (0, 1, 1, 0))


def _decoded(raw: bytes) -> _Point | None:
    y = int.from_bytes(raw, "little") & (1 << 255) - 1
    if y >= _P:
        return None
    x = _x_of(y, raw[31] >> 7)
    return None if x is None else (x, y, 1, x * y % _P)


def _x_of(y: int, sign: int) -> int | None:
    square = (y * y - 1) * pow(_D * y * y + 1, -1, _P) % _P
    x = pow(square, (_P + 3) // 8, _P)
    if (x * x - square) % _P:
        x = x * _ROOT % _P
    if (x * x - square) % _P or (x == 0 and sign):
        return None
    return x if x & 1 == sign else _P - x


def _plus(one: _Point, other: _Point) -> _Point:
    a, b = (one[1] - one[0]) * (other[1] - other[0]) % _P, (one[1] + one[0]) * (other[1] + other[0]) % _P
    c, d = 2 * one[3] * other[3] * _D % _P, 2 * one[2] * other[2] % _P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % _P, g * h % _P, f * g % _P, e * h % _P


def _times(scalar: int, point: _Point) -> _Point:
    result: _Point = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            result = _plus(result, point)
        point, scalar = _plus(point, point), scalar >> 1
    return result


_BASE_Y = 4 * pow(5, -1, _P) % _P
_BASE_X = _x_of(_BASE_Y, 0) or 0
_BASE: _Point = (_BASE_X, _BASE_Y, 1, _BASE_X * _BASE_Y % _P)
