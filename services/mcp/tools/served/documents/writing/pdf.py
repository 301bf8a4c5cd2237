"""PDF, by reportlab, in DejaVu where the machine has it, else in the fonts that every PDF reader has."""

import io
from collections.abc import Iterator
from functools import partial
from html import escape
from pathlib import Path
from urllib.parse import urlsplit

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFError, TTFont
from reportlab.platypus import Flowable, HRFlowable, LongTable, SimpleDocTemplate, TableStyle, XPreformatted
from reportlab.platypus import Paragraph as Flowing
from reportlab.platypus.doctemplate import LayoutError

from services.mcp.contract import ToolError
from services.mcp.tools.served.documents.writing.blocks import (
    Block,
    CodeBlock,
    Heading,
    Line,
    Paragraph,
    Run,
    Runs,
    Table,
)

_FONTS = Path("/usr/share/fonts/truetype/dejavu")
_FACES = {"Text": "", "Text-Bold": "-Bold", "Text-Italic": "-Oblique", "Text-BoldItalic": "-BoldOblique"}
_SCHEMES = frozenset({"http", "https", "mailto"})
_SIZES = {1: 20, 2: 16, 3: 14, 4: 12, 5: 11, 6: 11}
_CODE_WIDTH = 90
_MARGIN_PT = 56


def _faces() -> tuple[str, str]:
    """Register the fonts there are; return the names for text and for code."""
    try:
        for name, ending in _FACES.items():
            found = _FONTS / f"DejaVuSans{ending}.ttf"
            pdfmetrics.registerFont(TTFont(name, found if found.exists() else _FONTS / "DejaVuSans.ttf"))
        pdfmetrics.registerFont(TTFont("Code", _FONTS / "DejaVuSansMono.ttf"))
    except (TTFError, OSError):
        return "Helvetica", "Courier"
    pdfmetrics.registerFontFamily("Text", *_FACES)
    pdfmetrics.registerFontFamily("Code", "Code", "Code", "Code", "Code")
    return "Text", "Code"


_TEXT, _CODE = _faces()
_BODY = ParagraphStyle("body", fontName=_TEXT, bulletFontName=_TEXT, fontSize=10.5, leading=15, spaceAfter=6)
_CELL = ParagraphStyle("cell", fontName=_TEXT, fontSize=9, leading=12)
_PRE = ParagraphStyle("code", fontName=_CODE, fontSize=8.5, leading=11, backColor=colors.whitesmoke, spaceAfter=6)
_GRID = TableStyle(
    [
        ("GRID", (0, 0), (-1, -1), 0.5, colors.grey),
        ("BACKGROUND", (0, 0), (-1, 0), colors.whitesmoke),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ]
)


def pdf_file(blocks: tuple[Block, ...], title: str) -> tuple[bytes, int, int]:
    """Document, page count, and number of characters replaced because the font lacks them."""
    letters = _Letters()
    written = io.BytesIO()
    document = SimpleDocTemplate(
        written, pagesize=A4, title=letters.known(title), author="", invariant=1,
        leftMargin=_MARGIN_PT, rightMargin=_MARGIN_PT, topMargin=_MARGIN_PT, bottomMargin=_MARGIN_PT,
    )  # fmt: skip
    try:
        document.build([flowing for block in blocks for flowing in _flowing(block, letters)] or [Flowing("", _BODY)])
    except LayoutError as error:
        raise ToolError("limit_exceeded", "content: one cell of a table is longer than a page") from error
    return written.getvalue(), document.page, letters.replaced


class _Letters:
    """Which characters the font has."""

    def __init__(self) -> None:
        face = pdfmetrics.getFont(_TEXT).face
        self._known: frozenset[int] | None = frozenset(face.charToGlyph) if _TEXT == "Text" else None
        self.replaced = 0

    def known(self, text: str) -> str:
        """Replace every character that the font lacks with a question mark."""
        return "".join(map(self._one, text))

    def _one(self, letter: str) -> str:
        if letter in "\n\t" or self._has(letter):
            return letter
        self.replaced += 1
        return "?"

    def _has(self, letter: str) -> bool:
        if self._known is not None:
            return ord(letter) in self._known
        return letter == letter.encode("cp1252", "ignore").decode("cp1252")

    def marked_up(self, runs: Runs, *, bold: bool = False) -> str:
        """Run in reportlab's own markup, in which the text itself has no marks."""
        return "".join(self._run(run, bold=bold) for run in runs)

    def _run(self, run: Run, *, bold: bool) -> str:
        text = escape(self.known(run.text)).replace("\n", "<br/>")
        marks = (("b", run.bold or bold), ("i", run.italic), ("strike", run.strike))
        for mark in (mark for mark, wanted in marks if wanted):
            text = f"<{mark}>{text}</{mark}>"
        if run.code:
            text = f'<font name="{_CODE}">{text}</font>'
        if run.link and urlsplit(run.link).scheme in _SCHEMES:
            text = f'<a href="{escape(run.link)}" color="blue">{text}</a>'
        return text


def _flowing(block: Block, letters: _Letters) -> Iterator[Flowable]:
    match block:
        case Heading():
            size = _SIZES[block.level]
            style = ParagraphStyle("heading", _BODY, fontSize=size, leading=size * 1.3, spaceBefore=8, keepWithNext=1)
            yield Flowing(letters.marked_up(block.runs, bold=True), style)
        case CodeBlock():
            yield XPreformatted("\n".join(map(escape, _narrow(letters.known(block.text)))), _PRE)
        case Line():
            yield HRFlowable(width="100%", color=colors.grey, spaceBefore=6, spaceAfter=6)
        case Table():
            yield _table(block, letters)
        case Paragraph():
            indent = 16 * (block.depth + block.quoted)
            look = partial(ParagraphStyle, "text", _BODY, leftIndent=indent, bulletIndent=max(indent - 16, 0))
            style = look(textColor=colors.dimgrey) if block.quoted else look()
            yield Flowing(letters.marked_up(block.runs), style, bulletText=block.marker or None)


def _table(block: Table, letters: _Letters) -> Flowable:
    columns = max(map(len, block.rows))
    padded = [(*row, *((),) * (columns - len(row))) for row in block.rows]
    cells = [
        [Flowing(letters.marked_up(cell, bold=number == 0), _CELL) for cell in row] for number, row in enumerate(padded)
    ]
    return LongTable(cells, colWidths=[(A4[0] - 2 * _MARGIN_PT - 12) / columns] * columns, style=_GRID, repeatRows=1)


def _narrow(code: str) -> Iterator[str]:
    """Break lines of code that are wider than the page."""
    for line in code.expandtabs(4).split("\n"):
        yield line[:_CODE_WIDTH]
        for start in range(_CODE_WIDTH, len(line), _CODE_WIDTH):
            yield line[start : start + _CODE_WIDTH]
