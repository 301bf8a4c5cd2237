-- Every record of every topic, once for each position. Headers, key and value are in `content`, encrypted; what stands
-- beside it finds rows and is hashed into the chain. Rows are added and read; only an eraser takes content away.

CREATE TABLE moe.journal (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    -- The transaction that wrote the row: below the oldest one that still runs, nothing can appear any more.
    xact         bigint           NOT NULL DEFAULT (pg_current_xact_id()::text::bigint),
    received_us  bigint           NOT NULL DEFAULT ((extract(epoch FROM clock_timestamp()) * 1000000)::bigint),
    timestamp_ms bigint           NOT NULL,
    "offset"     bigint           NOT NULL,
    key_id       bigint           REFERENCES moe.subject_keys, -- NULL: kept without content, or not any more
    base_id      bigint           REFERENCES moe.journal, -- compressed with that row's value as dictionary
    partition    integer          NOT NULL,
    shard        smallint         NOT NULL GENERATED ALWAYS AS ((hashtext(tenant) & 7)::smallint) STORED,
    tenant       text COLLATE "C" NOT NULL CHECK (tenant <> ''), -- verified, else `system`
    log_id       text COLLATE "C" NOT NULL,
    topic        text COLLATE "C" NOT NULL,
    event_id     text COLLATE "C", -- these four: what the headers claim, where readable
    response_id  text COLLATE "C",
    schema       text COLLATE "C",
    causation_id text COLLATE "C",
    commitment   bytea            NOT NULL, -- SHA-256 of salt and content
    tag          bytea,                     -- keyed fingerprint of the value
    salt         bytea,
    content      bytea STORAGE EXTERNAL,    -- compressed before it was encrypted: trying again gains nothing
    CHECK ((content IS NULL) = (salt IS NULL) AND (content IS NULL) = (tag IS NULL) AND (content IS NULL) = (key_id IS NULL)),
    UNIQUE (topic, partition, "offset", log_id)
);

CREATE INDEX journal_to_seal ON moe.journal (shard, xact, id);
CREATE INDEX journal_by_response ON moe.journal (response_id) WHERE response_id IS NOT NULL;
CREATE INDEX journal_by_time ON moe.journal USING brin (received_us);
CREATE INDEX journal_by_key ON moe.journal (key_id) WHERE key_id IS NOT NULL;
CREATE INDEX journal_of_acts ON moe.journal (schema, timestamp_ms)
    WHERE topic IN ('moe.pipeline.dead-letters.v1', 'moe.audit');

-- The same event on the same topic again, with another value: the first one counts, this one is superseded.
CREATE VIEW moe.superseded WITH (security_invoker = true) AS
SELECT id, tenant, response_id, event_id, schema, topic, partition, "offset", first_id
FROM (
    SELECT *, first_value(id) OVER same AS first_id, first_value(tag) OVER same AS first_tag
    FROM moe.journal
    WHERE event_id IS NOT NULL
    WINDOW same AS (PARTITION BY tenant, response_id, event_id, topic ORDER BY log_id, partition, "offset")
) AS numbered
WHERE tag <> first_tag;

ALTER TABLE moe.journal ENABLE ROW LEVEL SECURITY;
ALTER TABLE moe.journal FORCE ROW LEVEL SECURITY;
CREATE POLICY of_the_tenant ON moe.journal TO moe_journal, moe_reader, moe_eraser
    USING (tenant = current_setting('moe.tenant', true)) WITH CHECK (tenant = current_setting('moe.tenant', true));
CREATE POLICY of_all ON moe.journal FOR SELECT TO moe_sealer, moe_auditor USING (true);

REVOKE ALL ON moe.journal, moe.superseded FROM PUBLIC;
-- Neither number nor times nor transaction: whoever writes cannot choose when a row came.
-- What it reads tells a record that came again from another one at the same place, never content.
GRANT SELECT (id, timestamp_ms, "offset", partition, tenant, log_id, topic, tag), INSERT (
    timestamp_ms, "offset", key_id, base_id, partition, tenant, log_id, topic,
    event_id, response_id, schema, causation_id, commitment, tag, salt, content
) ON moe.journal TO moe_journal;
GRANT SELECT (
    id, xact, received_us, timestamp_ms, "offset", partition, shard, tenant, log_id, topic,
    event_id, response_id, schema, causation_id, commitment
) ON moe.journal TO moe_sealer;
GRANT SELECT ON moe.journal, moe.superseded TO moe_reader, moe_auditor;
GRANT SELECT (id, received_us, timestamp_ms, key_id, base_id, tenant, log_id, topic, response_id),
    UPDATE (key_id, tag, salt, content) ON moe.journal TO moe_eraser;
