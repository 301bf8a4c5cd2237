"""A law as data, read from the law portal's own XML (gii-norm.dtd 1.01)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse

_SPACES = re.compile(r"[ \t\r\n\u00a0]+")
_AROUND_BREAKS = re.compile(r" *\n *")
_BREAKS = re.compile(r"\n{2,}")
_UNREAD = frozenset({"FnR", "Footnotes", "kommentar", "TOC"})
_OWN_LINE = frozenset({"P", "pre", "Title", "Subtitle", "thead", "tbody", "row", "DT", "Revision", "table"})
_BUILT = re.compile(r"(\d{4})(\d{2})(\d{2})")


class BrokenLaw(Exception):
    """The XML is not that of a law."""


@dataclass(frozen=True, slots=True)
class Names:
    """What a law is called. `as_of` is the portal's own note on its state, `built` the day of its file."""

    abbreviation: str
    official_abbreviation: str
    title: str
    short_title: str
    as_of: str
    built: str


@dataclass(frozen=True, slots=True)
class Norm:
    """One paragraph or article. `section` is its heading."""

    designation: str
    title: str
    section: str
    text: str


@dataclass(frozen=True, slots=True)
class Law:
    """A law with its norms, in its order."""

    names: Names
    norms: tuple[Norm, ...]


def read_law(xml: IO[bytes]) -> Law:
    """Raises BrokenLaw. Entities are refused, the document type is not loaded."""
    names: Names | None = None
    section, norms = "", []
    for norm, built in _norms(xml):
        names = names or _names(norm, built)
        heading = norm.find("metadaten/gliederungseinheit")
        if heading is not None:
            section = _joined(_text(heading, "gliederungsbez"), _text(heading, "gliederungstitel"))
        if designation := _text(norm, "metadaten/enbez"):
            content = norm.find("textdaten/text/Content")
            text = "" if content is None else text_of(content)
            norms.append(Norm(designation, _text(norm, "metadaten/titel"), section, text))
    if names is None:
        raise BrokenLaw("there is no norm in it")
    return Law(names, tuple(norms))


def read_names(xml: IO[bytes]) -> Names:
    """Names of a law, from the beginning of its file; the rest is not read. Raises BrokenLaw."""
    for norm, built in _norms(xml):
        return _names(norm, built)
    raise BrokenLaw("there is no norm in it")


def text_of(content: Element) -> str:
    """Text of a norm: a line for each paragraph and each entry of a list."""
    lines = _AROUND_BREAKS.sub("\n", "".join(_pieces(content)))
    return _BREAKS.sub("\n", lines).strip()


def _norms(xml: IO[bytes]) -> Iterator[tuple[Element, str]]:
    built = ""
    try:
        for event, element in iterparse(xml, events=("start", "end"), forbid_dtd=False):
            if event == "start" and element.tag == "dokumente":
                built = _day(element.get("builddate", ""))
            elif event == "end" and element.tag == "norm":
                yield element, built
                element.clear()
    except (ParseError, DefusedXmlException, RecursionError, ValueError, LookupError) as error:
        raise BrokenLaw(f"the XML cannot be read: {type(error).__name__}") from error


def _names(norm: Element, built: str) -> Names:
    states = norm.iterfind("metadaten/standangabe")
    as_of = [_text(state, "standkommentar") for state in states if _text(state, "standtyp") == "Stand"]
    return Names(
        abbreviation=_text(norm, "metadaten/jurabk"),
        official_abbreviation=_text(norm, "metadaten/amtabk"),
        title=_text(norm, "metadaten/langue"),
        short_title=_text(norm, "metadaten/kurzue"),
        as_of="; ".join(as_of),
        built=built,
    )


def _pieces(element: Element) -> Iterator[str]:
    """Yield text in its order; white space of the file counts as one space, lines begin where the law's begin."""
    own_line = element.tag in _OWN_LINE
    if own_line or element.tag == "BR":
        yield "\n"
    yield _SPACES.sub(" ", element.text or "")
    for child in element:
        if child.tag not in _UNREAD:
            yield from _pieces(child)
        yield _SPACES.sub(" ", child.tail or "")
    if element.tag == "entry":
        yield " | "
    elif element.tag == "DT":
        yield " "
    elif own_line:
        yield "\n"


def _text(element: Element, path: str) -> str:
    found = element.find(path)
    return "" if found is None else _SPACES.sub(" ", "".join(_pieces(found))).strip()


def _joined(first: str, second: str) -> str:
    return f"{first}: {second}" if first and second else first or second


def _day(built: str) -> str:
    found = _BUILT.match(built)
    return "-".join(found.groups()) if found else ""
