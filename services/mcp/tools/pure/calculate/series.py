"""Pi, sine, cosine and arctangent in fixed-point integers, to any number of bits.

Every function returns an integer `v` with |v - truth * 2**bits| < MAX_ERROR. Inside, 40 guard bits absorb the floor
errors: each of the at most few thousand steps loses less than two units of the finer grid.
"""

from fractions import Fraction
from functools import lru_cache
from math import isqrt

MAX_ERROR = 2
_GUARD = 40


@lru_cache(maxsize=16)
def pi_scaled(bits: int) -> int:
    """pi * 2**bits. Machin 1706: pi/4 = 4 arctan(1/5) - arctan(1/239)."""
    work = bits + _GUARD
    return (4 * (4 * _arctan_of_inverse(5, work) - _arctan_of_inverse(239, work))) >> _GUARD


def _arctan_of_inverse(divisor: int, bits: int) -> int:
    power = (1 << bits) // divisor
    total, odd, sign = 0, 1, 1
    while power:
        total += sign * (power // odd)
        power //= divisor * divisor
        odd, sign = odd + 2, -sign
    return total


def sine_cosine_scaled(angle: Fraction, bits: int) -> tuple[int, int]:
    """sin(angle) * 2**bits and cos(angle) * 2**bits; the angle is in radians and of any size."""
    size = max(0, (abs(angle.numerator) // angle.denominator).bit_length())
    work = bits + _GUARD + size
    scaled = (angle.numerator << work) // angle.denominator
    half_pi = pi_scaled(work) >> 1
    quarter_turns = (2 * scaled + half_pi) // (2 * half_pi)
    # the rest is below one: the digits of the whole rotations would make the series slow
    sine, cosine = _taylor((scaled - quarter_turns * half_pi) >> size, bits + _GUARD)
    for _ in range(quarter_turns % 4):
        sine, cosine = cosine, -sine
    return sine >> _GUARD, cosine >> _GUARD


def _taylor(angle: int, bits: int) -> tuple[int, int]:
    """Sine and cosine series at |angle| <= pi/4, on the grid of 2**-bits."""
    one = 1 << bits
    square = (angle * angle) >> bits
    sine = sine_term = angle
    cosine = cosine_term = one
    step = 1
    while sine_term not in (0, -1) or cosine_term not in (0, -1):
        cosine_term = -((cosine_term * square) >> bits) // ((2 * step - 1) * (2 * step))
        sine_term = -((sine_term * square) >> bits) // ((2 * step) * (2 * step + 1))
        cosine += cosine_term
        sine += sine_term
        step += 1
    return sine, cosine


def arctangent_scaled(value: Fraction, bits: int) -> int:
    """arctan(value) * 2**bits. Above one: pi/2 - arctan(1/value); then three halvings of the angle."""
    if value < 0:
        return -arctangent_scaled(-value, bits)
    work = bits + _GUARD
    inverted = value > 1
    if inverted:
        value = 1 / value
    scaled = (value.numerator << work) // value.denominator
    one = 1 << work
    for _ in range(3):
        scaled = (scaled << work) // (one + isqrt((one << work) + scaled * scaled))
    angle = _arctan_series(scaled, work) << 3
    if inverted:
        angle = (pi_scaled(work) >> 1) - angle
    return angle >> _GUARD


def _arctan_series(value: int, bits: int) -> int:
    square = (value * value) >> bits
    total, power, odd, sign = 0, value, 1, 1
    while power:
        total += sign * (power // odd)
        power = (power * square) >> bits
        odd, sign = odd + 2, -sign
    return total
