-- Legal holds, and what was done to the journal: acts wait here until the journal has said them on moe.audit.

CREATE TABLE moe.holds (
    hold_id     uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    tenant      text COLLATE "C" NOT NULL CHECK (tenant <> ''),
    subject     text COLLATE "C" NOT NULL, -- '': the whole tenant
    reason      text             NOT NULL,
    placed_by   text             NOT NULL,
    placed_at   timestamptz      NOT NULL DEFAULT now(),
    released_by text,
    released_at timestamptz
);

CREATE TABLE moe.acts (
    act_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    tenant text COLLATE "C" NOT NULL,
    action text NOT NULL,
    actor  text NOT NULL,
    target text NOT NULL,
    reason text NOT NULL DEFAULT '',
    detail text NOT NULL DEFAULT '',
    at_ms  bigint NOT NULL DEFAULT ((extract(epoch FROM clock_timestamp()) * 1000)::bigint)
);

ALTER TABLE moe.holds ENABLE ROW LEVEL SECURITY;
ALTER TABLE moe.holds FORCE ROW LEVEL SECURITY;
CREATE POLICY of_the_tenant ON moe.holds TO moe_eraser
    USING (tenant = current_setting('moe.tenant', true)) WITH CHECK (tenant = current_setting('moe.tenant', true));

REVOKE ALL ON moe.holds, moe.acts FROM PUBLIC;
GRANT SELECT, INSERT (tenant, subject, reason, placed_by), UPDATE (released_by, released_at) ON moe.holds TO moe_eraser;
GRANT INSERT (tenant, action, actor, target, reason, detail) ON moe.acts TO moe_eraser, moe_sealer;
-- Said once and then taken away: the journal itself is where acts are kept.
GRANT SELECT, DELETE ON moe.acts TO moe_sealer;
