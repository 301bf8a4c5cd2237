"""`semver_compare`: which of two versions is newer, by Semantic Versioning 2.0.0."""

import re
from typing import Literal, TypeAlias

from pydantic import Field

from services.mcp.contract import AnswerStyle, Bilingual, ErrorExample, Example, Limit, Tool, ToolError, ToolModel

MAX_VERSION_CHARS = 256
SEMVER_RULE = (
    "Semantic Versioning 2.0.0, section 11: major, minor, patch as numbers; a pre-release comes before its release; "
    "its parts one by one, numbers as numbers and before words, words by their characters, fewer parts first; "
    "build metadata does not count"
)
_NUMBER = r"0|[1-9]\d*"
_PART = rf"(?:{_NUMBER}|\d*[a-zA-Z-][0-9a-zA-Z-]*)"
_VERSION = re.compile(
    rf"(?P<major>{_NUMBER})\.(?P<minor>{_NUMBER})\.(?P<patch>{_NUMBER})"
    rf"(?:-(?P<pre>{_PART}(?:\.{_PART})*))?(?:\+(?P<build>[0-9a-zA-Z-]+(?:\.[0-9a-zA-Z-]+)*))?",
    re.ASCII,
)
Difference = Literal["major", "minor", "patch", "prerelease"]
# A part of a pre-release: (0, number, "") before (1, 0, word).
Part: TypeAlias = tuple[int, int, str]


class SemverCompareArguments(ToolModel):
    """Two versions as major.minor.patch, each with an optional pre-release and build metadata."""

    version1: str = Field(min_length=1, max_length=MAX_VERSION_CHARS)
    version2: str = Field(min_length=1, max_length=MAX_VERSION_CHARS)


class Version(ToolModel):
    """A version in its parts. Numbers are decimal strings: they have no largest value."""

    version: str
    major: str
    minor: str
    patch: str
    prerelease: tuple[str, ...]
    build: tuple[str, ...]


class SemverCompareResult(ToolModel):
    """How the two stand to each other."""

    relation: Literal["<", "=", ">"] = Field(description="Between version1 and version2")
    order: Literal[-1, 0, 1]
    first_difference: Difference | None
    version1: Version
    version2: Version
    identical: bool = Field(description="Whether they are the same text; equal versions may differ in build metadata")
    rule: str = SEMVER_RULE


def semver_compare(arguments: SemverCompareArguments) -> SemverCompareResult:
    """Raises ToolError."""
    first, second = _read(arguments.version1, "version1"), _read(arguments.version2, "version2")
    one, two = _precedence(first), _precedence(second)
    names: tuple[Difference, ...] = ("major", "minor", "patch", "prerelease")
    order = (one > two) - (one < two)
    return SemverCompareResult(
        relation="<" if order < 0 else ">" if order else "=",
        order=-1 if order < 0 else 1 if order else 0,
        first_difference=next((name for name, left, right in zip(names, one, two, strict=True) if left != right), None),
        version1=first,
        version2=second,
        identical=first == second,
    )


def _read(text: str, argument: str) -> Version:
    found = _VERSION.fullmatch(text.strip())
    if found is None:
        hint = "leave out the v" if text.strip()[:1] in ("v", "V") else "write major.minor.patch, as 1.4.0-rc.1"
        raise ToolError("invalid_argument", f"{argument}: not a version of Semantic Versioning 2.0.0; {hint}")
    return Version(
        version=found[0],
        major=found["major"],
        minor=found["minor"],
        patch=found["patch"],
        prerelease=tuple(found["pre"].split(".")) if found["pre"] else (),
        build=tuple(found["build"].split(".")) if found["build"] else (),
    )


def _precedence(version: Version) -> tuple[int, int, int, tuple[bool, tuple[Part, ...]]]:
    """Sort key; a release, which has no parts, sorts after its pre-releases."""
    parts = tuple((0, int(part), "") if part.isdigit() else (1, 0, part) for part in version.prerelease)
    return int(version.major), int(version.minor), int(version.patch), (not parts, parts)


def phrase(result: SemverCompareResult, style: AnswerStyle) -> str:
    one, two = result.version1.version, result.version2.version
    words = {
        -1: Bilingual(en="is older than", de="ist älter als"),
        0: Bilingual(en="has the same precedence as", de="hat denselben Rang wie"),
        1: Bilingual(en="is newer than", de="ist neuer als"),
    }
    return f"{one} {words[result.order].text(style.language)} {two} ({one} {result.relation} {two})."


SEMVER_COMPARE = Tool(
    name="semver_compare",
    description=Bilingual(
        en="Which of two versions is newer by Semantic Versioning 2.0.0",
        de="Welche von zwei Versionen nach Semantic Versioning 2.0.0 neuer ist",
    ),
    keywords=Bilingual(
        en="semver version compare newer older precedence release prerelease",
        de="semver version vergleichen neuer älter rang freigabe vorabversion",
    ),
    arguments=SemverCompareArguments,
    result=SemverCompareResult,
    run=semver_compare,
    answer=phrase,
    limits=(Limit(name="version_chars", value=MAX_VERSION_CHARS, unit="characters"),),
    example=Example(
        args={"version1": "1.0.0-rc.1", "version2": "1.0.0-beta.11"},
        result={
            "relation": ">",
            "order": 1,
            "first_difference": "prerelease",
            "version1": {
                "version": "1.0.0-rc.1",
                "major": "1",
                "minor": "0",
                "patch": "0",
                "prerelease": ["rc", "1"],
                "build": [],
            },
            "version2": {
                "version": "1.0.0-beta.11",
                "major": "1",
                "minor": "0",
                "patch": "0",
                "prerelease": ["beta", "11"],
                "build": [],
            },
            "identical": False,
            "rule": SEMVER_RULE,
        },
        answer="1.0.0-rc.1 is newer than 1.0.0-beta.11 (1.0.0-rc.1 > 1.0.0-beta.11).",
    ),
    error_example=ErrorExample(args={"version1": "1.0", "version2": "1.0.0"}, code="invalid_argument"),
)
