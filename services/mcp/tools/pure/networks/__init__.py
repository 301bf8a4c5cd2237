"""IP networks and addresses."""

from services.mcp.contract import AnyTool
from services.mcp.tools.pure.networks.ip_facts import IP_FACTS
from services.mcp.tools.pure.networks.subnet_calc.tool import SUBNET_CALC
from services.mcp.tools.pure.networks.vlsm_plan import VLSM_PLAN

TOOLS: tuple[AnyTool, ...] = (SUBNET_CALC, VLSM_PLAN, IP_FACTS)
