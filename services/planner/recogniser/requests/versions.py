"""Which of two versions is newer."""

from services.planner.recogniser.call import ToolCall
from services.planner.recogniser.days import may_be_a_date
from services.planner.recogniser.filler import words
from services.planner.recogniser.requests.reader import Reading, Request

_SEMVER = (
    r"(?<![\w.])(?i:v?(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)\.(?:0"
    r"|[1-9]\d*)(?:-[0-9a-z.-]*[0-9a-z])?(?:\+[0-9a-z.-]*[0-9a-z])?)"
    r"(?![\w]|\.\d)"
)


_OTHER = words("compatible kompatibel many viele features changes changed between zwischen")


def _versions(reading: Reading) -> ToolCall | None:
    versions = reading.all("version")
    are_dates = all(may_be_a_date(version) for version in versions) and not reading.has("named")
    if (
        len(versions) != 2
        or are_dates
        or _OTHER & set(reading.words)
        or not (reading.has("order") or reading.has("semver"))
    ):
        return None
    first, second = (version.removeprefix("v") for version in versions)
    return ToolCall("semver_compare", {"version1": first, "version2": second})


REQUESTS = (
    Request(
        (
            "version", "semver", "new", "old", "neu", "alt", "ält", "release", "later", "latest", "höher", "higher",
            "upgrade", "preced", "recent", "compare", "first", "lower", "aktuell", "outdated", "veraltet", "ahead",
            "behind", "größer", "greater", "jünger", "downgrade", "vergleich", "gewinnt", "wins", ">", "<",
            "come", "before", "after", "kommt", "sort", "reihenfolge",
        ),
        {"version": _SEMVER},
        {
            "semver": r"semver(?:sion)?|semantic version(?:ing|s)?|semantische[rnms]? versionierung",
            "named": r"versions?|versionen|versionsnummern?|releases?",
            "order": r"new(?:er|est)|old(?:er|est)|bigger|after|before|precede[sd]?|precedence|higher|highest|lower"
            r"|greater|larger|smaller|less|later|latest|earlier|(?:more )?recent|compare|comparison"
            r"|which (?:one )?(?:comes|is) first|comes first|first|outdated|out of date|up to date|ahead|behind"
            r"|(?:who )?wins?|wer gewinnt|(?:who|wer) (?:is|ist) (?:ahead|behind|newer|neuer|vorne?|weiter)"
            r"|an? (?:up|down)-?grade|up-?grade or down-?grade"
            r"|neuere[rns]?|neuer|ältere[rns]?|älter|höhere?|niedriger|größer|kleiner|jünger|aktuellere?|aktueller"
            r"|aktuell|neueste|vergleiche?n?|vergleich|rangfolge|vorrang|reihenfolge|veraltet|überholt|gewinnt"
            r"|später|früher|kommt(?=.* (?:vor|nach) )|[<>]=?",
        },
        _versions,
        words(
            "according come comes app store one zwei welche version vs versus semantic or than oder als offers order"
            " run running theirs vendor rules by beiden laut nach package library installed beta alpha rc pre-release"
            " prerelease final upgrade under how going goes per sort lockfile pins pinned patched fix fixed advisory"
            " security production produktiv prod staging test testserver server läuft gegen update plugin module"
            " client customer says out mine we have shipped deployed kunde customer's kommt vor steht changelog meine"
            " our"
        ),
        4,
        yes_or_no=True,
    ),
)  # fmt: skip
