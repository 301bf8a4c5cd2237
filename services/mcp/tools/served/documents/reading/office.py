"""docx and pptx: text from their own XML."""

from collections.abc import Iterator
from posixpath import join, normpath

from services.mcp.tools.served.documents.reading.package import Package

_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_SLIDES = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_BREAKS = frozenset({"br", "cr"})


def word_text(package: Package) -> Iterator[str]:
    """Yield a document's paragraphs, and the rows of its tables with ` | ` between cells."""
    yield from _paragraphs(package, "word/document.xml", _WORD)


def slide_names(package: Package) -> list[str]:
    """Parts with slides, in presentation order. Raises ToolError."""
    relations = package.tree("ppt/_rels/presentation.xml.rels")
    targets = {relation.get("Id"): relation.get("Target", "") for relation in relations}
    shown = [slide.get(_RELATION) for slide in package.tree("ppt/presentation.xml").iter(f"{_SLIDES}sldId")]
    paths = [normpath(join("ppt", targets.get(slide) or "")).lstrip("/") for slide in shown]
    return [path for path in paths if path in package.names()]


def slide_text(package: Package, name: str) -> str:
    """Paragraphs of one slide, one a line."""
    return "".join(_paragraphs(package, name, _DRAWING)) + "\n"


def _paragraphs(package: Package, part: str, space: str) -> Iterator[str]:
    """Yield lines. Both formats call things alike: text `t` in paragraphs `p`, cells `tc` in rows `tr`."""
    line: list[str] = []
    row_depth = 0
    for event, element in package.events(part):
        name = element.tag.removeprefix(space) if element.tag.startswith(space) else ""
        if event == "start":
            row_depth += name == "tr"
            continue
        if name == "tc":
            line = ["".join(line).rstrip()]
        line += _piece(name, element.text or "", in_row=row_depth > 0)
        row_depth -= name == "tr"
        if (name == "p" and not row_depth) or name == "tr":
            yield "".join(line).rstrip().removesuffix(" |").rstrip() + "\n"
            line.clear()
        if name in ("p", "tr"):
            element.clear()


def _piece(name: str, text: str, *, in_row: bool) -> list[str]:
    if name == "t":
        return [text]
    if name == "tab":
        return ["\t"]
    if name in _BREAKS:
        return [" " if in_row else "\n"]
    if name == "tc":
        return [" | "]
    return [" "] if name == "p" and in_row else []
