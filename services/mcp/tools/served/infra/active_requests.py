"""`active_requests`: how many requests the gateway has open, by its own gauges."""

from services.mcp.contract import (
    Annotations,
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
from services.mcp.tools.served.infra.gateway import Gateway
from services.mcp.tools.served.infra.metrics import Sample
from services.mcp.tools.served.web.site import Source

RULE = "of the one gateway that answered; numbers alone, no questions"
_OPEN, _DIRECT = "moe_requests_in_flight", "moe_direct_in_flight"
_LIMIT, _RESUMED = "moe_concurrency_limit", "moe_stream_followers"
_NAMES = frozenset({_OPEN, _DIRECT, _LIMIT, _RESUMED})


class ActiveRequestsArguments(ToolModel):
    """Nothing."""


class ActiveRequestsResult(ToolModel):
    """`open` requests go through the fleet, `direct` ones to one model; `limit` is how many may be open, 0 unknown."""

    open: int
    direct: int
    resumed_streams: int
    limit: int
    rule: str = RULE
    source: Source


def active_requests(gateway: Gateway, why_not: str | None) -> ServedTool[ActiveRequestsArguments, ActiveRequestsResult]:
    async def run(_arguments: ActiveRequestsArguments, _: Caller) -> ActiveRequestsResult:
        found, source = await gateway.metrics(_NAMES)
        if not any(sample.name == _OPEN for sample in found):
            raise ToolError(
                "outside_failed",
                "no request counters there: MOE_INFRA_METRICS_URL has to be the metrics port of a gateway",
            )
        return ActiveRequestsResult(
            open=_number(found, _OPEN),
            direct=_number(found, _DIRECT),
            resumed_streams=_number(found, _RESUMED),
            limit=_number(found, _LIMIT),
            source=source,
        )

    return ServedTool(
        name="active_requests",
        group="data",
        description=Bilingual(
            en="How many requests the fleet is working on", de="An wie vielen Anfragen die Flotte gerade arbeitet"
        ),
        keywords=Bilingual(
            en="active running requests load busy fleet", de="aktive laufende anfragen last ausgelastet flotte"
        ),
        arguments=ActiveRequestsArguments,
        result=ActiveRequestsResult,
        run=run,
        answer=_phrase,
        limits=(Limit(name="answer_bytes", value=32 << 20, unit="bytes from the gateway"),),
        example=_EXAMPLE,
        error_example=ErrorExample(args={"limit": 1}, code="invalid_argument"),
        annotations=Annotations(open_world=True),
        unavailable=why_not,
    )


def _number(found: tuple[Sample, ...], name: str) -> int:
    return int(sum(sample.value for sample in found if sample.name == name))


def _phrase(result: ActiveRequestsResult, style: AnswerStyle) -> str:
    if style.language == "de":
        return f"{result.open} Anfragen laufen durch die Flotte, {result.direct} direkt zu einem Modell."
    return f"{result.open} requests run through the fleet, {result.direct} straight to one model."


_EXAMPLE = Example(
    args={},
    result={
        "open": 7,
        "direct": 3,
        "resumed_streams": 0,
        "limit": 256,
        "rule": "of the one gateway that answered; numbers alone, no questions",
        "source": {"name": "the gateway", "url": "http://gateway:8002/metrics", "retrieved_at": "2025-10-09T08:53:20Z"},
    },
    answer="7 requests run through the fleet, 3 straight to one model.",
)
