-- Tools that an admin has switched off, for the whole installation. Instances keep the names in memory and follow the
-- version `switches`; who did it is on the audit.

DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'moe_toolkeeper') THEN
        CREATE ROLE moe_toolkeeper NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS NOREPLICATION;
    END IF;
END
$$;
GRANT USAGE ON SCHEMA moe TO moe_toolkeeper;

CREATE TABLE moe.switched_off (
    name  text COLLATE "C" PRIMARY KEY CHECK (name ~ '^[a-z0-9_]{1,64}$'),
    since timestamptz      NOT NULL DEFAULT now()
);
CREATE TRIGGER note_change AFTER INSERT OR UPDATE OR DELETE ON moe.switched_off
    FOR EACH STATEMENT EXECUTE FUNCTION moe.note_change('switches');

REVOKE ALL ON moe.switched_off FROM PUBLIC;
GRANT SELECT, INSERT (name), DELETE ON moe.switched_off TO moe_toolkeeper;
GRANT INSERT (tenant, action, actor, target, reason, detail) ON moe.acts TO moe_toolkeeper;
