"""Markdown as blocks, which every writer but that of HTML starts from."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from markdown_it import MarkdownIt
from markdown_it.token import Token

_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
_BREAKS = {"softbreak": " ", "hardbreak": "\n"}


@dataclass(frozen=True, slots=True)
class Run:
    """Text of one look. `link` is where it leads, empty for nowhere."""

    text: str
    bold: bool = False
    italic: bool = False
    code: bool = False
    strike: bool = False
    link: str = ""


Runs = tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class Heading:
    level: int
    runs: Runs


@dataclass(frozen=True, slots=True)
class Paragraph:
    """`depth` counts the lists around it, `marker` is `•` or `3.` at the beginning of a list's entry."""

    runs: Runs
    depth: int = 0
    marker: str = ""
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class CodeBlock:
    text: str


@dataclass(frozen=True, slots=True)
class Table:
    """The first row is the heading."""

    rows: tuple[tuple[Runs, ...], ...]


@dataclass(frozen=True, slots=True)
class Line:
    """A line across the page."""


Block = Heading | Paragraph | CodeBlock | Table | Line


def plain(runs: Runs) -> str:
    """Text without formatting."""
    return "".join(run.text for run in runs)


def blocks_of(markdown: str) -> tuple[Block, ...]:
    """HTML in the text stays literal text."""
    return tuple(_Reader().read(_MARKDOWN.parse(markdown)))


@dataclass
class _Reader:
    """Position of the parser in lists and quotes."""

    markers: list[int | None] = field(default_factory=list)  # the next number of each list; None: bullets
    quotes: int = 0
    entry_begins: bool = False
    level: int = 0
    rows: list[tuple[Runs, ...]] = field(default_factory=list)
    cells: list[Runs] = field(default_factory=list)

    def read(self, tokens: Sequence[Token]) -> Iterator[Block]:
        in_table = False
        for token in tokens:
            self._follow(token)
            in_table = token.type == "table_open" or (in_table and token.type != "table_close")
            if token.type == "inline":
                runs = tuple(_runs(token.children or ()))
                if in_table:
                    self.cells.append(runs)
                else:
                    yield self._text(runs)
            elif (block := self._whole(token)) is not None:
                yield block

    def _follow(self, token: Token) -> None:
        match token.type:
            case "ordered_list_open":
                self.markers.append(int(token.attrGet("start") or 1))
            case "bullet_list_open":
                self.markers.append(None)
            case "ordered_list_close" | "bullet_list_close":
                self.markers.pop()
            case "list_item_open":
                self.entry_begins = True
            case "blockquote_open" | "blockquote_close":
                self.quotes += token.nesting
            case "heading_open" | "heading_close":
                self.level = int(token.tag[1:]) if token.nesting == 1 else 0
            case "tr_close":
                self.rows.append(tuple(self.cells))
                self.cells.clear()

    def _text(self, runs: Runs) -> Block:
        if self.level:
            return Heading(self.level, runs)
        return Paragraph(runs, len(self.markers), self._marker(), self.quotes > 0)

    def _marker(self) -> str:
        if not self.entry_begins or not self.markers:
            return ""
        self.entry_begins = False
        number = self.markers[-1]
        if number is None:
            return "•"
        self.markers[-1] = number + 1
        return f"{number}."

    def _whole(self, token: Token) -> Block | None:
        match token.type:
            case "fence" | "code_block":
                return CodeBlock(token.content.rstrip("\n"))
            case "hr":
                return Line()
            case "table_close":
                rows, self.rows = tuple(self.rows), []
                return Table(rows)
        return None


def _runs(tokens: Sequence[Token]) -> Iterator[Run]:
    look = Run("")
    for token in tokens:
        if token.nesting:
            look = _looked(look, token)
        elif token.type in _BREAKS:
            yield replace(look, text=_BREAKS[token.type])
        else:  # text, and images as their alternative text
            yield replace(look, text=token.content, code=token.type == "code_inline")


def _looked(look: Run, token: Token) -> Run:
    """Formatting from a mark on."""
    begins = token.nesting == 1
    match token.type.partition("_")[0]:
        case "strong":
            return replace(look, bold=begins)
        case "em":
            return replace(look, italic=begins)
        case "s":
            return replace(look, strike=begins)
        case "link":
            return replace(look, link=str(token.attrGet("href") or "") if begins else "")
    return look
