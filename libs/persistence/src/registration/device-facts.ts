/**
 * Every table that says something about a registered device beside its own row, keyed `(tenant_id, device_id)`. They go when the
 * registration goes, each row handed back as JSON. Whoever adds such a table adds it here; the worker needs `delete` on it.
 */
export const deviceFactTables = [
  'device_directory_object',
  'snapshot_refresh',
  'device_assignment',
  'device_facts',
  'device_attributes',
  'device_group_member',
  'device_hold',
  'device_designation',
  'device_retag',
  'device_first_seen',
] as const;
export type DeviceFactTable = (typeof deviceFactTables)[number];
