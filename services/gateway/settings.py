"""Settings of the gateway."""

from collections.abc import Callable
from typing import ClassVar

from pydantic import Field

from libs.core.database_roles import (
    AUTHENTICATOR_ROLE,
    BUDGET_LEASE_ROLE,
    READER_ROLE,
    SUBJECT_KEYS_ROLE,
    WRITE_AHEAD_ROLE,
)
from libs.runtime.settings import HttpSettings, InstanceSettings, ValkeySettings
from libs.runtime.settings.identity import IdentitySettings
from libs.runtime.settings.journal import JournalSettings
from libs.runtime.settings.keys import NotesKeySettings, PseudonymKeySettings
from services.gateway.admission.queued_requests import QueueLimits, WaitingRequests
from services.gateway.configuration.direct import DirectSettings
from services.gateway.configuration.embedding import EmbeddingSettings
from services.gateway.configuration.http_policies import HttpPolicySettings
from services.gateway.configuration.metering import QuotaSettings
from services.gateway.configuration.templates import TemplateSettings
from services.gateway.domain.admission.shares import AdaptiveLimit, AdaptiveLimitConfig, Admission, Shares
from services.gateway.domain.question.fleet_question import Limits
from services.gateway.domain.request_limits import RequestLimits


class Settings(
    HttpSettings,
    InstanceSettings,
    JournalSettings,
    PseudonymKeySettings,
    NotesKeySettings,
    ValkeySettings,
    DirectSettings,
    HttpPolicySettings,
    EmbeddingSettings,
    IdentitySettings,
    QuotaSettings,
    TemplateSettings,
):
    """Read once, at the start."""

    database_roles: ClassVar[tuple[str, ...]] = (
        AUTHENTICATOR_ROLE,
        WRITE_AHEAD_ROLE,
        SUBJECT_KEYS_ROLE,
        READER_ROLE,
        BUDGET_LEASE_ROLE,
    )

    port: int = Field(8002, ge=0, le=65535, validation_alias="MOE_PORT", description="Port of the gateway")
    request_timeout_s: float = Field(
        600, gt=0, le=86_400, validation_alias="MOE_REQUEST_TIMEOUT", description="Deadline of a request (s)"
    )
    max_in_flight: int = Field(
        512,
        ge=1,
        validation_alias="MOE_MAX_IN_FLIGHT",
        description="Maximum concurrent requests per gateway",
    )
    max_in_flight_per_tenant: int = Field(
        0,
        ge=0,
        validation_alias="MOE_MAX_IN_FLIGHT_PER_TENANT",
        description="Maximum concurrent requests per tenant and gateway; 0: limited by fair sharing only",
    )
    queue_target_ms: int = Field(
        500,
        ge=0,
        le=600_000,
        validation_alias="MOE_QUEUE_TARGET_MS",
        description="Queueing time in the pipeline above which the gateway admits fewer requests (ms); 0: only "
        "MOE_MAX_IN_FLIGHT applies",
    )
    max_waiting: int = Field(
        2000,
        ge=0,
        validation_alias="MOE_MAX_WAITING",
        description="Maximum requests of one gateway that wait before they are accepted; 0: a full gateway rejects",
    )
    max_waiting_bytes: int = Field(
        64 << 20,
        ge=1 << 20,
        validation_alias="MOE_MAX_WAITING_BYTES",
        description="Maximum size of the bodies of waiting requests together, in bytes",
    )
    max_wait_s: float = Field(
        60,
        gt=0,
        le=86_400,
        validation_alias="MOE_MAX_WAIT",
        description="Longest expected wait of a request, in seconds; beyond it, 503 with Retry-After",
    )
    history_max_turns: int = Field(
        4, ge=0, validation_alias="HISTORY_MAX_TURNS", description="Maximum earlier turns in prompts"
    )
    history_max_chars: int = Field(
        3000,
        ge=0,
        validation_alias="HISTORY_MAX_CHARS",
        description="Maximum characters of earlier turns in prompts",
    )

    def admission(self, alone: Callable[[], bool]) -> Admission:
        """`alone` returns whether only one tenant has requests: one tenant alone needs no headroom for others."""
        limit = AdaptiveLimit(AdaptiveLimitConfig(ceiling=self.max_in_flight, target_ms=self.queue_target_ms))
        return Admission(limit, Shares(self.max_in_flight_per_tenant, alone=alone))

    def waiting(self, admission: Admission) -> WaitingRequests:
        """Queue entries are shared among tenants like the permits of `admission`."""
        limits = QueueLimits(self.max_waiting, self.max_wait_s, self.max_waiting_bytes)
        return WaitingRequests(limits, admission.beside(self.max_waiting))

    @property
    def rules(self) -> RequestLimits:
        limits = Limits(self.history_max_turns, self.history_max_chars)
        return RequestLimits(limits=limits, request_timeout_s=self.request_timeout_s, feedback=self.feedback_policy)
