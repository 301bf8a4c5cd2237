-- Gateways check erasures before they look up a response, and follow them to end the requests that are in flight.

CREATE POLICY of_the_tenant_as_noted ON moe.journal FOR SELECT TO moe_noter
    USING (tenant = current_setting('moe.tenant', true));
-- Whether a record has lost its content, never what it was.
GRANT SELECT (tenant, response_id, schema, key_id) ON moe.journal TO moe_noter;

CREATE TRIGGER erasures_changed AFTER INSERT OR UPDATE ON moe.erasures
    FOR EACH STATEMENT EXECUTE FUNCTION moe.note_change('erasures');
