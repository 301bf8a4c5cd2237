-- Wraps the keys of subjects under another root, without seeing what is under them, and writes down that it did.

DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'moe_key_rotator') THEN
        CREATE ROLE moe_key_rotator NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS NOREPLICATION;
    END IF;
END
$$;
GRANT USAGE ON SCHEMA moe TO moe_key_rotator;

CREATE POLICY of_all_to_wrap ON moe.subject_keys TO moe_key_rotator USING (true) WITH CHECK (true);
GRANT SELECT, UPDATE (wrapped) ON moe.subject_keys TO moe_key_rotator;
GRANT INSERT (tenant, action, actor, target, reason, detail) ON moe.acts TO moe_key_rotator;
