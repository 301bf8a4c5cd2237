"""Exact statistics."""

from services.mcp.contract import AnyTool
from services.mcp.tools.pure.statistics.correlation import CORRELATION
from services.mcp.tools.pure.statistics.describe import STATISTICS_CALC
from services.mcp.tools.pure.statistics.hypothesis.tool import HYPOTHESIS_TEST
from services.mcp.tools.pure.statistics.interval.tool import CONFIDENCE_INTERVAL
from services.mcp.tools.pure.statistics.percentiles import PERCENTILE_CALC
from services.mcp.tools.pure.statistics.regression.tool import LINEAR_REGRESSION

TOOLS: tuple[AnyTool, ...] = (
    STATISTICS_CALC,
    PERCENTILE_CALC,
    CONFIDENCE_INTERVAL,
    HYPOTHESIS_TEST,
    LINEAR_REGRESSION,
    CORRELATION,
)
