"""`wikidata_sparql`: a query to the Wikidata Query Service, in SPARQL 1.1's own JSON results."""

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
from services.mcp.tools.served.research.common import ANSWER_LIMIT, OPEN_WORLD
from services.mcp.tools.served.web.outside import Outside
from services.mcp.tools.served.web.site import Reply, Site, Source
from services.mcp.tools.served.web.text import line

MAX_SPARQL_CHARS = 3_000
MAX_ROWS = 100
MAX_COLUMNS = 30
MAX_VALUE_CHARS = 500
_ENTITY = "http://www.wikidata.org/entity/"


class SparqlArguments(ToolModel):
    """A query; prefixes wd, wdt, wikibase, rdfs and more are known there."""

    sparql_query: str = Field(min_length=1, max_length=MAX_SPARQL_CHARS, pattern=r"\S")
    max_results: int = Field(10, ge=1, le=MAX_ROWS)


class SparqlResult(ToolModel):
    """Rows in the order of the columns; an unbound variable is null."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str | None, ...], ...]
    row_count: int = Field(description="rows that came, shown or not")
    source: Source


class _Term(Reply):
    type: str
    value: str


class _Head(Reply):
    vars: tuple[str, ...] = ()


class _Bindings(Reply):
    bindings: tuple[dict[str, _Term], ...]


class _Answer(Reply):
    head: _Head
    results: _Bindings | None = None
    boolean: bool | None = None


def wikidata_sparql(outside: Outside) -> ServedTool[SparqlArguments, SparqlResult]:
    accept = (("accept", "application/sparql-results+json"),)
    site = Site("Wikidata Query Service", "https://query.wikidata.org", outside.web, headers=accept)

    async def run(arguments: SparqlArguments, _: Caller) -> SparqlResult:
        response = await site.get("/sparql", {"query": arguments.sparql_query, "format": "json"}, _Answer)
        reply = response.reply
        if reply.boolean is not None:
            answer = (str(reply.boolean).lower(),)
            return SparqlResult(columns=("answer",), rows=(answer,), row_count=1, source=response.source)
        if reply.results is None or len(reply.head.vars) > MAX_COLUMNS:
            raise ToolError("outside_failed", f"{site.name} answered with no rows, or more than {MAX_COLUMNS} columns")
        found = reply.results.bindings
        rows = tuple(_row(binding, reply.head.vars) for binding in found[: arguments.max_results])
        columns = tuple(line(name, 80) for name in reply.head.vars)
        return SparqlResult(columns=columns, rows=rows, row_count=len(found), source=response.source)

    return ServedTool(
        name="wikidata_sparql",
        group="research",
        description=_DESCRIPTION,
        keywords=_KEYWORDS,
        arguments=SparqlArguments,
        result=SparqlResult,
        run=run,
        answer=_phrase,
        limits=_LIMITS,
        example=_EXAMPLE,
        error_example=ErrorExample(args={"sparql_query": " "}, code="invalid_argument"),
        annotations=OPEN_WORLD,
        unavailable=outside.why_not,
    )


def _row(binding: dict[str, _Term], columns: tuple[str, ...]) -> tuple[str | None, ...]:
    """Replace entities with their ids."""
    terms = [binding.get(name) for name in columns]
    return tuple(line(term.value.removeprefix(_ENTITY), MAX_VALUE_CHARS) if term else None for term in terms)


def _phrase(result: SparqlResult, style: AnswerStyle) -> str:
    german = style.language == "de"
    if not result.rows:
        return "Wikidata hat dazu keine Zeile." if german else "Wikidata has no row for that."
    first = ", ".join(f"{name} = {value}" for name, value in zip(result.columns, result.rows[0], strict=True) if value)
    if german:
        return f"Wikidata hat {result.row_count} Zeile(n); die erste: {first}."
    return f"Wikidata has {result.row_count} row(s); the first: {first}."


_DESCRIPTION = Bilingual(en="Ask Wikidata with a SPARQL query", de="Wikidata mit einer SPARQL-Abfrage befragen")
_KEYWORDS = Bilingual(
    en="wikidata sparql query entities properties list",
    de="wikidata sparql abfrage objekte eigenschaften liste",
)
_LIMITS = (
    Limit(name="sparql_query_chars", value=MAX_SPARQL_CHARS, unit="characters"),
    Limit(name="rows", value=MAX_ROWS, unit="rows"),
    Limit(name="columns", value=MAX_COLUMNS, unit="columns"),
    ANSWER_LIMIT,
)
_EXAMPLE = Example(
    args={
        "sparql_query": (
            "SELECT ?person ?personLabel ?died WHERE { VALUES ?person { wd:Q7259 wd:Q7251"
            " } OPTIONAL { ?person wdt:P570 ?died } SERVICE wikibase:label { bd:servicePa"
            "ram wikibase:language 'en' } }"
        )
    },
    result={
        "columns": ["person", "personLabel", "died"],
        "rows": [["Q7259", "Ada Lovelace", "1852-11-27T00:00:00Z"], ["Q7251", "Alan Turing", None]],
        "row_count": 2,
        "source": {
            "name": "Wikidata Query Service",
            "url": (
                "https://query.wikidata.org/sparql?query=SELECT%20%3Fperson%20%3FpersonLabel%"
                "20%3Fdied%20WHERE%20%7B%20VALUES%20%3Fperson%20%7B%20wd%3AQ7259%20wd%3AQ7251"
                "%20%7D%20OPTIONAL%20%7B%20%3Fperson%20wdt%3AP570%20%3Fdied%20%7D%20SERVICE%2"
                "0wikibase%3Alabel%20%7B%20bd%3AserviceParam%20wikibase%3Alanguage%20%27en%27"
                "%20%7D%20%7D&format=json"
            ),
            "retrieved_at": "2025-10-09T08:53:20Z",
        },
    },
    answer=(
        "Wikidata has 2 row(s); the first: person = Q7259, personLabel = Ada Lovelace, died = 1852-11-27T00:00:00Z."
    ),
)
