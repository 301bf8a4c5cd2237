-- Expert templates and Claude Code profiles of tenants, as JSON that was checked before it was kept. Gateways keep all of
-- them in memory and follow the version `templates`.

-- Every change takes a number of its own, so no two documents ever had the same id and version.
CREATE SEQUENCE moe.document_versions;

CREATE TABLE moe.templates (
    tenant      text COLLATE "C" NOT NULL REFERENCES moe.tenants,
    template_id text COLLATE "C" NOT NULL CHECK (template_id ~ '^[a-z0-9][a-z0-9._-]{0,63}$'),
    name        text COLLATE "C" NOT NULL CHECK (name <> ''),
    version     bigint           NOT NULL DEFAULT nextval('moe.document_versions'),
    document    jsonb            NOT NULL CHECK (octet_length(document::text) <= 131072),
    updated_at  timestamptz      NOT NULL DEFAULT now(),
    updated_by  text             NOT NULL,
    PRIMARY KEY (tenant, template_id),
    CONSTRAINT one_template_of_a_name UNIQUE (tenant, name) DEFERRABLE INITIALLY DEFERRED -- names may be swapped
);
CREATE TABLE moe.profiles (
    tenant     text COLLATE "C" NOT NULL REFERENCES moe.tenants,
    profile_id text COLLATE "C" NOT NULL CHECK (profile_id ~ '^[a-z0-9][a-z0-9._-]{0,63}$'),
    name       text             NOT NULL CHECK (name <> ''),
    version    bigint           NOT NULL DEFAULT nextval('moe.document_versions'),
    document   jsonb            NOT NULL CHECK (octet_length(document::text) <= 131072),
    updated_at timestamptz      NOT NULL DEFAULT now(),
    updated_by text             NOT NULL,
    PRIMARY KEY (tenant, profile_id)
);
CREATE UNIQUE INDEX one_default_profile ON moe.profiles (tenant) WHERE (document->>'default')::boolean;

DO $$
DECLARE
    watched text;
BEGIN
    FOREACH watched IN ARRAY ARRAY['templates', 'profiles'] LOOP
        EXECUTE format('CREATE TRIGGER note_change AFTER INSERT OR UPDATE OR DELETE ON moe.%I '
            'FOR EACH STATEMENT EXECUTE FUNCTION moe.note_change(''templates'')', watched);
        EXECUTE format('REVOKE ALL ON moe.%I FROM PUBLIC', watched);
        EXECUTE format('ALTER TABLE moe.%I ENABLE ROW LEVEL SECURITY', watched);
        EXECUTE format('ALTER TABLE moe.%I FORCE ROW LEVEL SECURITY', watched);
        EXECUTE format('CREATE POLICY of_all ON moe.%I FOR SELECT TO moe_doorkeeper USING (true)', watched);
        EXECUTE format('CREATE POLICY of_the_tenant ON moe.%I TO moe_registrar '
            'USING (tenant = current_setting(''moe.tenant'', true)) '
            'WITH CHECK (tenant = current_setting(''moe.tenant'', true))', watched);
    END LOOP;
END
$$;

REVOKE ALL ON SEQUENCE moe.document_versions FROM PUBLIC;
GRANT SELECT (tenant, template_id, version, document) ON moe.templates TO moe_doorkeeper;
GRANT SELECT (tenant, profile_id, version, document) ON moe.profiles TO moe_doorkeeper;
GRANT SELECT, INSERT, DELETE ON moe.templates, moe.profiles TO moe_registrar;
GRANT UPDATE (name, version, document, updated_at, updated_by) ON moe.templates, moe.profiles TO moe_registrar;
GRANT USAGE ON SEQUENCE moe.document_versions TO moe_registrar;
