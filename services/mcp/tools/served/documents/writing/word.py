"""docx, by python-docx."""

import io
from pathlib import Path

import docx
from docx.document import Document
from docx.shared import Pt
from docx.text.paragraph import Paragraph as Written

from services.mcp.tools.served.documents.writing.blocks import Block, CodeBlock, Heading, Line, Paragraph, Runs, Table
from services.mcp.tools.served.documents.writing.text import lead

_TEMPLATE = Path(docx.__file__).with_name("templates").joinpath("default.docx").read_bytes()
_INDENT_PT = 18
_MONOSPACED = "Courier New"
_RULE = "_" * 60


def word_file(blocks: tuple[Block, ...], title: str) -> bytes:
    document = docx.Document(io.BytesIO(_TEMPLATE))
    document.core_properties.title = title
    document.core_properties.author = ""
    for block in blocks:
        _add(document, block)
    written = io.BytesIO()
    document.save(written)
    return written.getvalue()


def _add(document: Document, block: Block) -> None:
    match block:
        case Heading():
            _write(document.add_heading(level=block.level), block.runs)
        case CodeBlock():
            document.add_paragraph().add_run(block.text).font.name = _MONOSPACED
        case Line():
            document.add_paragraph(_RULE)
        case Table():
            _add_table(document, block)
        case Paragraph():
            paragraph = document.add_paragraph(lead(block), style="Quote" if block.quoted else None)
            paragraph.paragraph_format.left_indent = Pt(_INDENT_PT * block.depth)
            _write(paragraph, block.runs)


def _add_table(document: Document, block: Table) -> None:
    columns = max(map(len, block.rows))
    table = document.add_table(rows=len(block.rows), cols=columns, style="Table Grid")
    cells = iter(table._cells)  # read once: row by row it takes quadratic time
    for number, row in enumerate(block.rows):
        for place in range(columns):
            cell = next(cells)
            if place < len(row):
                _write(cell.paragraphs[0], row[place], bold=number == 0)


def _write(paragraph: Written, runs: Runs, *, bold: bool = False) -> None:
    for run in runs:
        written = paragraph.add_run(run.text)
        written.bold, written.italic = run.bold or bold or None, run.italic or None
        written.font.strike = run.strike or None
        if run.code:
            written.font.name = _MONOSPACED
        if run.link and run.link != run.text:
            paragraph.add_run(f" ({run.link})")
