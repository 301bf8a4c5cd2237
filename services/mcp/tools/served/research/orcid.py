"""`orcid_works_count`: the works on an ORCID record, by the public API, `/v3.0/{id}/works`."""

from collections.abc import Iterable

from pydantic import Field

from services.mcp.contract import (
    AnswerStyle,
    Bilingual,
    Caller,
    ErrorExample,
    Example,
    Limit,
    ServedTool,
    ToolError,
    ToolModel,
)
from services.mcp.tools.served.research.common import ANSWER_LIMIT, OPEN_WORLD, year_field, years_in
from services.mcp.tools.served.web.outside import Outside
from services.mcp.tools.served.web.site import Reply, Site, Source

MAX_ID_CHARS = 37
RULE = (
    "one for each group of the record, as one work may come from several sources; "
    "a work without a year counts only while no year is asked for"
)


class OrcidArguments(ToolModel):
    """An ORCID iD; years leave out themselves: before 2020 is 2019 and earlier. 0 is no bound."""

    orcid_id: str = Field(min_length=16, max_length=MAX_ID_CHARS)
    before_year: int = year_field()
    after_year: int = year_field()


class OrcidResult(ToolModel):
    """How many works there are; `by_kind` counts those that are counted by ORCID's types."""

    orcid_id: str
    count: int
    all_works: int
    without_year: int
    by_kind: tuple[tuple[str, int], ...]
    rule: str = RULE
    source: Source


class _Value(Reply):
    value: str = ""


class _Date(Reply):
    year: _Value | None = None


class _Summary(Reply):
    type: str = "other"
    date: _Date | None = Field(None, alias="publication-date")


class _Group(Reply):
    summaries: tuple[_Summary, ...] = Field((), alias="work-summary")


class _Answer(Reply):
    group: tuple[_Group, ...]


def orcid_works_count(outside: Outside) -> ServedTool[OrcidArguments, OrcidResult]:
    site = Site("ORCID", "https://pub.orcid.org", outside.web, headers=(("accept", "application/json"),))

    async def run(arguments: OrcidArguments, _: Caller) -> OrcidResult:
        orcid = _read_id(arguments.orcid_id)
        if not years_in(arguments.after_year, arguments.before_year):
            raise ToolError("invalid_argument", "after_year: is later than before_year")
        response = await site.get(f"/v3.0/{orcid}/works", {}, _Answer)
        works = [(_year(group), group.summaries[0].type[:60]) for group in response.reply.group if group.summaries]
        counted = [kind for year, kind in works if _is_counted(year, arguments)]
        return OrcidResult(
            orcid_id=orcid,
            count=len(counted),
            all_works=len(works),
            without_year=sum(year is None for year, _ in works),
            by_kind=_tally(counted),
            source=response.source,
        )

    return ServedTool(
        name="orcid_works_count",
        group="research",
        description=Bilingual(
            en="Count the works on an ORCID record, by years", de="Die Werke eines ORCID-Eintrags zählen, nach Jahren"
        ),
        keywords=Bilingual(
            en="orcid researcher works count publications author",
            de="orcid forscher werke anzahl veröffentlichungen autor",
        ),
        arguments=OrcidArguments,
        result=OrcidResult,
        run=run,
        answer=_phrase,
        limits=(Limit(name="orcid_id_chars", value=MAX_ID_CHARS, unit="characters"), ANSWER_LIMIT),
        example=_EXAMPLE,
        error_example=ErrorExample(args={"orcid_id": "0000-0002-1825-0098"}, code="invalid_argument"),
        annotations=OPEN_WORLD,
        unavailable=outside.why_not,
    )


def _read_id(text: str) -> str:
    """iD with hyphens; its last character is a check digit (ISO 7064, MOD 11-2)."""
    digits = text.strip().removeprefix("https://orcid.org/").replace("-", "").upper()
    if len(digits) != 16 or not (digits[:15].isascii() and digits[:15].isdigit()):
        raise ToolError("invalid_argument", "orcid_id: is not of the form 0000-0002-1825-0097")
    total = 0
    for digit in digits[:15]:
        total = (total + int(digit)) * 2
    if digits[15] != "0123456789X"[(12 - total % 11) % 11]:
        raise ToolError("invalid_argument", "orcid_id: its check digit is wrong")
    return "-".join(digits[start : start + 4] for start in range(0, 16, 4))


def _year(group: _Group) -> int | None:
    """Year of the preferred source, else of the first one that has any."""
    years = [one.date.year.value for one in group.summaries if one.date and one.date.year]
    return next((int(year) for year in years if year.isascii() and year.isdigit() and len(year) == 4), None)


def _is_counted(year: int | None, arguments: OrcidArguments) -> bool:
    if not (arguments.before_year or arguments.after_year):
        return True
    if year is None or (arguments.before_year and year >= arguments.before_year):
        return False
    return year > arguments.after_year


def _tally(kinds: Iterable[str]) -> tuple[tuple[str, int], ...]:
    counts: dict[str, int] = {}
    for kind in kinds:
        counts[kind] = counts.get(kind, 0) + 1
    return tuple(sorted(counts.items(), key=lambda one: (-one[1], one[0]))[:40])


def _phrase(result: OrcidResult, style: AnswerStyle) -> str:
    if style.language == "de":
        return f"ORCID {result.orcid_id}: {result.count} von {result.all_works} Werken zählen."
    return f"ORCID {result.orcid_id}: {result.count} of {result.all_works} works count."


_EXAMPLE = Example(
    args={"orcid_id": "0000-0002-1825-0097", "after_year": 2017},
    result={
        "orcid_id": "0000-0002-1825-0097",
        "count": 2,
        "all_works": 3,
        "without_year": 1,
        "by_kind": [["book", 1], ["journal-article", 1]],
        "rule": (
            "one for each group of the record, as one work may come from several sources;"
            " a work without a year counts only while no year is asked for"
        ),
        "source": {
            "name": "ORCID",
            "url": "https://pub.orcid.org/v3.0/0000-0002-1825-0097/works",
            "retrieved_at": "2025-10-09T08:53:20Z",
        },
    },
    answer="ORCID 0000-0002-1825-0097: 2 of 3 works count.",
)
