"""Compounds of PubChem: the property table of PUG REST, and the ids that an Entrez term finds."""

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import Field

from libs.ports.fetching import Fetcher, FetchRequest
from services.mcp.contract import AnswerStyle, ToolError, ToolModel
from services.mcp.tools.served.research.common import MAX_TITLE_CHARS, listed
from services.mcp.tools.served.research.entrez import EUTILS, found_ids
from services.mcp.tools.served.web.site import Reply, Site, Source, segment
from services.mcp.tools.served.web.text import line

MAX_WEIGHT = 100_000.0
MAX_CLASSIFICATION_CHARS = 120
WEIGHT_UNIT = "g/mol"
_PUG = "https://pubchem.ncbi.nlm.nih.gov"
_PROPERTIES = (
    "Title,MolecularFormula,MolecularWeight,IUPACName,InChIKey,XLogP,HeavyAtomCount,HBondDonorCount,"
    "HBondAcceptorCount,Complexity"
)


class Compound(ToolModel):
    """One compound. The weight is PubChem's own text, with the digits that it gives."""

    cid: int
    title: str
    formula: str
    molecular_weight: str
    iupac_name: str
    inchikey: str
    xlogp: float | None
    heavy_atoms: int | None
    hb_donors: int | None
    hb_acceptors: int | None
    complexity: float | None


class CompoundsResult(ToolModel):
    """Compounds. `term` is what was asked of Entrez, empty for a name or a CID; `total` is how many it finds."""

    compounds: tuple[Compound, ...]
    total: int
    term: str
    weight_unit: str = WEIGHT_UNIT
    source: Source


class _Properties(Reply):
    cid: int = Field(alias="CID")
    title: str = Field("", alias="Title")
    formula: str = Field("", alias="MolecularFormula")
    weight: str | float = Field("", alias="MolecularWeight")
    iupac_name: str = Field("", alias="IUPACName")
    inchikey: str = Field("", alias="InChIKey")
    xlogp: float | None = Field(None, alias="XLogP")
    heavy_atoms: int | None = Field(None, alias="HeavyAtomCount")
    donors: int | None = Field(None, alias="HBondDonorCount")
    acceptors: int | None = Field(None, alias="HBondAcceptorCount")
    complexity: float | None = Field(None, alias="Complexity")


class _Table(Reply):
    properties: tuple[_Properties, ...] = Field(alias="Properties")


class _Answer(Reply):
    table: _Table = Field(alias="PropertyTable")


@dataclass(frozen=True, slots=True)
class PubChem:
    """Asks PubChem."""

    fetcher: Fetcher

    async def identified(self, kind: str, text: str, limit: int) -> CompoundsResult:
        """Compounds with a name or a CID, selected by `kind`. Raises ToolError: `not_found`."""
        site = Site("PubChem", _PUG, self.fetcher)
        # The identifier is in the body, as names contain slashes.
        form = FetchRequest(
            f"{_PUG}/rest/pug/compound/{kind}/property/{_PROPERTIES}/JSON",
            "POST",
            (("content-type", "application/x-www-form-urlencoded"),),
            body=f"{kind}={segment(text)}".encode("ascii"),
        )
        response = site.understood(await site.fetched(form), _Answer)
        found = response.reply.table.properties
        return CompoundsResult(
            compounds=tuple(_compound(one) for one in found[:limit]), total=len(found), term="", source=response.source
        )

    async def matching(self, term: str, limit: int) -> CompoundsResult:
        """Compounds that match an Entrez term. Raises ToolError."""
        found = await found_ids(Site("PubChem", EUTILS, self.fetcher), "pccompound", term, limit)
        if not found.ids:
            return CompoundsResult(compounds=(), total=found.total, term=term, source=found.source)
        named = await self.identified("cid", ",".join(found.ids), limit)
        return CompoundsResult(compounds=named.compounds, total=found.total, term=term, source=found.source)


def span(index: str, low: float, high: float, *, largest: float = MAX_WEIGHT) -> str:
    """Term that bounds a number; 0 is no bound. Raises ToolError for an empty span."""
    if not low and not high:
        return ""
    if high and low > high:
        raise ToolError("invalid_argument", f"{index}: the least is more than the most")
    return f"{low:.2f}:{high or largest:.2f}[{index}]"


def about(classification: str) -> str:
    """Term that searches for words, with search operators removed."""
    words = " ".join(
        "".join(letter if letter.isalnum() or letter in "- " else " " for letter in classification).split()
    )
    return f'"{words}"[All Fields]' if words else ""


def joined(parts: Sequence[str]) -> str:
    """Term that requires all of its parts. Raises ToolError without any part."""
    present = [part for part in parts if part]
    if not present:
        raise ToolError("invalid_argument", "arguments: give at least one bound, a name or a classification")
    return " AND ".join(present)


def phrase(result: CompoundsResult, style: AnswerStyle) -> str:
    """One sentence with the first compounds."""
    return listed(style, "PubChem", [_line(one) for one in result.compounds])


def _line(one: Compound) -> str:
    return f"{one.title or one.iupac_name} (CID {one.cid}, {one.formula}, {one.molecular_weight} {WEIGHT_UNIT})"


def _compound(one: _Properties) -> Compound:
    return Compound(
        cid=one.cid,
        title=line(one.title, MAX_TITLE_CHARS),
        formula=line(one.formula, MAX_TITLE_CHARS),
        molecular_weight=line(str(one.weight), 40),
        iupac_name=line(one.iupac_name, MAX_TITLE_CHARS),
        inchikey=line(one.inchikey, 40),
        xlogp=one.xlogp,
        heavy_atoms=one.heavy_atoms,
        hb_donors=one.donors,
        hb_acceptors=one.acceptors,
        complexity=one.complexity,
    )
