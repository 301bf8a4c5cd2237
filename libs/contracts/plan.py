"""A plan: explicit parts, so that every stage can detect when all of them are complete."""

from pydantic import JsonValue

from libs.contracts.finding import Category, Tier
from libs.contracts.message import Value
from libs.contracts.part_kind import PartKind
from libs.contracts.staffing import ModelRef


class ToolCall(Value):
    """A tool with its arguments. `focus` names the field of the result that was asked for, if one was."""

    tool: str
    arguments: dict[str, JsonValue]
    focus: str = ""


class PlannedPart(Value):
    """One task. Expert parts have `category` and `tier`, tool parts `call`; `needs` names parts that come first.

    `model`: this part is that model's own opinion, beside the part of the same task that has none.
    """

    id: str
    kind: PartKind
    task: str
    category: Category | None = None
    tier: Tier = "T1"
    call: ToolCall | None = None
    needs: tuple[str, ...] = ()
    model: ModelRef | None = None

    def summary(self) -> str:
        """Id, the tool or the category with its tier, and the model if the part is one model's own opinion."""
        what = self.call.tool if self.call is not None else f"{self.category or 'no category'} {self.tier}"
        return f"{self.id}={what}" if self.model is None else f"{self.id}={what} {self.model.model}@{self.model.server}"
