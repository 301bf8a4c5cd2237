"""pptx, by python-pptx: a slide for each heading of the first two levels, and as many more as the text needs."""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pptx
from pptx.presentation import Presentation
from pptx.util import Pt

from services.mcp.contract import ToolError
from services.mcp.tools.served.documents.writing.blocks import Block, CodeBlock, Heading, Line, Paragraph, Table, plain

_TEMPLATE = Path(pptx.__file__).with_name("templates").joinpath("default.pptx").read_bytes()
MAX_SLIDES = 300
_LINES_A_SLIDE = 12
_CHARS_A_LINE = 70
_MAX_DEPTH = 4
_TITLE_AND_CONTENT = 1
_POINTS = 18


@dataclass(frozen=True, slots=True)
class _Paragraph:
    """One paragraph of a slide."""

    text: str
    depth: int = 0
    bold: bool = False

    @property
    def lines(self) -> int:
        return sum(1 + len(line) // _CHARS_A_LINE for line in self.text.split("\n"))


@dataclass(slots=True)
class _Slide:
    title: str
    paragraphs: list[_Paragraph]

    @property
    def lines(self) -> int:
        return sum(line.lines for line in self.paragraphs)


def slides_file(blocks: tuple[Block, ...], title: str) -> tuple[bytes, int]:
    """Presentation and the number of its slides. Raises ToolError over the limit."""
    slides = _slides(blocks, title)
    if len(slides) > MAX_SLIDES:
        raise ToolError("limit_exceeded", f"slides: the limit is {MAX_SLIDES}")
    presentation = pptx.Presentation(io.BytesIO(_TEMPLATE))
    presentation.core_properties.title = title
    for slide in slides:
        _add(presentation, slide)
    written = io.BytesIO()
    presentation.save(written)
    return written.getvalue(), len(slides)


def _slides(blocks: tuple[Block, ...], title: str) -> list[_Slide]:
    slides: list[_Slide] = []
    for block in blocks:
        if isinstance(block, Heading) and block.level <= 2:
            slides.append(_Slide(plain(block.runs), []))
            continue
        for line in _paragraphs(block):
            if not slides:
                slides.append(_Slide(title, []))
            if slides[-1].paragraphs and slides[-1].lines + line.lines > _LINES_A_SLIDE:
                slides.append(_Slide(slides[-1].title, []))
            slides[-1].paragraphs.append(line)
    return slides or [_Slide(title, [])]


def _paragraphs(block: Block) -> Iterator[_Paragraph]:
    match block:
        case Heading():
            yield _Paragraph(plain(block.runs), bold=True)
        case Paragraph():
            marker = f"{block.marker} " if block.marker not in ("", "•") else ""
            yield _Paragraph(marker + plain(block.runs), min(max(block.depth - 1, 0), _MAX_DEPTH))
        case CodeBlock():
            yield from (_Paragraph(line) for line in block.text.split("\n"))
        case Table():
            for number, row in enumerate(block.rows):
                yield _Paragraph(" | ".join(plain(cell) for cell in row), bold=number == 0)
        case Line():
            return


def _add(presentation: Presentation, slide: _Slide) -> None:
    shown = presentation.slides.add_slide(presentation.slide_layouts[_TITLE_AND_CONTENT])
    if shown.shapes.title is not None:
        shown.shapes.title.text = slide.title
    frame = shown.placeholders[1].text_frame
    for number, line in enumerate(slide.paragraphs):
        paragraph = frame.paragraphs[0] if number == 0 else frame.add_paragraph()
        run = paragraph.add_run()
        run.text, run.font.size, run.font.bold = line.text.replace("\n", " "), Pt(_POINTS), line.bold or None
        paragraph.level = line.depth
