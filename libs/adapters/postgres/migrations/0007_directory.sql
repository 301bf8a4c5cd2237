-- Who may come in: tenants, their people and teams, keys, and what each may use. Nothing is allowed but what is granted.
-- A gateway reads all of it and keeps it in memory; whoever writes does it for one tenant at a time.

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['moe_doorkeeper', 'moe_registrar'] LOOP
        IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = name) THEN
            EXECUTE format('CREATE ROLE %I NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS NOREPLICATION', name);
        END IF;
    END LOOP;
END
$$;
GRANT USAGE ON SCHEMA moe TO moe_doorkeeper, moe_registrar;

CREATE TABLE moe.tenants (
    tenant     text COLLATE "C" PRIMARY KEY CHECK (tenant ~ '^[a-z0-9][a-z0-9_-]{0,62}$' AND tenant <> 'system'),
    title      text        NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL DEFAULT now()
);
INSERT INTO moe.tenants (tenant, title) VALUES ('default', 'whose the bootstrap key is');

-- Ids travel with requests and stay in the journal; names stay here.
CREATE TABLE moe.users (
    user_id     text COLLATE "C" PRIMARY KEY,
    tenant      text COLLATE "C" NOT NULL REFERENCES moe.tenants,
    name        text COLLATE "C" NOT NULL CHECK (name <> ''),
    created_at  timestamptz      NOT NULL DEFAULT now(),
    disabled_at timestamptz,
    UNIQUE (tenant, name),
    UNIQUE (tenant, user_id)
);
CREATE TABLE moe.teams (
    team_id    text COLLATE "C" PRIMARY KEY,
    tenant     text COLLATE "C" NOT NULL REFERENCES moe.tenants,
    name       text COLLATE "C" NOT NULL CHECK (name ~ '^[a-z0-9][a-z0-9_-]{0,62}$'), -- part of a resource's name
    created_at timestamptz      NOT NULL DEFAULT now(),
    UNIQUE (tenant, name),
    UNIQUE (tenant, team_id)
);
CREATE TABLE moe.memberships (
    tenant  text COLLATE "C" NOT NULL,
    team_id text COLLATE "C" NOT NULL,
    user_id text COLLATE "C" NOT NULL,
    since   timestamptz      NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (user_id, team_id),
    FOREIGN KEY (tenant, team_id) REFERENCES moe.teams (tenant, team_id),
    FOREIGN KEY (tenant, user_id) REFERENCES moe.users (tenant, user_id)
);
CREATE INDEX memberships_by_team ON moe.memberships (team_id);
-- People of another tenant, who may read this one's graph.
CREATE TABLE moe.guests (
    tenant  text COLLATE "C" NOT NULL REFERENCES moe.tenants,
    user_id text COLLATE "C" NOT NULL REFERENCES moe.users,
    since   timestamptz      NOT NULL DEFAULT now(),
    PRIMARY KEY (user_id, tenant)
);

-- A key is shown once; what is kept finds it and recognises it.
CREATE TABLE moe.api_keys (
    lookup              text COLLATE "C" PRIMARY KEY CHECK (lookup ~ '^[0-9A-Za-z]{16}$'),
    sha256              bytea            NOT NULL CHECK (octet_length(sha256) = 32),
    tenant              text COLLATE "C" NOT NULL,
    user_id             text COLLATE "C" NOT NULL,
    team_id             text COLLATE "C", -- who pays, if the owner is in several teams
    name                text             NOT NULL DEFAULT '',
    created_at          timestamptz      NOT NULL DEFAULT now(),
    expires_at          timestamptz,
    revoked_at          timestamptz,
    requests_per_minute integer          NOT NULL DEFAULT 0 CHECK (requests_per_minute >= 0),
    tokens_per_minute   integer          NOT NULL DEFAULT 0 CHECK (tokens_per_minute >= 0),
    streams             integer          NOT NULL DEFAULT 0 CHECK (streams >= 0),
    cc_profile          text             NOT NULL DEFAULT '',
    admin               boolean          NOT NULL DEFAULT false,
    FOREIGN KEY (tenant, user_id) REFERENCES moe.users (tenant, user_id),
    FOREIGN KEY (tenant, team_id) REFERENCES moe.teams (tenant, team_id)
);
CREATE INDEX api_keys_by_user ON moe.api_keys (user_id);

CREATE TABLE moe.grants (
    tenant     text COLLATE "C" NOT NULL REFERENCES moe.tenants,
    user_id    text COLLATE "C",
    team_id    text COLLATE "C",
    lookup     text COLLATE "C" REFERENCES moe.api_keys,
    kind       text COLLATE "C" NOT NULL CHECK (kind IN (
        'expert_template', 'model_endpoint', 'moe_mode', 'skill', 'mcp_tool', 'graph_tenant', 'cc_profile', 'feature'
    )),
    resource   text COLLATE "C" NOT NULL CHECK (resource <> ''),
    granted_at timestamptz      NOT NULL DEFAULT now(),
    granted_by text             NOT NULL,
    CHECK (num_nonnulls(user_id, team_id, lookup) = 1),
    UNIQUE NULLS NOT DISTINCT (user_id, team_id, lookup, kind, resource),
    FOREIGN KEY (tenant, user_id) REFERENCES moe.users (tenant, user_id),
    FOREIGN KEY (tenant, team_id) REFERENCES moe.teams (tenant, team_id)
);
CREATE INDEX grants_by_team ON moe.grants (team_id) WHERE team_id IS NOT NULL;
CREATE INDEX grants_by_lookup ON moe.grants (lookup) WHERE lookup IS NOT NULL;

-- Whom each version of `directory` changed something for: a person, a team, the owner of a key, else everybody.
CREATE TABLE moe.directory_changes (
    version bigint NOT NULL,
    user_id text COLLATE "C",
    team_id text COLLATE "C",
    lookup  text COLLATE "C"
);
CREATE INDEX directory_changes_by_version ON moe.directory_changes (version);

CREATE FUNCTION moe.note_directory_change() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    risen bigint;
BEGIN
    IF NOT EXISTS (SELECT FROM touched) THEN
        RETURN NULL;
    END IF;
    INSERT INTO moe.versions AS v (name) VALUES ('directory')
    ON CONFLICT (name) DO UPDATE SET version = v.version + 1 RETURNING v.version INTO risen;
    INSERT INTO moe.directory_changes (version, user_id, team_id, lookup)
    SELECT DISTINCT risen, line->>'user_id',
        CASE WHEN line->>'user_id' IS NULL THEN line->>'team_id' END,
        CASE WHEN line->>'user_id' IS NULL THEN line->>'lookup' END
    FROM (SELECT to_jsonb(touched) AS line FROM touched) AS lines;
    DELETE FROM moe.directory_changes WHERE version < risen - 10000; -- who is further behind reads everything
    PERFORM pg_notify('moe_directory', risen::text);
    RETURN NULL;
END
$$;

DO $$
DECLARE
    watched text;
BEGIN
    FOREACH watched IN ARRAY ARRAY['tenants', 'users', 'teams', 'memberships', 'guests', 'api_keys', 'grants'] LOOP
        EXECUTE format('CREATE TRIGGER note_insert AFTER INSERT ON moe.%I REFERENCING NEW TABLE AS touched '
            'FOR EACH STATEMENT EXECUTE FUNCTION moe.note_directory_change()', watched);
        EXECUTE format('CREATE TRIGGER note_update AFTER UPDATE ON moe.%I REFERENCING NEW TABLE AS touched '
            'FOR EACH STATEMENT EXECUTE FUNCTION moe.note_directory_change()', watched);
        EXECUTE format('CREATE TRIGGER note_delete AFTER DELETE ON moe.%I REFERENCING OLD TABLE AS touched '
            'FOR EACH STATEMENT EXECUTE FUNCTION moe.note_directory_change()', watched);
        EXECUTE format('REVOKE ALL ON moe.%I FROM PUBLIC', watched);
        IF watched <> 'tenants' THEN
            EXECUTE format('ALTER TABLE moe.%I ENABLE ROW LEVEL SECURITY', watched);
            EXECUTE format('ALTER TABLE moe.%I FORCE ROW LEVEL SECURITY', watched);
            EXECUTE format('CREATE POLICY of_all ON moe.%I FOR SELECT TO moe_doorkeeper USING (true)', watched);
            EXECUTE format('CREATE POLICY of_the_tenant ON moe.%I TO moe_registrar '
                'USING (tenant = current_setting(''moe.tenant'', true)) '
                'WITH CHECK (tenant = current_setting(''moe.tenant'', true))', watched);
        END IF;
    END LOOP;
END
$$;

REVOKE ALL ON moe.directory_changes FROM PUBLIC;
REVOKE ALL ON FUNCTION moe.note_directory_change() FROM PUBLIC;
-- What a door has to know: no names of people, and not why or by whom.
GRANT SELECT ON moe.memberships, moe.guests, moe.directory_changes TO moe_doorkeeper;
GRANT SELECT (user_id, tenant, disabled_at) ON moe.users TO moe_doorkeeper;
GRANT SELECT (team_id, tenant, name) ON moe.teams TO moe_doorkeeper;
GRANT SELECT (tenant, user_id, team_id, lookup, kind, resource) ON moe.grants TO moe_doorkeeper;
GRANT SELECT (
    lookup, sha256, tenant, user_id, team_id, expires_at, revoked_at,
    requests_per_minute, tokens_per_minute, streams, cc_profile, admin
) ON moe.api_keys TO moe_doorkeeper;
-- A key can be ended, never brought back or made somebody else's; what it may take can be changed.
GRANT SELECT, INSERT ON moe.tenants, moe.users, moe.teams, moe.memberships, moe.guests, moe.grants TO moe_registrar;
GRANT DELETE ON moe.memberships, moe.guests, moe.grants TO moe_registrar;
GRANT UPDATE (disabled_at) ON moe.users TO moe_registrar;
GRANT SELECT (
    lookup, tenant, user_id, team_id, name, created_at, expires_at, revoked_at,
    requests_per_minute, tokens_per_minute, streams, cc_profile, admin
), INSERT, UPDATE (
    expires_at, revoked_at, requests_per_minute, tokens_per_minute, streams, cc_profile
) ON moe.api_keys TO moe_registrar;
GRANT INSERT (tenant, action, actor, target, reason, detail) ON moe.acts TO moe_registrar;
