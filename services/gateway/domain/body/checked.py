"""Validation of JSON values into typed bodies."""

from typing import TypeVar

from pydantic import BaseModel, ValidationError

from services.gateway.domain.errors import RequestRefused, invalid

B = TypeVar("B", bound=BaseModel)


def checked(kind: type[B], value: object, where: str = "") -> B:
    """Validate a body, or a part of one at the path `where`. Raises RequestRefused (400) with the name of the first
    invalid field."""
    try:
        return kind.model_validate(value)
    except ValidationError as error:
        raise refusal(error, where) from error


def refusal(error: ValidationError, where: str = "") -> RequestRefused:
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    param = where
    for step in first["loc"]:
        if isinstance(step, int):
            param += f"[{step}]"
        elif not step.startswith("<"):
            param += f".{step}" if param else step
    return invalid(f"`{param}`: {first['msg']}.", param=param, code="invalid_value")
