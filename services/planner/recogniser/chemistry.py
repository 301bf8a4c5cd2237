"""Recognises chemical formulas; most acronyms also parse as one, and would get a molar mass."""

import re
from collections.abc import Iterator

ELEMENTS = frozenset((
    "H", "He", "Li", "Be", "B", "C", "N", "O", "F", "Ne", "Na", "Mg", "Al", "Si", "P", "S", "Cl", "Ar", "K", "Ca",
    "Sc", "Ti", "V", "Cr", "Mn", "Fe", "Co", "Ni", "Cu", "Zn", "Ga", "Ge", "As", "Se", "Br", "Kr", "Rb", "Sr", "Y",
    "Zr", "Nb", "Mo", "Tc", "Ru", "Rh", "Pd", "Ag", "Cd", "In", "Sn", "Sb", "Te", "I", "Xe", "Cs", "Ba", "La", "Ce",
    "Pr", "Nd", "Pm", "Sm", "Eu", "Gd", "Tb", "Dy", "Ho", "Er", "Tm", "Yb", "Lu", "Hf", "Ta", "W", "Re", "Os", "Ir",
    "Pt", "Au", "Hg", "Tl", "Pb", "Bi", "Po", "At", "Rn", "Fr", "Ra", "Ac", "Th", "Pa", "U", "Np", "Pu", "Am", "Cm",
    "Bk", "Cf", "Es", "Fm", "Md", "No", "Lr", "Rf", "Db", "Sg", "Bh", "Hs", "Mt", "Ds", "Rg", "Cn", "Nh", "Fl", "Mc",
    "Lv", "Ts", "Og",
))  # fmt: skip
_PART = re.compile(r"([A-Z][a-z]?)|([()])|(\d+)")
# PVC, PFOS and CFCs look like formulas but are names; the texts below look alike and are formulas.
_CAPITALS = re.compile(r"[A-Z]{2,}s?")
_REAL = frozenset((
    "CO", "NO", "CN", "OH", "CH", "NH", "SH", "SO", "HF", "HI", "KF", "KI", "KH", "BN", "BP", "BAs", "WC", "UC", "UN",
    "VC", "VN", "YN", "HCN", "HCO", "HNO", "HOF", "HOI", "KOH", "KCN", "NOF", "OCS", "COS", "KSCN", "KNCS", "KOCN",
    "KNCO", "HSCN", "HNCS", "HOCN", "HNCO", "HCNO", "SCN", "NCO", "OCN", "HOOH", "HCCH", "COOH", "HCOO", "HCOOH",
    "HCOOK",
))  # fmt: skip
# B12 is a vitamin, U235 a nuclide and P53 a protein.
_ONE_ELEMENT = re.compile(r"(?:H|N|O|F|Cl|Br|I|S|P|C)2|O3|N3|I3|P4|As4|S[68]|Se8|C60|C70")
_COUNTED_NAME = re.compile(r"[A-Z]{2,}(?:1[3-9]|[2-9]\d|\d{3,})|.*(?<!\d)1(?!\d).*")  # PCB153, HSP70; H1N1
_NAMES = frozenset({"BaP", "BiP", "HeLa", "LiPo", "NaN", "NiCd", "No", "IP3", "IP6", "PI3K", "CB2", "CK2"})
_MOST_READINGS = 16
_GROUPS = frozenset({"Ac", "Ts", "At"})  # acetyl, tosyl and the N of HOAt, not actinium, tennessine and astatine
_GROUPS_WITH_HYDROGEN = frozenset({"Pr", "Am"})  # propyl and amyl


def is_formula(text: str) -> bool:
    """True if a text with digits on the line is a formula and nothing else.

    Case is significant: `CO` is a gas and `Co` a metal; a word is not a formula.
    """
    parts = _PART.findall(text)
    elements = {element for element, _, _ in parts if element}
    whole = "".join("".join(part) for part in parts) == text
    if not (whole and elements and elements <= ELEMENTS and text.count("(") == text.count(")")):
        return False
    return not (_is_name(text, elements) or _has_groups(elements))


def in_capitals(text: str) -> str | None:
    """The only formula that a lower-case text can be: `h2so4`; None for words and for `co2`."""
    if not any(character.isdigit() for character in text):
        return None
    readings = [("", 0)]
    for _ in range(len(text)):
        readings = [longer for reading in readings for longer in _longer(*reading, text)][:_MOST_READINGS]
    whole = {written for written, _ in readings}
    return whole.pop() if len(whole) == 1 else None


def _longer(written: str, place: int, text: str) -> Iterator[tuple[str, int]]:
    """Yield the reading extended by one element, digit or bracket; a complete reading is yielded unchanged."""
    if place == len(text):
        yield written, place
    elif not text[place].isalpha():
        yield written + text[place], place + 1
    else:
        for size in (1, 2):
            element = text[place : place + size].capitalize()
            if len(element) == size and element in ELEMENTS:
                yield written + element, place + size


def _is_name(text: str, elements: set[str]) -> bool:
    if _CAPITALS.fullmatch(text):
        return text not in _REAL
    if len(elements) == 1 and text not in elements:
        return not _ONE_ELEMENT.fullmatch(text)
    return text in _NAMES or bool(_COUNTED_NAME.fullmatch(text))


def _has_groups(elements: set[str]) -> bool:
    grouped = len(elements) > 1 and elements & _GROUPS
    return bool(grouped or (elements & _GROUPS_WITH_HYDROGEN and "H" in elements))
