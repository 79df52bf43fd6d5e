import { operatorAudience, tenantAudience } from './tokens.js';

/** What the API is told about whom to trust (GROUNDCREW_ISSUERS). `{tid}` stands for the tenant of the token. */
export function trustedIssuers(
  issuerUrl: string,
): { kind: 'tenant' | 'operator'; issuer: string; jwksUri: string; audience: string }[] {
  const jwksUri = `${issuerUrl}/discovery/keys`;
  return [
    { kind: 'tenant', issuer: `${issuerUrl}/tenants/{tid}/v2.0`, jwksUri, audience: tenantAudience },
    { kind: 'operator', issuer: `${issuerUrl}/operators/v2.0`, jwksUri, audience: operatorAudience },
  ];
}

/** The discovery document for a path, or nothing where no issuer lives. */
export function discoveryDocument(issuerUrl: string, path: string): Record<string, unknown> | undefined {
  const issuerPath = /^(\/tenants\/[0-9a-f-]{36}\/v2\.0|\/operators\/v2\.0)\/\.well-known\/openid-configuration$/i.exec(
    path,
  )?.[1];
  if (issuerPath === undefined) return undefined;
  return {
    issuer: `${issuerUrl}${issuerPath}`,
    jwks_uri: `${issuerUrl}/discovery/keys`,
    response_types_supported: ['none'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['RS256'],
  };
}
