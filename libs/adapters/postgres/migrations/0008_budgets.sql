-- What users and teams may spend, what was set aside for gateways, and what each request has cost. Costs are tokens times
-- the factor of the model, rounded up. Rows know people by the ids of the directory alone.

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['moe_bookkeeper', 'moe_cashier', 'moe_treasurer'] LOOP
        IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = name) THEN
            EXECUTE format('CREATE ROLE %I NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS NOREPLICATION', name);
        END IF;
    END LOOP;
END
$$;
GRANT USAGE ON SCHEMA moe TO moe_bookkeeper, moe_cashier, moe_treasurer;

CREATE TABLE moe.budgets (
    tenant text COLLATE "C" NOT NULL CHECK (tenant <> ''),
    kind   text COLLATE "C" NOT NULL CHECK (kind IN ('user', 'team')),
    holder text COLLATE "C" NOT NULL CHECK (holder <> ''),
    period text COLLATE "C" NOT NULL CHECK (period IN ('daily', 'monthly', 'total')),
    amount bigint           NOT NULL CHECK (amount >= 0),
    set_at timestamptz      NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant, kind, holder, period)
);

CREATE TABLE moe.model_costs (
    tenant text COLLATE "C" NOT NULL CHECK (tenant <> ''),
    model  text COLLATE "C" NOT NULL CHECK (model <> ''),
    factor numeric(12, 6)   NOT NULL CHECK (factor >= 0),
    PRIMARY KEY (tenant, model)
);

-- What has been spent in a day, in a month and at all, whether there is a budget or not.
CREATE TABLE moe.spending (
    tenant text COLLATE "C" NOT NULL,
    kind   text COLLATE "C" NOT NULL,
    holder text COLLATE "C" NOT NULL,
    period text COLLATE "C" NOT NULL,
    starts date             NOT NULL, -- in UTC; -infinity for `total`
    cost   bigint           NOT NULL,
    PRIMARY KEY (tenant, kind, holder, period, starts)
);

-- Set aside for one gateway: what it has not given to a request yet, and what its open requests are expected to cost.
-- Both come out of `reserved` by themselves: when the request is booked, when the gateway gives back, when it expires.
CREATE TABLE moe.budget_chunks (
    chunk_id   uuid             PRIMARY KEY DEFAULT gen_random_uuid(),
    tenant     text COLLATE "C" NOT NULL,
    kind       text COLLATE "C" NOT NULL,
    holder     text COLLATE "C" NOT NULL,
    amount     bigint           NOT NULL CHECK (amount > 0),
    reserved   bigint           NOT NULL CHECK (reserved >= 0),
    leased_at  timestamptz      NOT NULL DEFAULT statement_timestamp(),
    expires_at timestamptz      NOT NULL
);
CREATE INDEX chunks_by_holder ON moe.budget_chunks (tenant, kind, holder, expires_at);
CREATE INDEX chunks_by_expiry ON moe.budget_chunks (expires_at);

-- One row a request, whenever and however often its end is heard.
CREATE TABLE moe.usage (
    tenant            text COLLATE "C" NOT NULL,
    response_id       text COLLATE "C" NOT NULL,
    user_id           text COLLATE "C" NOT NULL,
    team_id           text COLLATE "C" NOT NULL,
    key_id            text COLLATE "C" NOT NULL,
    model             text COLLATE "C" NOT NULL,
    prompt_tokens     bigint           NOT NULL,
    completion_tokens bigint           NOT NULL,
    cost              bigint           NOT NULL,
    reserved          bigint           NOT NULL, -- the estimate that it came in with
    outcome           text COLLATE "C" NOT NULL,
    cache_hit         boolean          NOT NULL,
    at                timestamptz      NOT NULL, -- when it was accepted
    PRIMARY KEY (tenant, response_id)
);
CREATE INDEX usage_by_time ON moe.usage (tenant, at);

CREATE TRIGGER budgets_changed AFTER INSERT OR UPDATE OR DELETE ON moe.budgets
    FOR EACH STATEMENT EXECUTE FUNCTION moe.note_change('budgets');
CREATE TRIGGER costs_changed AFTER INSERT OR UPDATE OR DELETE ON moe.model_costs
    FOR EACH STATEMENT EXECUTE FUNCTION moe.note_change('budgets');

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['budgets', 'model_costs', 'spending', 'budget_chunks', 'usage'] LOOP
        EXECUTE format('ALTER TABLE moe.%I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE moe.%I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('REVOKE ALL ON moe.%I FROM PUBLIC', name);
        EXECUTE format('CREATE POLICY of_the_tenant ON moe.%I TO moe_treasurer '
            'USING (tenant = current_setting(''moe.tenant'', true)) '
            'WITH CHECK (tenant = current_setting(''moe.tenant'', true))', name);
        EXECUTE format('CREATE POLICY of_all ON moe.%I TO moe_bookkeeper, moe_cashier '
            'USING (true) WITH CHECK (true)', name);
    END LOOP;
END
$$;

-- The bookkeeper writes down what was spent. It neither grants nor reads a budget.
GRANT SELECT ON moe.model_costs, moe.spending TO moe_bookkeeper;
GRANT SELECT (chunk_id, reserved), UPDATE (reserved) ON moe.budget_chunks TO moe_bookkeeper;
GRANT SELECT, INSERT ON moe.usage TO moe_bookkeeper;
GRANT INSERT, UPDATE (cost) ON moe.spending TO moe_bookkeeper;
-- The cashier sets aside. It can neither change a budget nor what was spent of it.
GRANT SELECT ON moe.budgets, moe.model_costs, moe.spending TO moe_cashier;
GRANT SELECT, INSERT (tenant, kind, holder, amount, reserved, expires_at), UPDATE (reserved), DELETE
    ON moe.budget_chunks TO moe_cashier;
-- The treasurer sets budgets and costs of one tenant, and reads its books.
GRANT SELECT, INSERT, UPDATE, DELETE ON moe.budgets, moe.model_costs TO moe_treasurer;
GRANT SELECT ON moe.spending, moe.budget_chunks, moe.usage TO moe_treasurer;
GRANT INSERT (tenant, action, actor, target, reason, detail) ON moe.acts TO moe_treasurer;
