"""XML read by expat: well-formed, namespaces bound, no document type, nothing included."""

from xml.parsers import expat

from services.mcp.tools.pure.data.json_reader import MAX_DEPTH
from services.mcp.tools.pure.data.structured_validate.document import Broken, Document, Position, not_read

RULE = (
    f"XML 1.0 with namespaces, by expat {'.'.join(map(str, expat.version_info))}; not read, so neither valid nor "
    "invalid: document types (and with them entities of one's own), XInclude, nesting deeper than 100"
)
_INCLUDE = "http://www.w3.org/2001/XInclude include"


def read_xml(text: str) -> Document:
    """Number of elements; XML has no value here.

    Raises Broken at the first error, ToolError at unsupported input.
    """
    counter = _Counter()
    try:
        counter.parser.Parse(text.encode(), True)
    except expat.ExpatError as error:
        raise Broken("syntax", expat.ErrorString(error.code), (error.lineno, error.offset + 1)) from error
    return Document(parts=counter.elements)


class _Counter:
    """Counts elements and stops at forbidden constructs."""

    def __init__(self) -> None:
        self.parser = expat.ParserCreate("utf-8", " ")
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.StartDoctypeDeclHandler = self._doctype
        self.elements = 0
        self._depth = 0

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self.elements += 1
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise not_read(f"nesting: the limit is {MAX_DEPTH}", self._position(), "limit_exceeded")
        if name == _INCLUDE:
            raise not_read("XInclude is not read: nothing is fetched", self._position())

    def _end(self, name: str) -> None:
        self._depth -= 1

    def _doctype(self, name: str, system: str | None, public: str | None, internal: int) -> None:
        raise not_read("a document type (<!DOCTYPE) is not read: it may declare entities", self._position())

    def _position(self) -> Position:
        return self.parser.CurrentLineNumber, self.parser.CurrentColumnNumber + 1
