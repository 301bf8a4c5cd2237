"""`pubchem_compound_search`: compounds by name or CID, or by weight and classification."""

from pydantic import Field

from services.mcp.contract import Bilingual, Caller, ErrorExample, Example, Limit, ServedTool, ToolModel
from services.mcp.tools.served.research.common import ANSWER_LIMIT, MAX_RESULTS, OPEN_WORLD, RESULTS_LIMIT
from services.mcp.tools.served.research.compounds import (
    MAX_CLASSIFICATION_CHARS,
    MAX_WEIGHT,
    Compound,
    CompoundsResult,
    PubChem,
    about,
    joined,
    phrase,
    span,
)
from services.mcp.tools.served.web.outside import Outside

MAX_NAME_CHARS = 300


class CompoundArguments(ToolModel):
    """A name or a CID; without either, molecular weight in g/mol and words of a classification. 0 is no bound."""

    name: str = Field("", max_length=MAX_NAME_CHARS)
    cid: int = Field(0, ge=0, le=10**10)
    mw_min: float = Field(0.0, ge=0, le=MAX_WEIGHT)
    mw_max: float = Field(0.0, ge=0, le=MAX_WEIGHT)
    classification: str = Field("", max_length=MAX_CLASSIFICATION_CHARS)


def pubchem_compound_search(outside: Outside) -> ServedTool[CompoundArguments, CompoundsResult]:
    pubchem = PubChem(outside.web)

    async def run(arguments: CompoundArguments, _: Caller) -> CompoundsResult:
        bounds = span("MolecularWeight", arguments.mw_min, arguments.mw_max)
        name = arguments.name.strip()
        if not name and not arguments.cid:
            return await pubchem.matching(joined([bounds, about(arguments.classification)]), MAX_RESULTS)
        kind, text = ("cid", str(arguments.cid)) if arguments.cid else ("name", name)
        found = await pubchem.identified(kind, text, MAX_RESULTS)
        matching = tuple(one for one in found.compounds if _weighs(one, arguments))
        return found.model_copy(update={"compounds": matching, "total": len(matching)})

    return ServedTool(
        name="pubchem_compound_search",
        group="research",
        description=Bilingual(
            en="Find chemical compounds in PubChem by name, CID, weight or classification",
            de="Chemische Verbindungen in PubChem finden, nach Name, CID, Masse oder Einordnung",
        ),
        keywords=Bilingual(
            en="pubchem compound chemical molecule formula weight cid inchi",
            de="pubchem verbindung chemisch molekül formel molare masse cid inchi",
        ),
        arguments=CompoundArguments,
        result=CompoundsResult,
        run=run,
        answer=phrase,
        limits=(Limit(name="name_chars", value=MAX_NAME_CHARS, unit="characters"), RESULTS_LIMIT, ANSWER_LIMIT),
        example=_EXAMPLE,
        error_example=ErrorExample(args={"mw_min": 500.0, "mw_max": 100.0}, code="invalid_argument"),
        annotations=OPEN_WORLD,
        unavailable=outside.why_not,
        timeout_s=45.0,
    )


def _weighs(one: Compound, arguments: CompoundArguments) -> bool:
    """Whether a compound is within the bounds; one without a weight never is."""
    if not (arguments.mw_min or arguments.mw_max):
        return True
    try:
        weight = float(one.molecular_weight)
    except ValueError:
        return False
    return arguments.mw_min <= weight <= (arguments.mw_max or MAX_WEIGHT)


_EXAMPLE = Example(
    args={"name": "aspirin"},
    result={
        "compounds": [
            {
                "cid": 2244,
                "title": "Aspirin",
                "formula": "C9H8O4",
                "molecular_weight": "180.16",
                "iupac_name": "2-acetyloxybenzoic acid",
                "inchikey": "BSYNRYMUTXBXSQ-UHFFFAOYSA-N",
                "xlogp": 1.2,
                "heavy_atoms": 13,
                "hb_donors": 1,
                "hb_acceptors": 4,
                "complexity": 212.0,
            }
        ],
        "total": 1,
        "term": "",
        "weight_unit": "g/mol",
        "source": {
            "name": "PubChem",
            "url": (
                "https://pubchem.ncbi.nlm.nih.gov/rest/pug/compound/name/property/Title,Molec"
                "ularFormula,MolecularWeight,IUPACName,InChIKey,XLogP,HeavyAtomCount,HBondDon"
                "orCount,HBondAcceptorCount,Complexity/JSON"
            ),
            "retrieved_at": "2025-10-09T08:53:20Z",
        },
    },
    answer="PubChem: Aspirin (CID 2244, C9H8O4, 180.16 g/mol).",
)
