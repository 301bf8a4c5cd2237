"""Settings: environment variables, read once at the start, in groups that services share. Each is declared once."""

from libs.runtime.settings.base import Settings, names_set
from libs.runtime.settings.bus import BusSettings, LogSettings
from libs.runtime.settings.kafka_security import KafkaSecuritySettings
from libs.runtime.settings.models import ExpertSettings, JudgeSettings, ModelSettings
from libs.runtime.settings.outside import BootstrapSettings, ValkeySettings
from libs.runtime.settings.process import HttpSettings, InstanceSettings, PolicySettings, ProcessSettings

__all__ = [
    "BootstrapSettings",
    "BusSettings",
    "ExpertSettings",
    "HttpSettings",
    "InstanceSettings",
    "JudgeSettings",
    "KafkaSecuritySettings",
    "LogSettings",
    "ModelSettings",
    "PolicySettings",
    "ProcessSettings",
    "Settings",
    "ValkeySettings",
    "names_set",
]
