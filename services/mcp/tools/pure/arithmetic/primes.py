"""Primality that is proved, and factors by trial division and Pollard's rho in Brent's form.

Miller-Rabin with the first 13 primes as bases decides every number below 3,317,044,064,679,887,385,961,981
(Sorenson, Webster: Strong pseudoprimes to twelve prime bases, Math. Comp. 86 (2017)).
"""

from math import gcd, isqrt

from services.mcp.contract import ToolError

PROVABLE_BELOW = 3_317_044_064_679_887_385_961_981
MAX_RHO_STEPS = 6_000_000  # some 2 s; a factor of 40 bits takes about 1.5 million
_BASES = (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41)
_TRIAL_BELOW = 1_000
_SMALL_PRIMES = tuple(n for n in range(2, _TRIAL_BELOW) if all(n % d for d in range(2, isqrt(n) + 1)))
_BATCH = 128


def is_prime(number: int) -> bool:
    """Proven primality of a number >= 0. Raises ToolError where no proof is available."""
    if number < 2 or any(number % prime == 0 for prime in _BASES):
        return number in _BASES
    twos = ((number - 1) & (1 - number)).bit_length() - 1
    odd = (number - 1) >> twos
    likely = all(_passes(number, base, odd, twos) for base in _BASES)
    if likely and number >= PROVABLE_BELOW:
        raise ToolError("limit_exceeded", f"a prime factor that can be proved: the limit is {PROVABLE_BELOW - 1:,}")
    return likely


def factorise(number: int) -> tuple[tuple[int, int], ...]:
    """(prime, exponent) pairs of a number >= 1, by size. Raises ToolError(limit_exceeded)."""
    found: dict[int, int] = {}
    for prime in _SMALL_PRIMES:
        while number % prime == 0:
            number //= prime
            found[prime] = found.get(prime, 0) + 1
    open_parts = [number] if number > 1 else []
    while open_parts:
        part = open_parts.pop()
        if is_prime(part):
            found[part] = found.get(part, 0) + 1
            continue
        divisor = _divisor(part)
        open_parts += [divisor, part // divisor]
    return tuple(sorted(found.items()))


def _passes(number: int, base: int, odd: int, twos: int) -> bool:
    power = pow(base, odd, number)
    if power in (1, number - 1):
        return True
    for _ in range(twos - 1):
        power = power * power % number
        if power == number - 1:
            return True
    return False


def _divisor(composite: int) -> int:
    """Divisor of an odd composite number, neither 1 nor the number."""
    root = isqrt(composite)
    if root * root == composite:
        return root
    steps = 0
    for shift in range(1, 100):
        divisor, taken = _rho(composite, shift, MAX_RHO_STEPS - steps)
        steps += taken
        if 1 < divisor < composite:
            return divisor
    raise ToolError("limit_exceeded", f"steps of the factor search: the limit is {MAX_RHO_STEPS:,}")


def _rho(composite: int, shift: int, budget: int) -> tuple[int, int]:
    """One walk of x -> x² + shift.

    Returns the gcd (the number itself: this walk failed) and the number of steps.
    """
    y, divisor, length, steps = 2, 1, 1, 0
    x = start = y
    while divisor == 1:
        if steps + 2 * length > budget:
            raise ToolError("limit_exceeded", f"steps of the factor search: the limit is {MAX_RHO_STEPS:,}")
        x = y
        for _ in range(length):
            y = (y * y + shift) % composite
        done = 0
        while done < length and divisor == 1:
            start, product = y, 1
            for _ in range(min(_BATCH, length - done)):
                y = (y * y + shift) % composite
                product = product * (x - y) % composite
            divisor = gcd(product, composite)
            done += _BATCH
        steps += 2 * length
        length *= 2
    return (_retraced(composite, shift, x, start) if divisor == composite else divisor), steps


def _retraced(composite: int, shift: int, x: int, y: int) -> int:
    """Repeat the last batch step by step: its product held several factors at once."""
    while True:
        y = (y * y + shift) % composite
        divisor = gcd(x - y, composite)
        if divisor > 1:
            return divisor
