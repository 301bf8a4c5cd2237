"""Check digits: Luhn (ISO/IEC 7812-1), modulo 97 (ISO 7064), EAN and UPC (GS1), ISBN-10 (ISO 2108)."""


def luhn(payload: str) -> int:
    """Digit to append: every second digit from the right is doubled, nines cast out, and all are added."""
    total = 0
    for place, digit in enumerate(reversed(payload)):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return -total % 10


def gs1(payload: str) -> int:
    """Digit to append: digits weigh 3 and 1 in turn, 3 at the right end."""
    return -sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(payload))) % 10


def isbn10(payload: str) -> str:
    """Character to append to nine digits, X for ten: digits weigh 10 down to 2, modulo 11."""
    value = -sum(int(digit) * weight for digit, weight in zip(payload, range(10, 1, -1), strict=True)) % 11
    return "X" if value == 10 else str(value)


def iban(country: str, bban: str) -> str:
    """The two digits after the country, 02 to 98: 98 - n mod 97 with letters from A = 10 and 00 at the end."""
    digits = "".join(str(int(character, 36)) for character in f"{bban}{country}00")
    return f"{98 - int(digits) % 97:02}"
