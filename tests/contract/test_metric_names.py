"""Names of metrics: a process exports each metric that tools read, and none exports a retired name."""

from prometheus_client import REGISTRY

import libs.runtime.telemetry
import services.gateway.telemetry
from services.mcp.tools.served.infra.active_requests import _NAMES
from services.mcp.tools.served.infra.watchdog_alerts import _COUNTED

RETIRED = {"moe_answers_known", "moe_requests_limit", "moe_streams_resumed", "moe_logs_cut"}
TELEMETRY = (libs.runtime.telemetry, services.gateway.telemetry)


def exported() -> dict[str, tuple[str, ...]]:
    """Labels of every metric that the telemetry modules export, by the name without `_total`."""
    found = [value for module in TELEMETRY for value in vars(module).values() if hasattr(value, "_labelnames")]
    return {metric._name: metric._labelnames for metric in found}


def test_every_metric_that_a_tool_reads_is_exported() -> None:
    names = {name.removesuffix("_total") for name in (*_NAMES, *_COUNTED)}
    assert names <= exported().keys()


def test_no_metric_has_a_retired_name_or_label() -> None:
    assert not RETIRED & exported().keys()
    assert not {label for labels in exported().values() for label in labels} & {"how", "why"}


def test_the_exported_metrics_are_those_of_the_registry() -> None:
    assert exported().keys() <= {family.name for family in REGISTRY.collect()}
