-- Every record of every topic, as it lay on the log. Rows are added and read, never changed.

DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'moe_journal') THEN
        CREATE ROLE moe_journal NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS NOREPLICATION;
    END IF;
END
$$;

CREATE TABLE moe.journal (
    log_id       text COLLATE "C" NOT NULL,
    topic        text COLLATE "C" NOT NULL,
    partition    integer          NOT NULL,
    "offset"     bigint           NOT NULL,
    timestamp_ms bigint           NOT NULL,
    received_at  timestamptz      NOT NULL DEFAULT clock_timestamp(),
    key          bytea,
    headers      json             NOT NULL, -- [[name, base64], ...]: order and repetition as sent; json keeps U+0000
    payload      bytea            NOT NULL,
    event_id     text COLLATE "C", -- from here on: what the headers claim, where readable
    response_id  text COLLATE "C",
    tenant       text COLLATE "C",
    schema       text COLLATE "C",
    causation_id text COLLATE "C",
    PRIMARY KEY (log_id, topic, partition, "offset")
);

CREATE INDEX journal_by_response ON moe.journal (response_id, timestamp_ms) WHERE response_id IS NOT NULL;

REVOKE ALL ON moe.journal FROM PUBLIC;
GRANT USAGE ON SCHEMA moe TO moe_journal;
GRANT SELECT ON moe.journal TO moe_journal;
-- Not received_at: whoever writes cannot choose when a row came.
GRANT INSERT (
    log_id, topic, partition, "offset", timestamp_ms, key, headers, payload,
    event_id, response_id, tenant, schema, causation_id
) ON moe.journal TO moe_journal;
