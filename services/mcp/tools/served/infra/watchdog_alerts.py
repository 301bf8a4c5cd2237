"""`watchdog_alerts`: alerts of the gateway's own checks and watchdogs."""

from typing import Literal

from pydantic import Field

from services.mcp.contract import (
    Annotations,
    AnswerStyle,
    Bilingual,
    Caller,
    ErrorExample,
    Example,
    Limit,
    ServedTool,
    ToolModel,
)
from services.mcp.tools.served.infra.gateway import Gateway, Readiness
from services.mcp.tools.served.infra.metrics import Sample
from services.mcp.tools.served.web.site import Source
from services.mcp.tools.served.web.text import line

MAX_ALERTS = 100
RULE = "failing and degraded: now; counted: since the process started"
_COUNTED = {
    "moe_work_stuck_total": "records whose handling did not end in time",
    "moe_dead_letters_total": "records that became dead letters",
    "moe_loop_blocked_total": "times that a handler kept the event loop from everybody else",
    "moe_log_truncations_total": "partitions that lost their end under a group",
    "moe_records_deleted_unread_total": "offsets that retention deleted ahead of a group",
}


class WatchdogAlertsArguments(ToolModel):
    """How many alerts are wanted, the worst first."""

    limit: int = Field(10, ge=1, le=MAX_ALERTS)


class Alert(ToolModel):
    """One complaint; `count` is 0 for what is not counted."""

    severity: Literal["failing", "degraded", "counted"]
    part: str
    message: str
    count: int


class WatchdogAlertsResult(ToolModel):
    """Alerts, the worst first."""

    status: str
    alerts: tuple[Alert, ...]
    total: int
    rule: str = RULE
    source: Source


def watchdog_alerts(gateway: Gateway, why_not: str | None) -> ServedTool[WatchdogAlertsArguments, WatchdogAlertsResult]:
    async def run(arguments: WatchdogAlertsArguments, _: Caller) -> WatchdogAlertsResult:
        response = await gateway.readiness()
        found, _source = await gateway.metrics(frozenset(_COUNTED))
        alerts = (*_now(response.reply), *_counted(found))
        return WatchdogAlertsResult(
            status=line(response.reply.status, 40),
            alerts=alerts[: arguments.limit],
            total=len(alerts),
            source=response.source,
        )

    return ServedTool(
        name="watchdog_alerts",
        group="data",
        description=Bilingual(
            en="What the fleet's own checks complain of", de="Worüber die eigenen Prüfungen der Flotte klagen"
        ),
        keywords=Bilingual(
            en="watchdog alerts problems health failing degraded fleet",
            de="wächter alarme probleme zustand ausfall flotte",
        ),
        arguments=WatchdogAlertsArguments,
        result=WatchdogAlertsResult,
        run=run,
        answer=_phrase,
        limits=(Limit(name="alerts", value=MAX_ALERTS, unit="alerts"),),
        example=_EXAMPLE,
        error_example=ErrorExample(args={"limit": 0}, code="invalid_argument"),
        annotations=Annotations(open_world=True),
        unavailable=why_not,
    )


def _now(ready: Readiness) -> tuple[Alert, ...]:
    failing = [_alert("failing", part, message) for part, message in ready.failing.items()]
    return (*failing, *(_alert("degraded", part, message) for part, message in ready.degraded.items()))


def _counted(found: tuple[Sample, ...]) -> tuple[Alert, ...]:
    positive = [sample for sample in found if sample.value > 0]
    positive.sort(key=lambda sample: (tuple(_COUNTED).index(sample.name), -sample.value, sample.labels))
    return tuple(
        _alert("counted", ", ".join(sample.labels) or "gateway", _COUNTED[sample.name], int(sample.value))
        for sample in positive
    )


def _alert(severity: Literal["failing", "degraded", "counted"], part: str, message: str, count: int = 0) -> Alert:
    return Alert(severity=severity, part=line(part, 120), message=line(message, 300), count=count)


def _phrase(result: WatchdogAlertsResult, style: AnswerStyle) -> str:
    german = style.language == "de"
    if not result.alerts:
        return "Nichts ist gemeldet." if german else "Nothing is reported."
    first = result.alerts[0]
    more = f" ({result.total} {'Meldungen' if german else 'alerts'})" if result.total > 1 else ""
    return f"{first.part}: {first.message}{more}."


_EXAMPLE = Example(
    args={},
    result={
        "status": "unready",
        "alerts": [
            {"severity": "failing", "part": "kafka", "message": "no broker answers", "count": 0},
            {"severity": "degraded", "part": "valkey", "message": "no answer within 2 s", "count": 0},
            {
                "severity": "counted",
                "part": "planner, rejected",
                "message": "records that became dead letters",
                "count": 2,
            },
            {
                "severity": "counted",
                "part": "gateway",
                "message": "times that a handler kept the event loop from everybody else",
                "count": 1,
            },
        ],
        "total": 4,
        "rule": "failing and degraded: now; counted: since the process started",
        "source": {"name": "the gateway", "url": "http://gateway:8002/ready", "retrieved_at": "2025-10-09T08:53:20Z"},
    },
    answer="kafka: no broker answers (4 alerts).",
)
