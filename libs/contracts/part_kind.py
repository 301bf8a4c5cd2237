"""The table of kinds of parts. A kind outside this table does not exist."""

from typing import Annotated

from pydantic import AfterValidator, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

# Names, as a plan is validated by them and commands of sources hold plans. Each is a module of libs.contracts.sources.
KINDS: tuple[str, ...] = ("expert", "tool", "trace")


def _known(name: str) -> str:
    if name not in KINDS:
        raise ValueError(f"not one of {', '.join(sorted(KINDS))}")
    return name


class _ListsKinds:
    """Adds the names of the table to the JSON schema."""

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {**handler(schema), "enum": sorted(KINDS)}


PartKind = Annotated[str, AfterValidator(_known), _ListsKinds()]
