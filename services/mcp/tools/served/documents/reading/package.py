"""An Office file as an archive of parts: bounded before it is unpacked, and without XML entities."""

import io
import re
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from typing import NoReturn
from xml.etree.ElementTree import Element

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring, iterparse

from services.mcp.contract import ToolError
from services.mcp.tools.served.documents.reading.broken import BROKEN

MAX_PARTS = 4000
MAX_UNPACKED_BYTES = 120 * 1024 * 1024
MAX_PART_BYTES = 40 * 1024 * 1024
MAX_RATIO = 200
_SMALL_BYTES = 256 * 1024  # below it no ratio is a bomb
_DECLARATION = re.compile(rb"<!(DOCTYPE|ENTITY)", re.IGNORECASE)


class Package:
    """The parts of a file. Raises ToolError for an archive that unpacks to too much, or is broken."""

    def __init__(self, content: bytes) -> None:
        try:
            self._archive = zipfile.ZipFile(io.BytesIO(content))
        except BROKEN as error:
            _broken(error)
        self._parts = {part.filename: part for part in self._archive.infolist()}
        self._check()

    def names(self) -> tuple[str, ...]:
        return tuple(self._parts)

    def read(self, name: str) -> bytes:
        """A part, of at most its declared size. Raises ToolError."""
        if name not in self._parts:
            raise ToolError("invalid_argument", "the file is broken: one of its parts is missing")
        try:
            return self._archive.read(name)
        except BROKEN as error:
            _broken(error)

    def tree(self, name: str) -> Element:
        """A part as XML. Raises ToolError."""
        try:
            return fromstring(self.read(name), forbid_dtd=True)
        except (*BROKEN, DefusedXmlException) as error:
            _broken(error)

    def events(self, name: str) -> Iterator[tuple[str, Element]]:
        """Yield the beginnings and ends of a part's elements. Raises ToolError."""
        try:
            yield from iterparse(io.BytesIO(self.read(name)), events=("start", "end"), forbid_dtd=True)
        except (*BROKEN, DefusedXmlException) as error:
            _broken(error)

    def without_declarations(self) -> None:
        """Raise ToolError if any part declares entities or a document type: for readers that we did not write."""
        for name in self._parts:
            if name.lower().endswith((".xml", ".rels", ".vml")):
                content = self.read(name)
                if _DECLARATION.search(content) or _DECLARATION.search(content.replace(b"\x00", b"")):
                    raise ToolError("invalid_argument", "the file declares XML entities, which no Office file does")

    def _check(self) -> None:
        parts = self._archive.infolist()
        if len(parts) > MAX_PARTS or len(parts) != len(self._parts):
            raise ToolError("limit_exceeded", f"parts of an archive: the limit is {MAX_PARTS:,}, each of its own name")
        if sum(part.file_size for part in parts) > MAX_UNPACKED_BYTES:
            raise ToolError("limit_exceeded", f"bytes of an unpacked archive: the limit is {MAX_UNPACKED_BYTES:,}")
        for part in parts:
            if part.file_size > MAX_PART_BYTES:
                raise ToolError("limit_exceeded", f"bytes of a part of an archive: the limit is {MAX_PART_BYTES:,}")
            if part.file_size > _SMALL_BYTES and part.file_size > MAX_RATIO * max(part.compress_size, 1):
                raise ToolError("limit_exceeded", f"compression of a part of an archive: the limit is {MAX_RATIO} to 1")


def _broken(error: BaseException) -> NoReturn:
    if isinstance(error, DefusedXmlException):
        raise ToolError("invalid_argument", "the file declares XML entities, which no Office file does") from error
    with suppress(AttributeError):
        error.__traceback__ = None  # it refers to the unpacked data
    raise ToolError("invalid_argument", "the file is broken") from error
