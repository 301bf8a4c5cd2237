"""Codes by chance: right and spoiled, and as people write them."""

import random
import string

DIGITS = string.digits


def some_digits(chance: random.Random, length: int) -> str:
    return "".join(chance.choices(DIGITS, k=length))


def spoiled(chance: random.Random, code: str) -> str:
    """Code with one digit changed or two neighbours swapped, or as it is."""
    place = chance.randrange(len(code) - 1)
    kind = chance.randrange(3)
    if kind == 0 and code[place].isdigit():
        return code[:place] + chance.choice(DIGITS) + code[place + 1 :]
    if kind == 1:
        return code[:place] + code[place + 1] + code[place] + code[place + 2 :]
    return code


def written(chance: random.Random, code: str, *names: str) -> str:
    """Code as people write it: under a name or not, in groups or not, in any case."""
    step, blank = chance.choice((3, 4, 5)), chance.choice(("", " ", "-"))
    groups = blank.join(code[place : place + step] for place in range(0, len(code), step))
    return f"{chance.choice(('', *names))}{chance.choice((groups, groups.lower()))}"
