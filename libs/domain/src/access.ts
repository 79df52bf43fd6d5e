/** Who may call. Source: interfaces-security.md 4.3. */
export const roles = [
  'tenant_owner',
  'device_administrator',
  'help_desk',
  'reader',
  'auditor',
  'oem_pipeline',
  'partner',
  'operator',
] as const;
export type Role = (typeof roles)[number];

/** What a handler may ask for. Every handler declares one; what is not granted is denied. */
export const permissions = [
  'tenant.read',
  'tenant.write',
  'partner.read',
  'partner.write',
  'user.read',
  'user.write',
  'consent.read',
  'consent.decide',
  'consent.request',
  'import.submit',
  'order.submit',
  'order.read',
  'registration.read',
  'registration.remove',
  'run.read',
  'run.command',
  'device.read',
  'device.match',
  'audit.read',
  'self.read',
] as const;
export type Permission = (typeof permissions)[number];

/** The one table of who may do what. */
export const permissionsOf: Record<Role, readonly Permission[]> = {
  tenant_owner: [
    'self.read',
    'tenant.read',
    'user.read',
    'user.write',
    'consent.read',
    'consent.decide',
    'import.submit',
    'order.read',
    'run.read',
    'run.command',
    'device.read',
    'device.match',
    'audit.read',
  ],
  device_administrator: [
    'self.read',
    'tenant.read',
    'user.read',
    'consent.read',
    'import.submit',
    'order.read',
    'run.read',
    'run.command',
    'device.read',
    'device.match',
  ],
  help_desk: ['self.read', 'tenant.read', 'user.read', 'run.read', 'device.read', 'device.match'],
  reader: ['self.read', 'tenant.read', 'consent.read', 'order.read', 'run.read', 'device.read'],
  auditor: ['self.read', 'tenant.read', 'consent.read', 'order.read', 'run.read', 'device.read', 'audit.read'],
  oem_pipeline: [
    'self.read',
    'partner.read',
    'consent.read',
    'consent.request',
    'order.submit',
    'order.read',
    'registration.read',
    'registration.remove',
    'run.read',
    'run.command',
  ],
  partner: [
    'self.read',
    'partner.read',
    'consent.read',
    'consent.request',
    'order.submit',
    'order.read',
    'registration.read',
    'registration.remove',
    'run.read',
    'run.command',
  ],
  operator: [
    'self.read',
    'tenant.read',
    'tenant.write',
    'partner.read',
    'partner.write',
    'consent.read',
    'order.read',
    'run.read',
    'run.command',
    'audit.read',
  ],
};

/** Whether any of the caller's roles grants the permission. */
export function isPermitted(held: readonly Role[], permission: Permission): boolean {
  return held.some((role) => permissionsOf[role].includes(permission));
}
