"""Names of kinds of parts, validated against the table of part sources."""

from typing import Annotated

from pydantic import AfterValidator, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema


def _known(name: str) -> str:
    from libs.contracts.part_sources import is_kind, kinds  # its commands hold plans, which hold kinds

    if not is_kind(name):
        raise ValueError(f"not one of {', '.join(kinds())}")
    return name


class _ListsKinds:
    """Adds the names of the table to the JSON schema."""

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        from libs.contracts.part_sources import kinds

        return {**handler(schema), "enum": list(kinds())}


PartKind = Annotated[str, AfterValidator(_known), _ListsKinds()]
