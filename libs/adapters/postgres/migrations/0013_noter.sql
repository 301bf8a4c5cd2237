-- Gateways seal what persons said in their notes under the keys that the journal uses, so that one erasure ends both.

DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'moe_noter') THEN
        CREATE ROLE moe_noter NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS NOREPLICATION;
    END IF;
END
$$;
GRANT USAGE ON SCHEMA moe TO moe_noter;

CREATE POLICY of_the_tenant_as_noted ON moe.subject_keys TO moe_noter
    USING (tenant = current_setting('moe.tenant', true)) WITH CHECK (tenant = current_setting('moe.tenant', true));
CREATE POLICY of_the_tenant_as_noted ON moe.erasures FOR SELECT TO moe_noter
    USING (tenant = current_setting('moe.tenant', true));
GRANT SELECT, INSERT (tenant, subject, wrapped) ON moe.subject_keys TO moe_noter;
GRANT SELECT ON moe.erasures TO moe_noter;
