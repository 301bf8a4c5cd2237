-- The roles of the journal. None is a superuser, owns anything, or bypasses row-level security; what each may do is
-- granted beside the tables. They are roles of the whole cluster, so they may be there already.

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['moe_journal', 'moe_sealer', 'moe_reader', 'moe_auditor', 'moe_eraser'] LOOP
        IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = name) THEN
            EXECUTE format('CREATE ROLE %I NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS NOREPLICATION', name);
        END IF;
    END LOOP;
END
$$;

GRANT USAGE ON SCHEMA moe TO moe_journal, moe_sealer, moe_reader, moe_auditor, moe_eraser;
