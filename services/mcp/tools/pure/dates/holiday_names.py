"""Names of public holidays in a country's own language, English and German, without a file at the time of a call."""

from collections.abc import Mapping
from functools import lru_cache
from gettext import GNUTranslations, NullTranslations
from importlib.resources import files
from io import BytesIO
from typing import Literal

from holidays.holiday_base import HolidayBase

NameLanguage = Literal["own", "en", "de"]
_FOLDERS: Mapping[NameLanguage, str] = {"en": "en_US", "de": "de"}


def _read_catalogues() -> Mapping[tuple[str, str], bytes]:
    locales = files("holidays") / "locale"
    return {
        (folder, catalogue.name.removesuffix(".mo")): catalogue.read_bytes()
        for folder in _FOLDERS.values()
        for catalogue in (locales / folder / "LC_MESSAGES").iterdir()
        if catalogue.name.endswith(".mo")
    }


_CATALOGUES = _read_catalogues()


def has_names(entity: type[HolidayBase], language: NameLanguage) -> bool:
    """Whether the holidays of a country have names in a language. English is the source of some."""
    folder = _FOLDERS.get(language)
    return folder is None or _native(entity).startswith(language) or (folder, entity.country) in _CATALOGUES


@lru_cache(maxsize=128)
def named(entity: type[HolidayBase], language: NameLanguage) -> type[HolidayBase]:
    """Holiday class of a country with names in one language. The original class reads files and the environment."""
    translate = _translations(entity, language).gettext

    def use_names(self: HolidayBase) -> None:
        self.tr = translate

    return type(entity.__name__, (entity,), {"_init_translation": use_names, "__module__": entity.__module__})


def _translations(entity: type[HolidayBase], language: NameLanguage) -> NullTranslations:
    """Translations of the names in the source, which are in the country's language."""
    folder = _FOLDERS.get(language)
    if folder is None or _native(entity) == folder:
        return NullTranslations()
    found = _catalogue(folder, entity.country)
    if parent := getattr(entity, "parent_entity", None):
        found.add_fallback(_catalogue(folder, parent.country))
    return found


def _catalogue(folder: str, country: str) -> NullTranslations:
    content = _CATALOGUES.get((folder, country))
    return GNUTranslations(BytesIO(content)) if content else NullTranslations()


def _native(entity: type[HolidayBase]) -> str:
    return entity.default_language or "en_US"
