"""IP networks and addresses."""

from services.mcp.tools.contract import AnyTool
from services.mcp.tools.networks.ip_facts import IP_FACTS
from services.mcp.tools.networks.subnet_calc.tool import SUBNET_CALC
from services.mcp.tools.networks.vlsm_plan import VLSM_PLAN

TOOLS: tuple[AnyTool, ...] = (SUBNET_CALC, VLSM_PLAN, IP_FACTS)
