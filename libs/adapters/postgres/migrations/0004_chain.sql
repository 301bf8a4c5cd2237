-- The chain of each tenant over the rows of the journal, written by whoever holds the lock of the tenant's shard.

CREATE TABLE moe.chain (
    sequence bigint           NOT NULL,
    row_id   bigint           NOT NULL UNIQUE REFERENCES moe.journal,
    tenant   text COLLATE "C" NOT NULL,
    hash     bytea            NOT NULL,
    PRIMARY KEY (tenant, sequence) -- a fork is impossible
);

CREATE TABLE moe.heads (
    tenant       text COLLATE "C" PRIMARY KEY,
    sequence     bigint NOT NULL,
    hash         bytea  NOT NULL,
    unsigned     bigint NOT NULL, -- rows since the last checkpoint, checkpoints themselves not counted
    unsigned_ms  bigint NOT NULL  -- when the first of them was sealed, Unix milliseconds
);

-- How far each shard is sealed.
CREATE TABLE moe.seals (
    shard  smallint PRIMARY KEY,
    xact   bigint NOT NULL DEFAULT 0,
    row_id bigint NOT NULL DEFAULT 0
);
INSERT INTO moe.seals (shard) SELECT generate_series(0, 7);

CREATE TABLE moe.checkpoints (
    tenant    text COLLATE "C" NOT NULL,
    sequence  bigint           NOT NULL,
    hash      bytea            NOT NULL,
    at_ms     bigint           NOT NULL,
    key       bytea            NOT NULL, -- the Ed25519 public key
    signature bytea            NOT NULL,
    said      boolean          NOT NULL DEFAULT false, -- on moe.audit
    PRIMARY KEY (tenant, sequence)
);
CREATE INDEX checkpoints_to_say ON moe.checkpoints (at_ms) WHERE NOT said;

ALTER TABLE moe.chain ENABLE ROW LEVEL SECURITY;
ALTER TABLE moe.chain FORCE ROW LEVEL SECURITY;
ALTER TABLE moe.checkpoints ENABLE ROW LEVEL SECURITY;
ALTER TABLE moe.checkpoints FORCE ROW LEVEL SECURITY;
CREATE POLICY of_the_tenant ON moe.chain FOR SELECT TO moe_reader USING (tenant = current_setting('moe.tenant', true));
CREATE POLICY of_all ON moe.chain TO moe_sealer USING (true) WITH CHECK (true);
CREATE POLICY of_the_tenant ON moe.checkpoints FOR SELECT TO moe_reader
    USING (tenant = current_setting('moe.tenant', true));
CREATE POLICY of_all ON moe.checkpoints TO moe_sealer USING (true) WITH CHECK (true);

REVOKE ALL ON moe.chain, moe.heads, moe.seals, moe.checkpoints FROM PUBLIC;
GRANT INSERT ON moe.chain TO moe_sealer;
GRANT SELECT, INSERT (tenant, sequence, hash, at_ms, key, signature), UPDATE (said) ON moe.checkpoints TO moe_sealer;
GRANT SELECT, INSERT, UPDATE ON moe.heads TO moe_sealer;
GRANT SELECT (tenant) ON moe.heads TO moe_eraser;
GRANT SELECT, UPDATE ON moe.seals TO moe_sealer;
GRANT SELECT ON moe.chain, moe.checkpoints TO moe_reader;
