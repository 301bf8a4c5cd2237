"""German law from a mirror in the portal's own format. The texts of the sample are free (§ 5 UrhG)."""

import io
import os
import random
import shutil
import zipfile
from pathlib import Path

import pytest
from pydantic import JsonValue

from libs.testing.fake_clock import FakeClock
from services.mcp.contract import AnswerStyle, AnyServedTool, Caller, ToolError, ToolResult
from services.mcp.tools.served.legal import build
from services.mcp.tools.served.legal.archive import unpacked
from services.mcp.tools.served.legal.download import DownloadFailed, folders_of
from services.mcp.tools.served.legal.law import BrokenLaw, read_law, read_names
from services.mcp.tools.served.legal.names import designation_key, key_of
from services.mcp.tools.served.legal.settings import NOT_SET, LawsSettings
from tests.support.paths import FIXTURES

SAMPLE = FIXTURES / "laws"
Tools = dict[str, AnyServedTool]


def tools_on(mirror: Path, data: Path, clock: FakeClock | None = None) -> Tools:
    settings = LawsSettings.read({"MOE_LAWS_DIR": str(mirror), "MOE_DATA_DIR": str(data)})
    return {tool.name: tool for tool in build(settings, clock or FakeClock())}


@pytest.fixture
def mirror(tmp_path: Path) -> Path:
    return shutil.copytree(SAMPLE, tmp_path / "laws")


@pytest.fixture
def tools(mirror: Path, tmp_path: Path) -> Tools:
    return tools_on(mirror, tmp_path / "data")


async def call(tools: Tools, name: str, **args: JsonValue) -> ToolResult:
    return await tools[name].invoke(args, AnswerStyle(), Caller("a"))


async def paragraph(tools: Tools, law: str, number: str) -> str:
    return str((await call(tools, "legal_get_paragraph", law=law, paragraph=number)).result["text"])


async def refused(tools: Tools, name: str, **args: JsonValue) -> ToolError:
    with pytest.raises(ToolError) as caught:
        await call(tools, name, **args)
    return caught.value


@pytest.mark.parametrize(
    "name", ["legal_search_laws", "legal_get_law_overview", "legal_get_paragraph", "legal_fulltext_search"]
)
async def test_examples_are_true_on_the_sample(tools: Tools, name: str) -> None:
    described = tools[name].describe()
    outcome = await tools[name].invoke(described.example.args, AnswerStyle(), Caller("a"))
    assert (outcome.result, outcome.answer) == (described.example.result, described.example.answer)
    assert (await refused(tools, name, **described.error_example.args)).code == described.error_example.code


GOOD_FAITH = (
    "Der Schuldner ist verpflichtet, die Leistung so zu bewirken, wie Treu und Glauben mit Rücksicht auf die "
    "Verkehrssitte es erfordern."
)


@pytest.mark.parametrize("number", ["242", "§ 242", "§242", " § 242 ", "Paragraph 242", "Paragraf 242"])
@pytest.mark.parametrize("law", ["BGB", "bgb", "Bürgerliches Gesetzbuch", "BUERGERLICHES GESETZBUCH"])
async def test_a_paragraph_is_found_however_it_is_written(tools: Tools, law: str, number: str) -> None:
    assert await paragraph(tools, law, number) == GOOD_FAITH


@pytest.mark.parametrize("number", ["1", "Art 1", "Art. 1", "Artikel 1", "art1"])
async def test_an_article_is_found_however_it_is_written(tools: Tools, number: str) -> None:
    text = await paragraph(tools, "GG", number)
    assert text.splitlines()[0].startswith("(1) Die Würde des Menschen ist unantastbar.")
    assert len(text.splitlines()) == 3


async def test_lists_in_a_paragraph_have_a_line_for_each_entry(tools: Tools) -> None:
    lines = (await paragraph(tools, "BGB", "437")).splitlines()
    assert [line[:2] for line in lines] == ["Is", "1.", "2.", "3."]
    assert lines[1] == "1. nach § 439 Nacherfüllung verlangen,"


@pytest.mark.parametrize("number", ["3", "4", "§ 6"])
async def test_a_paragraph_inside_a_range_is_found_there(tools: Tools, number: str) -> None:
    result = (await call(tools, "legal_get_paragraph", law="BGB", paragraph=number)).result
    assert (result["designation"], result["heading"]) == ("§§ 3 bis 6", "(weggefallen)")


async def test_a_letter_belongs_to_the_number(tools: Tools) -> None:
    assert (await paragraph(tools, "BGB", "90a")).startswith("Tiere sind keine Sachen.")
    assert (await refused(tools, "legal_get_paragraph", law="BGB", paragraph="90")).code == "not_found"
    assert (await refused(tools, "legal_get_paragraph", law="BGB", paragraph="7")).code == "not_found"


async def test_a_long_paragraph_is_cut_and_says_so(tools: Tools, mirror: Path) -> None:
    file = next((mirror / "bgb").glob("*.xml"))
    file.write_text(file.read_text().replace(GOOD_FAITH, "Wort " * 1000))
    os.utime(mirror / "bgb", (1, 1))
    result = (await call(tools, "legal_get_paragraph", law="BGB", paragraph="242")).result
    assert (result["truncated"], result["total_chars"]) == (True, 4999)
    assert len(str(result["text"])) <= 2200


async def test_source_and_date_are_told(tools: Tools) -> None:
    result = (await call(tools, "legal_get_paragraph", law="GG", paragraph="1")).result
    assert result["mirrored"] == "2026-11-02"
    assert result["url"] == "https://www.gesetze-im-internet.de/gg/"
    assert "gesetze-im-internet.de" in str(result["source"])
    assert result["section"] == "I.: Die Grundrechte"


async def test_laws_are_found_by_words_of_their_title(tools: Tools) -> None:
    for query in ("Grundgesetz", "bundesrepublik deutschland", "GG", "gg"):
        laws = (await call(tools, "legal_search_laws", query=query)).result["laws"]
        assert isinstance(laws, list)
        assert laws[0]["abbreviation"] == "GG"  # type: ignore[index,call-overload]
    assert (await call(tools, "legal_search_laws", query="Raumfahrt")).result["total"] == 0
    assert (await call(tools, "legal_search_laws", query="§§§")).result["total"] == 0


async def test_a_law_that_is_not_there_is_told_with_what_may_be_meant(tools: Tools) -> None:
    error = await refused(tools, "legal_get_paragraph", law="Grundgesetz", paragraph="1")
    assert (error.code, "did you mean GG?" in str(error)) == ("not_found", True)
    assert "legal_search_laws" in str(await refused(tools, "legal_get_law_overview", law="XYZ"))


async def test_words_are_found_in_paragraphs_with_what_is_around_them(tools: Tools) -> None:
    result = (await call(tools, "legal_fulltext_search", law="BGB", query="kaeufer SACHE")).result
    hits = result["hits"]
    assert isinstance(hits, list)
    assert [hit["designation"] for hit in hits] == ["§ 433", "§ 437"]  # type: ignore[index,call-overload]
    assert "Käufer" in str(hits[0])
    assert (await call(tools, "legal_fulltext_search", law="BGB", query="Raumschiff")).result["total"] == 0


async def test_german_answers_are_german(tools: Tools) -> None:
    style = AnswerStyle(language="de")
    overview = await tools["legal_get_law_overview"].invoke({"law": "GG"}, style, Caller("a"))
    assert overview.answer == "GG hat 2 Einträge: Art 1, Art 3."
    none = await tools["legal_fulltext_search"].invoke({"law": "GG", "query": "xyz"}, style, Caller("a"))
    assert none.answer == "Im GG steht das nicht."


async def test_archives_of_the_portal_are_read_like_plain_files(tools: Tools, mirror: Path) -> None:
    file = next((mirror / "bgb").glob("*.xml"))
    with zipfile.ZipFile(mirror / "bgb" / "xml.zip", "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("image.jpg", b"x")
        packed.writestr(file.name, file.read_bytes())
    file.unlink()
    assert await paragraph(tools, "BGB", "242") == GOOD_FAITH


async def test_the_index_is_kept_and_made_anew_when_laws_change(tools: Tools, mirror: Path, tmp_path: Path) -> None:
    assert (await call(tools, "legal_search_laws", query="BGB")).result["laws_in_mirror"] == 2
    kept = (tmp_path / "data" / "laws-index.json").read_bytes()
    clock = FakeClock()
    again = tools_on(mirror, tmp_path / "data", clock)
    assert (await call(again, "legal_search_laws", query="BGB")).result["laws_in_mirror"] == 2
    shutil.copytree(mirror / "gg", mirror / "gg_2")
    clock.advance(61)
    assert (await call(again, "legal_search_laws", query="BGB")).result["laws_in_mirror"] == 3
    assert (tmp_path / "data" / "laws-index.json").read_bytes() != kept


async def test_a_broken_index_or_one_that_cannot_be_kept_is_no_harm(mirror: Path, tmp_path: Path) -> None:
    (tmp_path / "laws-index.json").write_text("{")
    assert await paragraph(tools_on(mirror, tmp_path), "BGB", "242") == GOOD_FAITH
    (tmp_path / "file").write_text("")
    assert await paragraph(tools_on(mirror, tmp_path / "file"), "BGB", "242") == GOOD_FAITH


async def test_a_broken_law_hides_no_other(tools: Tools, mirror: Path) -> None:
    (mirror / "broken").mkdir()
    (mirror / "broken" / "xml.zip").write_bytes(b"PK\x03\x04 and no more")
    assert await paragraph(tools, "BGB", "242") == GOOD_FAITH


async def test_a_mirror_that_is_not_there_is_told(tmp_path: Path) -> None:
    error = await refused(tools_on(tmp_path / "none", tmp_path), "legal_search_laws", query="BGB")
    assert error.code == "unavailable"


@pytest.mark.parametrize("law", ["../../etc", "..", "/etc/passwd", "bgb/../gg", "\x00"])
async def test_no_name_of_a_law_is_a_path(tools: Tools, law: str) -> None:
    assert (await refused(tools, "legal_get_law_overview", law=law)).code in {"not_found", "invalid_argument"}


ENTITY = b'<?xml version="1.0"?><!DOCTYPE dokumente [<!ENTITY x SYSTEM "file:///etc/passwd">]><dokumente><norm>&x;</norm></dokumente>'


def test_entities_are_refused_and_the_document_type_is_not_loaded() -> None:
    with pytest.raises(BrokenLaw):
        read_law(io.BytesIO(ENTITY))
    head = (
        b'<!DOCTYPE dokumente SYSTEM "http://127.0.0.1:1/gii-norm.dtd"><dokumente><norm><metadaten><jurabk>X</jurabk>'
    )
    assert read_names(io.BytesIO(head + b"</metadaten></norm></dokumente>")).abbreviation == "X"


def test_bombs_are_refused_before_they_are_unpacked(tmp_path: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("a.xml", b" " * 20_000_000)
    with pytest.raises(BrokenLaw, match="too much"), unpacked(packed):
        pass


def test_damaged_laws_are_read_or_refused() -> None:
    whole = next((SAMPLE / "bgb").glob("*.xml")).read_bytes()
    chance = random.Random(4)
    outcomes = set()
    for _ in range(300):
        damaged = bytearray(whole)
        for _ in range(chance.choice((1, 4))):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        try:
            outcomes.add(type(read_law(io.BytesIO(damaged))).__name__)
        except BrokenLaw:
            outcomes.add("BrokenLaw")
    assert outcomes == {"Law", "BrokenLaw"}


@pytest.mark.parametrize(
    ("one", "other"),
    [("SGB 5", "sgb_5"), ("BDSG 2018", "bdsg-2018"), ("StPO", "stpo"), ("GewO", "GEWO")],
)
def test_spellings_of_one_abbreviation_are_alike(one: str, other: str) -> None:
    assert key_of(one) == key_of(other)


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("§ 1", "1", True),
        ("Art. 12a", "Art 12a", True),
        ("§ 1", "11", False),
        ("Anlage 1", "1", False),
        ("Anlage 1", "anlage 1", True),
        ("Anlage (zu § 1)", "1", False),
        ("Art I", "Artikel I", True),
        ("Artikelgesetz", "gesetz", False),
    ],
)
def test_designations_are_told_apart(one: str, other: str, *, alike: bool) -> None:
    assert (designation_key(one) == designation_key(other)) == alike


def test_folders_are_taken_from_the_table_of_contents_and_are_never_paths() -> None:
    links = ["http://a/bgb/xml.zip", "http://a/_appro_2002/xml.zip", "http://a/bgb/xml.zip", "http://a/../etc/xml.zip"]
    links += ["http://a/.ssh/xml.zip", "http://a//", "x", "http://a/%2e%2e/xml.zip"]
    items = "".join(f"<item><title>T</title><link>{link}</link></item>" for link in links)
    assert folders_of(f"<items>{items}</items>".encode()) == ("bgb", "_appro_2002", "x")
    for wrong in (b"<items></items>", b"<html>", b"", ENTITY):
        with pytest.raises(DownloadFailed):
            folders_of(wrong)


def test_without_the_setting_the_tools_say_why() -> None:
    assert {tool.unavailable for tool in build(LawsSettings.read({}), FakeClock())} == {NOT_SET}
