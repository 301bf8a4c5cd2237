"""Types of settings that hold secret keys: a weak one stops the start, in a line that says how to make a strong one."""

from typing import Annotated

from pydantic import AfterValidator, SecretStr

from libs.core.key_strength import GENERATE, weakness, weakness_of_api_key


def _strong(key: SecretStr) -> SecretStr:
    return _refused_if(weakness(key.get_secret_value()) if key.get_secret_value() else None, key)


def _strong_api_key(key: SecretStr) -> SecretStr:
    return _refused_if(weakness_of_api_key(key.get_secret_value()), key)


def _refused_if(fault: str | None, key: SecretStr) -> SecretStr:
    if fault is not None:
        raise ValueError(f"too weak, it {fault}; {GENERATE}")
    return key


RootKey = Annotated[SecretStr, AfterValidator(_strong)]
ChosenApiKey = Annotated[SecretStr, AfterValidator(_strong_api_key)]
