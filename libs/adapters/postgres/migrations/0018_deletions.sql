-- Responses that their clients deleted: gateways show them no more. Their records keep the retention of the journal.

CREATE TABLE moe.deletions (
    tenant      text COLLATE "C" NOT NULL CHECK (tenant <> ''),
    response_id text COLLATE "C" NOT NULL CHECK (response_id <> ''),
    deleted_at  timestamptz      NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant, response_id)
);

ALTER TABLE moe.deletions ENABLE ROW LEVEL SECURITY;
ALTER TABLE moe.deletions FORCE ROW LEVEL SECURITY;
CREATE POLICY of_the_tenant ON moe.deletions TO moe_noter
    USING (tenant = current_setting('moe.tenant', true)) WITH CHECK (tenant = current_setting('moe.tenant', true));

REVOKE ALL ON moe.deletions FROM PUBLIC;
GRANT SELECT, INSERT (tenant, response_id) ON moe.deletions TO moe_noter;
GRANT INSERT (tenant, action, actor, target, reason, detail) ON moe.acts TO moe_noter;
