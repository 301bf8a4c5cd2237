"""A test as one sentence."""

from services.mcp.contract import AnswerStyle, Bilingual
from services.mcp.tools.pure.statistics.hypothesis.models import TestName, TestResult

FOCUSES = ("p_value", "statistic")

_LABELS: dict[TestName, Bilingual] = {
    "z": Bilingual(en="z test", de="z-Test"),
    "t_one_sample": Bilingual(en="One-sample t test", de="Einstichproben-t-Test"),
    "t_two_sample": Bilingual(en="Two-sample t test", de="Zweistichproben-t-Test"),
    "t_welch": Bilingual(en="Welch's t test", de="Welch-t-Test"),
    "t_paired": Bilingual(en="Paired t test", de="Gepaarter t-Test"),
    "f_variance": Bilingual(en="F test of two variances", de="F-Test zweier Varianzen"),
    "anova": Bilingual(en="One-way ANOVA", de="Einfaktorielle Varianzanalyse"),
    "chi2_goodness": Bilingual(en="Chi-squared goodness of fit", de="Chi-Quadrat-Anpassungstest"),
    "chi2_independence": Bilingual(en="Chi-squared test of independence", de="Chi-Quadrat-Unabhängigkeitstest"),
    "fisher_exact": Bilingual(en="Fisher's exact test", de="Exakter Test nach Fisher"),
    "binomial": Bilingual(en="Exact binomial test", de="Exakter Binomialtest"),
    "mann_whitney": Bilingual(en="Mann-Whitney test", de="Mann-Whitney-Test"),
    "wilcoxon": Bilingual(en="Wilcoxon signed-rank test", de="Wilcoxon-Vorzeichen-Rang-Test"),
}


def phrase(result: TestResult, style: AnswerStyle) -> str:
    """The p value, the statistic, and their meaning at the level alpha."""
    language = style.language
    parts = [f"p {_equals(result.p_value.text(language))}"]
    if result.statistic is not None:
        freedom = ", ".join(value.text(language) for value in result.degrees_of_freedom)
        written = f"{result.statistic.name} {_equals(result.statistic.value.text(language))}"
        parts.append(f"{written} (df {_equals(freedom)})" if freedom else written)
    if style.focus == "statistic":
        parts.reverse()
    label = _LABELS[result.test].text(language)
    return f"{label}: {', '.join(parts)}; {_verdict(result, style)}."


def _verdict(result: TestResult, style: AnswerStyle) -> str:
    if style.language == "de":
        kind = "signifikant" if result.significant else "nicht signifikant"
        return f"{kind} zum Niveau {result.alpha.replace('.', ',')}"
    kind = "significant" if result.significant else "not significant"
    return f"{kind} at the level {result.alpha}"


def _equals(number: str) -> str:
    return number if number.startswith("≈") else f"= {number}"
