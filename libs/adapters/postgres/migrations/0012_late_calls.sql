-- Model calls that came to light when their request had ended are added to its row: each once, by its id.

ALTER TABLE moe.usage ADD COLUMN calls text[] COLLATE "C" NOT NULL DEFAULT '{}'; -- ids of the calls that are in it

-- What was heard of before the row that it belongs to. Emptied by that row.
CREATE TABLE moe.late_calls (
    tenant            text COLLATE "C" NOT NULL,
    response_id       text COLLATE "C" NOT NULL,
    call_id           text COLLATE "C" NOT NULL,
    prompt_tokens     bigint           NOT NULL,
    completion_tokens bigint           NOT NULL,
    PRIMARY KEY (tenant, response_id, call_id)
);
ALTER TABLE moe.late_calls ENABLE ROW LEVEL SECURITY;
ALTER TABLE moe.late_calls FORCE ROW LEVEL SECURITY;
REVOKE ALL ON moe.late_calls FROM PUBLIC;
CREATE POLICY of_all ON moe.late_calls TO moe_bookkeeper USING (true) WITH CHECK (true);

GRANT SELECT, INSERT, DELETE ON moe.late_calls TO moe_bookkeeper;
GRANT UPDATE (prompt_tokens, completion_tokens, cost, calls) ON moe.usage TO moe_bookkeeper;
