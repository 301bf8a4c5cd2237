"""Dates, times and calendars."""

from services.mcp.contract import AnyTool
from services.mcp.tools.pure.dates.business_days.tool import BUSINESS_DAYS
from services.mcp.tools.pure.dates.calendar_facts import CALENDAR_FACTS
from services.mcp.tools.pure.dates.cron.tool import CRON_NEXT
from services.mcp.tools.pure.dates.date_add import DATE_ADD
from services.mcp.tools.pure.dates.date_diff.tool import DATE_DIFF
from services.mcp.tools.pure.dates.day_of_week import DAY_OF_WEEK
from services.mcp.tools.pure.dates.holidays_list import HOLIDAYS_LIST
from services.mcp.tools.pure.dates.iso_week import ISO_WEEK
from services.mcp.tools.pure.dates.time_facts import TIME_FACTS
from services.mcp.tools.pure.dates.timezone_convert import TIMEZONE_CONVERT

TOOLS: tuple[AnyTool, ...] = (
    DATE_DIFF,
    DATE_ADD,
    DAY_OF_WEEK,
    CALENDAR_FACTS,
    TIME_FACTS,
    TIMEZONE_CONVERT,
    BUSINESS_DAYS,
    HOLIDAYS_LIST,
    CRON_NEXT,
    ISO_WEEK,
)
