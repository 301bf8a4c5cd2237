"""The table of recognisers: one family of rules per subject, tried in this order."""

from services.planner.recogniser.families.algebra import ALGEBRA
from services.planner.recogniser.families.bases import BASES
from services.planner.recogniser.families.calculus import CALCULUS
from services.planner.recogniser.families.calendars import CALENDARS
from services.planner.recogniser.families.clocks import CLOCKS
from services.planner.recogniser.families.codes import CODES
from services.planner.recogniser.families.colors import COLORS
from services.planner.recogniser.families.counting import COUNTING
from services.planner.recogniser.families.documents import DOCUMENTS
from services.planner.recogniser.families.inference import INFERENCE
from services.planner.recogniser.families.integers import INTEGERS
from services.planner.recogniser.families.interest import INTEREST
from services.planner.recogniser.families.matrices import MATRICES
from services.planner.recogniser.families.money import MONEY
from services.planner.recogniser.families.networks import NETWORKS
from services.planner.recogniser.families.samples import SAMPLES
from services.planner.recogniser.families.science import SCIENCE
from services.planner.recogniser.families.structures import STRUCTURES
from services.planner.recogniser.families.texts import TEXTS
from services.planner.recogniser.families.units import PRODUCTS, UNITS
from services.planner.recogniser.families.workdays import WORKDAYS
from services.planner.recogniser.grammar import Family

FAMILIES: tuple[Family, ...] = (
    CALENDARS,
    WORKDAYS,
    CLOCKS,
    CODES,
    COLORS,
    INTEGERS,
    BASES,
    COUNTING,
    ALGEBRA,
    CALCULUS,
    MATRICES,
    MONEY,
    INTEREST,
    SAMPLES,
    INFERENCE,
    PRODUCTS,
    UNITS,
    SCIENCE,
    TEXTS,
    DOCUMENTS,
    NETWORKS,
    STRUCTURES,
)
