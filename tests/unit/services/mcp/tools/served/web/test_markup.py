"""Markup from outside is read for its text: rightly where it is well formed, and in bounded time where it is not."""

import time
from html import unescape
from html.parser import HTMLParser
from random import Random

import pytest

from libs.ports.fetching import Fetched
from services.mcp.contract import ToolError
from services.mcp.tools.served.web.markup import MAX_PIECES, Tag, pieces, readable, unescaped
from services.mcp.tools.served.web.pages import decoded, page_of
from services.mcp.tools.served.web.text import line, link, passage, unmarked

HOSTILE = {
    "angles": "<" * 1_000_000,
    "paragraphs": "<p>hi</p>" * 112_500,
    "open tags": "<a " * 325_000,
    "comments": "<!--" * 250_000,
    "scripts": "<script>" * 125_000,
    "titles": "<title>" * 142_500,
    "heads": "<head>" * 150_000,
    "characters": "&#" * 500_000,
    "a long number": "&#" + "1" * 1_000_000,
    "long numbers": f"&#{'7' * 5000};&#x{'f' * 5000};&#{'0' * 5000}65;" * 60,
    "a long name": "<" + "a" * 1_000_000,
    "attributes": "<a " + 'x="y" ' * 150_000 + ">",
    "quotes": "<a x='" * 175_000,
}


class Reference(HTMLParser):
    """The standard library's reading of the same markup."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.found: list[tuple[str, str] | str] = []
        self.feed(markup)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs).get("class") or ""))

    def handle_endtag(self, tag: str) -> None:
        self.found.append((f"/{tag}", ""))

    def handle_data(self, data: str) -> None:
        if self.found and isinstance(self.found[-1], str):
            data = str(self.found.pop()) + data
        self.found.append(data)


def random_page(draw: Random) -> str:
    names = ("p", "b", "a", "table", "td", "li", "h2", "custom-tag")
    texts = ("word", "a &amp; b", "&uuml;ber", "5 &lt; 6", "&#8364; 10", "Zeile\nzwei", "x &notanentity; y", "tea")
    values = ("one", "one two", "a&amp;b", "&quot;q&quot;", "")
    said = []
    for _ in range(draw.randrange(1, 40)):
        name = draw.choice(names)
        said += [f"<{name} class={draw.choice(chr(34) + chr(39))}".replace("class=", "class="), ""]
        quote = said[-2][-1]
        said.append(f"{draw.choice(values)}{quote}>{draw.choice(texts)}")
        said.append(draw.choice((f"</{name}>", "", "<!-- <p>left out</p> -->", f"</{name.upper()}>")))
    return "".join(said)


@pytest.mark.parametrize("seed", range(20))
def test_tags_classes_and_text_are_those_that_the_standard_library_reads(seed: int) -> None:
    draw = Random(seed)
    for _ in range(100):
        page = random_page(draw)
        ours: list[tuple[str, str] | str] = []
        for piece in pieces(page):
            if isinstance(piece, Tag):
                ours.append((piece.name, piece.attribute("class")))
            elif ours and isinstance(ours[-1], str):
                ours.append(str(ours.pop()) + piece)
            else:
                ours.append(piece)
        assert ours == Reference(page).found, page


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_markup_is_read_in_bounded_time(name: str) -> None:
    started = time.process_time()
    page = readable(HOSTILE[name])
    assert time.process_time() - started < 20.0
    assert len(page.text) <= len(HOSTILE[name])


@pytest.mark.parametrize(
    ("reference", "character"),
    [
        ("&#" + "1" * 5000 + ";", "\ufffd"),
        ("&#x" + "f" * 5000 + ";", "\ufffd"),
        ("&#" + "0" * 5000 + "65;", "A"),
        ("&#X" + "0" * 5000 + "41", "A"),
        ("&#" + "0" * 5000 + ";", "\ufffd"),
        ("&#00000038;lt;", "&lt;"),
    ],
)
def test_a_reference_may_have_any_number_of_digits(reference: str, character: str) -> None:
    assert unescaped(reference) == character
    assert Tag("a", f' title="{reference}"').attribute("title") == character


def test_references_are_resolved_as_the_standard_library_does() -> None:
    draw = Random(5)
    for _ in range(5000):
        text = "".join(
            draw.choice(["&", "#", "x", "X", ";", "0", "00000", "6", "41", "a", "f", "g", "amp", " "])
            for _ in range(14)
        )
        assert unescaped(text) == unescape(text), text


async def test_a_page_with_a_number_of_five_thousand_digits_is_a_page() -> None:
    body = b"<html><body>a &#" + b"1" * 5000 + b"; b"
    answer = Fetched("http://x.example.com/", 200, body, 0, {"content-type": "text/html"})
    assert (await page_of(answer, "the page")).text == "a \ufffd b"


def test_no_more_pieces_are_looked_at_than_the_limit() -> None:
    assert sum(1 for _ in pieces("<p>" * (MAX_PIECES + 10))) == MAX_PIECES


def test_a_page_is_its_title_and_its_text_without_scripts_styles_and_comments() -> None:
    page = readable(
        "<head><style>p{}</style><title>A &amp; B</title><script>if (a<b) {'</p>'}</script></head>"
        "<body><h1>Head</h1><p>one <b>two</b><!-- three --></p><ul><li>x</li><li>y</li></ul>"
        "<table><tr><td>1</td><td>2</td></tr></table><noscript>no</noscript></body>"
    )
    assert page.title == "A & B"
    assert passage(page.text, 100) == "Head\n\none two\n\n- x\n\n- y\n\n1 2"


@pytest.mark.parametrize(
    ("headers", "body", "text"),
    [
        ("text/html; charset=ISO-8859-1", "grün".encode("latin-1"), "grün"),
        ("text/html", '<meta charset="windows-1252">€'.encode("cp1252"), '<meta charset="windows-1252">€'),
        ("text/html; charset=utf-8", b"\xff broken", "\ufffd broken"),
        ("text/html; charset=no-such", "ü".encode(), "ü"),
        ("text/html; charset=zlib", b"plain", "plain"),
        ("text/html; charset=punycode", b"plain-", "plain-"),
        ('text/html; charset="utf-8"', "ü".encode(), "ü"),
    ],
)
def test_a_body_is_decoded_as_it_says_and_never_by_a_codec_that_is_no_charset(
    headers: str, body: bytes, text: str
) -> None:
    assert decoded(Fetched("http://x.example.com/", 200, body, 0, {"content-type": headers})) == text


async def test_what_is_no_text_is_refused_without_a_guess() -> None:
    answer = Fetched("http://x.example.com/", 200, b"%PDF-1.7", 0, {"content-type": "application/pdf"})
    with pytest.raises(ToolError, match="no text") as caught:
        await page_of(answer, "the page")
    assert caught.value.code == "outside_failed"


def test_text_from_outside_carries_nothing_unseen() -> None:
    hidden = "a\u202eb\u200bc\x00d\x1b[31me\ufeff\u2066f\ue000g"
    assert line(hidden, 100) == "a b c d [31me f g"
    assert "\u202e" not in passage(hidden, 100)
    assert unmarked("<i>On</i> Computable &lt;Numbers&gt;", 100) == "On Computable <Numbers>"
    assert unmarked(f"On &#{'0' * 5_000}65; Numbers", 100) == "On A Numbers"


def test_text_is_cut_to_its_limit_and_says_so() -> None:
    assert len(line("word " * 100, 50)) <= 50
    assert passage("a\r\n\r\n\r\n\r\nb   c\t d", 100) == "a\n\nb c d"
    assert passage("x" * 100, 10) == "x" * 9 + "…"


@pytest.mark.parametrize(
    "text", ["javascript:alert(1)", "https://a b/", "ftp://x/", "https://x/\u202e", "", "https://" + "x" * 3000, None]
)
def test_a_link_that_is_none_is_left_out(text: str | None) -> None:
    assert link(text) == ""
    assert link("https://example.com/a?b=c#d") == "https://example.com/a?b=c#d"
