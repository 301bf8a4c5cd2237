-- Versions of what processes keep in memory. Every statement that writes a watched table raises its version and tells
-- who listens, both when its transaction commits. Writers of one version take turns, so versions commit in their order.

CREATE TABLE moe.versions (
    name    text PRIMARY KEY,
    version bigint NOT NULL DEFAULT 1
);

-- CREATE TRIGGER ... AFTER INSERT OR UPDATE OR DELETE ON ... FOR EACH STATEMENT EXECUTE FUNCTION moe.note_change('name')
CREATE FUNCTION moe.note_change() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    risen bigint;
BEGIN
    INSERT INTO moe.versions AS v (name) VALUES (TG_ARGV[0])
    ON CONFLICT (name) DO UPDATE SET version = v.version + 1 RETURNING v.version INTO risen;
    PERFORM pg_notify('moe_' || TG_ARGV[0], risen::text);
    RETURN NULL;
END
$$;

REVOKE ALL ON moe.versions FROM PUBLIC;
REVOKE ALL ON FUNCTION moe.note_change() FROM PUBLIC;
GRANT SELECT ON moe.versions TO PUBLIC; -- names and numbers, nothing about anybody
