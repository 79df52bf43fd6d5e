/** The roles that log in. Each has its own rights and its own policies; none bypasses row-level security. */
export const databaseRoles = ['owner', 'api', 'worker', 'relay', 'operator', 'neighbours'] as const;
export type DatabaseRole = (typeof databaseRoles)[number];

/** The role's name in PostgreSQL. Roles belong to the cluster, so several databases in it share them. */
export function roleName(role: DatabaseRole): string {
  return `groundcrew_${role}`;
}

/** The connection URL of a role, derived from the administrator's. */
export function urlFor(adminUrl: string, database: string, role: DatabaseRole, password: string): string {
  const url = new URL(adminUrl);
  url.username = roleName(role);
  url.password = encodeURIComponent(password);
  url.pathname = `/${database}`;
  return url.href;
}
