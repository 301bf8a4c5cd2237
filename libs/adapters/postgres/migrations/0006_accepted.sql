-- What the log alone does not keep, where the broker is in memory: requests that were accepted and have no end in the
-- journal yet, and ends that a client was told. Rows come with the request and go when the journal has its end.

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['moe_acceptor', 'moe_restorer'] LOOP
        IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = name) THEN
            EXECUTE format('CREATE ROLE %I NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS NOREPLICATION', name);
        END IF;
    END LOOP;
END
$$;
GRANT USAGE ON SCHEMA moe TO moe_acceptor, moe_restorer;

CREATE TABLE moe.accepted (
    tenant      text COLLATE "C" NOT NULL CHECK (tenant <> ''),
    response_id text COLLATE "C" NOT NULL,
    kind        text COLLATE "C" NOT NULL CHECK (kind IN ('opened', 'ended')),
    log_id      text COLLATE "C" NOT NULL,           -- the log that the request is on
    times       integer          NOT NULL DEFAULT 0, -- how often it was restored
    kept_at     timestamptz      NOT NULL DEFAULT now(),
    key_id      bigint           NOT NULL REFERENCES moe.subject_keys,
    tag         bytea            NOT NULL, -- keyed fingerprint of the message, as in the journal
    content     bytea STORAGE EXTERNAL NOT NULL,
    PRIMARY KEY (tenant, response_id, kind)
);
CREATE INDEX accepted_by_log ON moe.accepted (log_id);
CREATE INDEX accepted_by_key ON moe.accepted (key_id);

ALTER TABLE moe.accepted ENABLE ROW LEVEL SECURITY;
ALTER TABLE moe.accepted FORCE ROW LEVEL SECURITY;
CREATE POLICY of_the_tenant ON moe.accepted TO moe_acceptor, moe_eraser
    USING (tenant = current_setting('moe.tenant', true)) WITH CHECK (tenant = current_setting('moe.tenant', true));
CREATE POLICY of_all ON moe.accepted TO moe_restorer USING (true) WITH CHECK (true);
CREATE POLICY of_the_tenant_as_accepted ON moe.subject_keys TO moe_acceptor
    USING (tenant = current_setting('moe.tenant', true)) WITH CHECK (tenant = current_setting('moe.tenant', true));
CREATE POLICY of_all_accepted ON moe.subject_keys FOR SELECT TO moe_restorer USING (true);
CREATE POLICY of_the_tenant_as_accepted ON moe.erasures FOR SELECT TO moe_acceptor
    USING (tenant = current_setting('moe.tenant', true));
CREATE POLICY of_all_accepted ON moe.journal FOR SELECT TO moe_restorer USING (true);

REVOKE ALL ON moe.accepted FROM PUBLIC;
GRANT SELECT (tenant, response_id, kind), INSERT (tenant, response_id, kind, log_id, key_id, tag, content), DELETE
    ON moe.accepted TO moe_acceptor;
GRANT SELECT, INSERT (tenant, subject, wrapped) ON moe.subject_keys TO moe_acceptor;
GRANT SELECT ON moe.erasures TO moe_acceptor;
GRANT SELECT, UPDATE (log_id, times), DELETE ON moe.accepted TO moe_restorer;
GRANT SELECT ON moe.subject_keys TO moe_restorer;
-- Erasing a subject takes its open requests along: what nobody can read any more cannot be restored.
GRANT SELECT (tenant, key_id), DELETE ON moe.accepted TO moe_eraser;
-- Whether the end of a request is kept for good, never what it is.
GRANT SELECT (tenant, response_id, topic, schema, tag, received_us) ON moe.journal TO moe_restorer;
