-- One data key for each person of a tenant, wrapped by the tenant's key, which is in no table. The subject '' is the
-- tenant itself. Erasing a person deletes the row: without it every copy of the ciphertext is noise.

CREATE TABLE moe.subject_keys (
    key_id  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant  text COLLATE "C" NOT NULL CHECK (tenant <> ''),
    subject text COLLATE "C" NOT NULL,
    wrapped bytea            NOT NULL,
    UNIQUE (tenant, subject)
);

-- Who was erased, and until which moment (Unix milliseconds) what they said is kept without content.
CREATE TABLE moe.erasures (
    tenant   text COLLATE "C" NOT NULL CHECK (tenant <> ''),
    subject  text COLLATE "C" NOT NULL CHECK (subject <> ''),
    until_ms bigint           NOT NULL,
    PRIMARY KEY (tenant, subject)
);

ALTER TABLE moe.subject_keys ENABLE ROW LEVEL SECURITY;
ALTER TABLE moe.subject_keys FORCE ROW LEVEL SECURITY;
ALTER TABLE moe.erasures ENABLE ROW LEVEL SECURITY;
ALTER TABLE moe.erasures FORCE ROW LEVEL SECURITY;

CREATE POLICY of_the_tenant ON moe.subject_keys TO moe_journal, moe_reader, moe_eraser
    USING (tenant = current_setting('moe.tenant', true)) WITH CHECK (tenant = current_setting('moe.tenant', true));
CREATE POLICY of_all ON moe.subject_keys FOR SELECT TO moe_auditor USING (true);
CREATE POLICY of_the_tenant ON moe.erasures TO moe_journal, moe_eraser
    USING (tenant = current_setting('moe.tenant', true)) WITH CHECK (tenant = current_setting('moe.tenant', true));

REVOKE ALL ON moe.subject_keys, moe.erasures FROM PUBLIC;
GRANT SELECT, INSERT (tenant, subject, wrapped) ON moe.subject_keys TO moe_journal;
GRANT SELECT ON moe.subject_keys TO moe_reader, moe_auditor;
-- UPDATE of one column that never changes: a row can only be locked by whoever may update it.
GRANT SELECT (key_id, tenant, subject), DELETE, UPDATE (subject) ON moe.subject_keys TO moe_eraser;
GRANT SELECT ON moe.erasures TO moe_journal;
GRANT SELECT, INSERT, UPDATE (until_ms) ON moe.erasures TO moe_eraser;
