"""Foreign files: made by other programs, and broken on purpose."""

import datetime
import io
import random
import zipfile

import docx
import pptx
import pytest
from openpyxl import Workbook
from pypdf import PdfWriter
from reportlab.pdfgen.canvas import Canvas

from services.mcp.contract import ToolError
from services.mcp.tools.served.documents.jobs import ReadJob, TextRead
from services.mcp.tools.served.documents.reading.package import MAX_PARTS, MAX_RATIO
from services.mcp.tools.served.documents.reading.reader import read

# Readers log broken files at length; the workers silence them.
pytestmark = pytest.mark.filterwarnings("ignore")
HARMLESS = frozenset({"invalid_argument", "limit_exceeded"})


def text_of(content: bytes, filename: str = "", content_type: str = "", max_chars: int = 5000) -> TextRead:
    return read(ReadJob(content=content, filename=filename, content_type=content_type, max_chars=max_chars))


def refused(content: bytes) -> ToolError:
    with pytest.raises(ToolError) as caught:
        text_of(content)
    return caught.value


def outcome_of(content: bytes) -> str:
    try:
        return text_of(content).format
    except ToolError as error:
        return error.code


def archive(parts: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", method) as file:
        for name, content in parts.items():
            file.writestr(name, content)
    return packed.getvalue()


def parts_of(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        return {name: file.read(name) for name in file.namelist()}


def word_file() -> bytes:
    document = docx.Document()
    document.add_heading("Bericht", 1)
    document.add_paragraph("Erste Zeile\tmit Tabulator").add_run(" und mehr")
    table = document.add_table(rows=2, cols=2)
    for number, text in enumerate(("a", "b", "c", "d")):
        table.cell(number // 2, number % 2).text = text
    document.add_paragraph("Schluss")
    written = io.BytesIO()
    document.save(written)
    return written.getvalue()


def book_file() -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Zahlen"
    sheet.append(["Name", "Wert", "Tag", "Ja"])
    sheet.append(["Tee", 2.5, datetime.date(2024, 2, 29), True])
    sheet.append([None, None, None, None])
    sheet.append(["Summe", 3.0, None, None])
    book.create_sheet("Zwei").append(["x"])
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def slides_file() -> bytes:
    presentation = pptx.Presentation()
    for number in (1, 2):
        slide = presentation.slides.add_slide(presentation.slide_layouts[1])
        assert slide.shapes.title is not None
        slide.shapes.title.text = f"Folie {number}"
        slide.placeholders[1].text_frame.text = f"Inhalt {number}"
    order = presentation.slides._sldIdLst  # shown the other way round
    order.insert(0, order[1])
    written = io.BytesIO()
    presentation.save(written)
    return written.getvalue()


def pdf_file(pages: int = 2) -> bytes:
    written = io.BytesIO()
    canvas = Canvas(written)
    for number in range(1, pages + 1):
        canvas.drawString(100, 700, f"Seite {number} mit Text")
        canvas.showPage()
    canvas.save()
    return written.getvalue()


def test_docx_is_read_with_its_tables() -> None:
    found = text_of(word_file())
    assert found.format == "docx"
    assert found.text == "Bericht\nErste Zeile\tmit Tabulator und mehr\na | b\nc | d\nSchluss\n"


def test_xlsx_is_read_with_dates_truth_and_numbers() -> None:
    found = text_of(book_file())
    assert (found.format, found.parts, found.parts_read) == ("xlsx", 2, 2)
    assert found.text == "## Zahlen\nName\tWert\tTag\tJa\nTee\t2.5\t2024-02-29T00:00:00\tTRUE\nSumme\t3\n## Zwei\nx\n"


def test_a_large_sheet_is_read_only_as_far_as_is_asked() -> None:
    """Its end is broken, which only a full read detects."""
    book = Workbook(write_only=True)  # such files do not state the size of their sheets
    sheet = book.create_sheet("Lang")
    for number in range(4_000):
        sheet.append([number, "x"])
    written = io.BytesIO()
    book.save(written)
    parts = parts_of(written.getvalue())
    long = archive(parts | {SHEET: parts[SHEET].replace(b"</sheetData>", b"<")})
    found = text_of(long, max_chars=50)
    assert found.text.startswith("## Lang\n0\tx\n1\tx\n")
    assert found.truncated
    with pytest.raises(ToolError, match="broken"):
        text_of(long, max_chars=100_000)


def test_pptx_is_read_in_the_order_in_which_it_is_shown() -> None:
    found = text_of(slides_file())
    assert (found.format, found.parts) == ("pptx", 2)
    assert found.text == "Folie 2\nInhalt 2\n\nFolie 1\nInhalt 1\n\n"


def test_pdf_is_read_page_by_page_as_far_as_is_asked() -> None:
    found = text_of(pdf_file(5), max_chars=60)
    assert (found.format, found.parts, found.truncated) == ("pdf", 5, True)
    assert found.parts_read < 5
    assert found.text.startswith("Seite 1 mit Text")
    assert len(found.text) == 60


def test_html_is_read_without_scripts_and_styles() -> None:
    page = "<!doctype html><title>T</title><style>p{}</style><body><p>Ein &auml;</p><script>evil()</script><p>Zwei</p>"
    assert text_of(page.encode()).text == "T\n\nEin ä\n\nZwei\n"


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("grün".encode(), "grün"),
        ("grün".encode("cp1252"), "grün"),
        ("\ufeffgrün".encode(), "grün"),
        ("grün".encode("utf-16"), "grün"),
        (b"", ""),
    ],
    ids=["utf-8", "cp1252", "bom", "utf-16", "empty"],
)
def test_text_is_read_in_its_own_encoding(content: bytes, text: str) -> None:
    found = text_of(content, "a.txt")
    assert (found.format, found.text) == ("txt", text)


@pytest.mark.parametrize(("name", "kind"), [("a.csv", "csv"), ("a.htm", "html"), ("a.pdf", "txt"), ("a.docx", "txt")])
def test_the_content_says_what_it_is_and_the_name_only_helps(name: str, kind: str) -> None:
    assert text_of(b"a,b", name).format == kind


def test_what_is_no_text_is_refused() -> None:
    for content in (
        b"\x89PNG\r\n\x1a\n\0\0\0",
        b"MZ\x90\0\x03\0",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        archive({"a": b""}),
    ):
        assert refused(content).code == "invalid_argument"


LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE d [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">'
    b'<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;">]><d>&d;</d>'
)
OUTSIDE = b'<?xml version="1.0"?><!DOCTYPE d [<!ENTITY a SYSTEM "file:///etc/passwd">]><d>&a;</d>'
PARTS = {"docx": "word/document.xml", "xlsx": "xl/workbook.xml", "pptx": "ppt/presentation.xml"}
SHEET = "xl/worksheets/sheet1.xml"
FILES = {"docx": word_file, "xlsx": book_file, "pptx": slides_file}


@pytest.mark.parametrize("kind", sorted(FILES))
@pytest.mark.parametrize("attack", [LAUGHS, OUTSIDE, OUTSIDE.decode().encode("utf-16")], ids=["laughs", "file", "wide"])
def test_entities_are_refused_in_every_office_format(kind: str, attack: bytes) -> None:
    error = refused(archive(parts_of(FILES[kind]()) | {PARTS[kind]: attack}))
    assert error.code == "invalid_argument"
    assert "root:" not in str(error)


def test_entities_in_any_part_of_a_workbook_are_refused() -> None:
    for name in ("xl/sharedStrings.xml", "xl/styles.xml", "xl/worksheets/sheet1.xml", "[Content_Types].xml"):
        assert "entities" in str(refused(archive(parts_of(book_file()) | {name: LAUGHS})))


@pytest.mark.parametrize("kind", sorted(FILES))
def test_a_part_that_unpacks_to_much_more_than_it_is_is_refused_before_it_is_unpacked(kind: str) -> None:
    bomb = archive(parts_of(FILES[kind]()) | {PARTS[kind]: b" " * 3_000_000})
    error = refused(bomb)
    assert error.code == "limit_exceeded"
    assert str(MAX_RATIO) in str(error)


def test_an_archive_of_many_parts_is_refused() -> None:
    parts = parts_of(word_file()) | {f"word/{n}.xml": b"" for n in range(MAX_PARTS)}
    assert "parts of an archive" in str(refused(archive(parts, zipfile.ZIP_STORED)))


def test_an_archive_that_says_it_is_large_unpacked_is_refused_before_it_is() -> None:
    packed = io.BytesIO(word_file())
    with zipfile.ZipFile(packed, "a") as file:
        for name in ("1.bin", "2.bin", "3.bin", "4.bin"):
            file.writestr(name, b"small")
            file.getinfo(name).file_size, file.getinfo(name).compress_size = 40_000_000, 1_000_000
    assert "bytes of an unpacked archive" in str(refused(packed.getvalue()))


def test_two_parts_of_one_name_are_refused() -> None:
    packed = io.BytesIO(word_file())
    with zipfile.ZipFile(packed, "a") as file, pytest.warns(UserWarning, match="Duplicate"):
        file.writestr("word/document.xml", b"<x/>")
    assert refused(packed.getvalue()).code == "limit_exceeded"


def test_deeply_nested_documents_are_no_crash() -> None:
    deep = b"<a>" * 60_000 + b"</a>" * 60_000  # more than a stack of 8 MB holds
    for kind in FILES:
        content = archive(parts_of(FILES[kind]()) | {PARTS[kind]: deep}, zipfile.ZIP_STORED)
        assert outcome_of(content) in HARMLESS | {kind}


def test_a_pdf_with_a_password_is_refused_and_named() -> None:
    writer = PdfWriter()
    writer.add_blank_page(100, 100)
    writer.encrypt("secret", algorithm="RC4-128")
    written = io.BytesIO()
    writer.write(written)
    assert "password" in str(refused(written.getvalue()))


@pytest.mark.parametrize("kind", ["docx", "xlsx", "pptx", "pdf"])
def test_damaged_files_are_read_or_refused_and_never_anything_else(kind: str) -> None:
    whole = pdf_file() if kind == "pdf" else FILES[kind]()
    chance = random.Random(kind)
    outcomes = set()
    for _ in range(120):
        damaged = bytearray(whole)
        for _ in range(chance.choice((1, 5, 40))):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        if chance.random() < 0.3:
            del damaged[chance.randrange(len(damaged)) :]
        outcomes.add(outcome_of(bytes(damaged)))
    assert outcomes <= {kind, "txt", "html", "invalid_argument", "limit_exceeded"}
    assert len(outcomes) > 1


def test_damaged_parts_inside_whole_archives_are_read_or_refused() -> None:
    chance = random.Random(9)
    for kind, make in FILES.items():
        parts = parts_of(make())
        names = [name for name in parts if name.endswith((".xml", ".rels"))]
        for _ in range(60):
            name = chance.choice(names)
            damaged = bytearray(parts[name])
            for _ in range(chance.choice((1, 3, 10))):
                damaged[chance.randrange(len(damaged))] = chance.choice(b"<>&\"'/ a0\x00")
            assert outcome_of(archive(parts | {name: bytes(damaged)})) in HARMLESS | {kind}
