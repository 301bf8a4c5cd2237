"""`pubchem_advanced_search`: compounds by bounds on weight and counts, by the Entrez indices of PubChem."""

from pydantic import Field

from services.mcp.contract import Bilingual, Caller, ErrorExample, Example, ServedTool, ToolModel
from services.mcp.tools.served.research.common import ANSWER_LIMIT, OPEN_WORLD, RESULTS_LIMIT, count_field
from services.mcp.tools.served.research.compounds import (
    MAX_CLASSIFICATION_CHARS,
    MAX_WEIGHT,
    CompoundsResult,
    PubChem,
    about,
    joined,
    phrase,
    span,
)
from services.mcp.tools.served.web.outside import Outside

_MAX_ATOMS = 1_000
_MAX_COMPLEXITY = 100_000.0


class AdvancedArguments(ToolModel):
    """Bounds, inclusive; 0 is none, for hydrogen bonds -1. Weight in g/mol."""

    mw_max: float = Field(0.0, ge=0, le=MAX_WEIGHT)
    mw_min: float = Field(0.0, ge=0, le=MAX_WEIGHT)
    heavy_atoms: int = Field(0, ge=0, le=_MAX_ATOMS)
    hb_acceptors_max: int = Field(-1, ge=-1, le=_MAX_ATOMS)
    hb_donors_max: int = Field(-1, ge=-1, le=_MAX_ATOMS)
    complexity_min: float = Field(0.0, ge=0, le=_MAX_COMPLEXITY)
    complexity_max: float = Field(0.0, ge=0, le=_MAX_COMPLEXITY)
    classification: str = Field("", max_length=MAX_CLASSIFICATION_CHARS)
    max_results: int = count_field(10)


def pubchem_advanced_search(outside: Outside) -> ServedTool[AdvancedArguments, CompoundsResult]:
    pubchem = PubChem(outside.web)

    async def run(arguments: AdvancedArguments, _: Caller) -> CompoundsResult:
        return await pubchem.matching(_term(arguments), arguments.max_results)

    return ServedTool(
        name="pubchem_advanced_search",
        group="research",
        description=Bilingual(
            en="Find compounds in PubChem by bounds on weight, atoms, hydrogen bonds and complexity",
            de="Verbindungen in PubChem finden, nach Masse, Atomen, Wasserstoffbrücken und Komplexität",
        ),
        keywords=Bilingual(
            en="pubchem compounds heavy atoms hydrogen bond acceptors donors complexity weight range",
            de="pubchem verbindungen schweratome wasserstoffbrücken akzeptoren donoren komplexität masse bereich",
        ),
        arguments=AdvancedArguments,
        result=CompoundsResult,
        run=run,
        answer=phrase,
        limits=(RESULTS_LIMIT, ANSWER_LIMIT),
        example=_EXAMPLE,
        error_example=ErrorExample(args={}, code="invalid_argument"),
        annotations=OPEN_WORLD,
        unavailable=outside.why_not,
        timeout_s=45.0,
    )


def _term(arguments: AdvancedArguments) -> str:
    return joined(
        [
            span("MolecularWeight", arguments.mw_min, arguments.mw_max),
            f"{arguments.heavy_atoms}[HeavyAtomCount]" if arguments.heavy_atoms else "",
            _up_to("HydrogenBondAcceptorCount", arguments.hb_acceptors_max),
            _up_to("HydrogenBondDonorCount", arguments.hb_donors_max),
            span("Complexity", arguments.complexity_min, arguments.complexity_max, largest=_MAX_COMPLEXITY),
            about(arguments.classification),
        ]
    )


def _up_to(index: str, most: int) -> str:
    return f"0:{most}[{index}]" if most >= 0 else ""


_EXAMPLE = Example(
    args={"mw_max": 200.0, "heavy_atoms": 13, "hb_acceptors_max": 4, "max_results": 1},
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
        "total": 17,
        "term": ("0.00:200.00[MolecularWeight] AND 13[HeavyAtomCount] AND 0:4[HydrogenBondAcceptorCount]"),
        "weight_unit": "g/mol",
        "source": {
            "name": "PubChem",
            "url": (
                "https://eutils.ncbi.nlm.nih.gov/entrez/eutils/esearch.fcgi?db=pccompound&ter"
                "m=0.00%3A200.00%5BMolecularWeight%5D%20AND%2013%5BHeavyAtomCount%5D%20AND%20"
                "0%3A4%5BHydrogenBondAcceptorCount%5D&retmax=1&retmode=json&sort=relevance"
            ),
            "retrieved_at": "2025-10-09T08:53:20Z",
        },
    },
    answer="PubChem: Aspirin (CID 2244, C9H8O4, 180.16 g/mol).",
)
