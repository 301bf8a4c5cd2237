"""From a JSON value to a typed body, or to the field that is at fault."""

from typing import TypeVar

from pydantic import BaseModel, ValidationError

from services.gateway.domain.errors import RequestRefused, invalid

B = TypeVar("B", bound=BaseModel)


def checked(kind: type[B], value: object, where: str = "") -> B:
    """Return the body as `kind`, or a part of one that stands at `where`. Raises RequestRefused (400) naming the first
    field that is wrong."""
    try:
        return kind.model_validate(value)
    except ValidationError as error:
        raise refusal(error, where) from error


def refusal(error: ValidationError, where: str = "") -> RequestRefused:
    """Return the refusal (400) of a body that is not as it has to be."""
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    param = where
    for step in first["loc"]:
        if isinstance(step, int):
            param += f"[{step}]"
        elif not step.startswith("<"):
            param += f".{step}" if param else step
    return invalid(f"`{param}`: {first['msg']}.", param=param, code="invalid_value")
