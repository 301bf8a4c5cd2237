"""The base of settings: read once, validated at start. An error is one line that names the variable."""

from collections.abc import Mapping
from functools import cache
from typing import Any, ClassVar, Self, cast

from pydantic import Field, ValidationError, create_model
from pydantic_settings import BaseSettings, EnvSettingsSource, SettingsConfigDict

from libs.core.errors import ConfigurationError
from libs.runtime.settings.renamed import refuse_renamed


class Settings(BaseSettings):
    """The base of every settings class. Fields carry the variable's name as alias and a description for the docs."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", populate_by_name=True, env_ignore_empty=True)
    shaped_by: ClassVar[tuple[str, ...]] = ()  # the fields that shape the service's messages; never a secret

    @classmethod
    def read(cls, overrides: Mapping[str, str] | None = None) -> Self:
        """Read the environment; `overrides` take precedence. Raises ConfigurationError naming the variable."""
        variables = {str(field.validation_alias) for field in cls.model_fields.values()}
        refuse_renamed(names_set() | {name for name, value in (overrides or {}).items() if value}, variables)
        try:
            return cls(**dict(overrides or {}))  # type: ignore[arg-type]  # keyed by variable, not by field
        except ValidationError as error:
            raise ConfigurationError(_one_line(error)) from error

    @classmethod
    def read_shaping(cls, variables: Mapping[str, str]) -> Self:
        """Read only the settings that shape messages; reading another field raises AttributeError.

        A replay has no others: it needs no addresses and no keys. Raises ConfigurationError.
        """
        unread = frozenset(cls.model_fields) - frozenset(cls.shaped_by)
        settings = _without(cls, unread).read(variables)
        for name in unread:
            settings.__dict__.pop(name)
        return cast(Self, settings)

    def shaping(self) -> dict[str, str]:
        """Settings that shape the service's messages, by variable, as `read` takes them. No secrets."""
        fields = ((name, type(self).model_fields[name].validation_alias) for name in sorted(self.shaped_by))
        return {str(variable): str(getattr(self, name)) for name, variable in fields}


@cache
def _without(kind: type[Settings], unread: frozenset[str]) -> type[Settings]:
    """A class like `kind` that reads and validates no field of `unread`."""
    fields: dict[str, Any] = {name: (Any, Field(None, validation_alias=f"unread {name}")) for name in unread}
    return create_model(kind.__name__, __base__=kind, **fields)


def names_set() -> frozenset[str]:
    """Variables that are set and not empty, in capitals: settings are read in either case."""
    return frozenset(name.upper() for name, value in EnvSettingsSource(Settings).env_vars.items() if value)


def _one_line(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_input=False)[0]
    return f"{'.'.join(str(step) for step in first['loc'])}: {first['msg']}"
