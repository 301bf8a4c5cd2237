-- What clients contribute, feedback and sessions to remember, is kept as requests are, until the journal has it.

ALTER TABLE moe.accepted ADD COLUMN event_id text COLLATE "C" NOT NULL DEFAULT ''; -- a request and its end need none
ALTER TABLE moe.accepted DROP CONSTRAINT accepted_pkey, ADD PRIMARY KEY (tenant, response_id, kind, event_id);
ALTER TABLE moe.accepted DROP CONSTRAINT accepted_kind_check,
    ADD CHECK (kind IN ('opened', 'ended', 'contributed')),
    ADD CHECK ((event_id <> '') = (kind = 'contributed'));

GRANT INSERT (event_id) ON moe.accepted TO moe_acceptor;
GRANT SELECT (event_id) ON moe.journal TO moe_restorer;
