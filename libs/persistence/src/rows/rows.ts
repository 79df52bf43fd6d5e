import { DeviceRow } from './device.row.js';
import { DeviceOrderRow, RunItemRow, RunRow, RunStepRow } from './run.row.js';
import { ConsentRow, PartnerRow, TenantRow, TenantUserRow } from './tenancy.row.js';

/** Every table that is read or written row by row. Tables of bytes and sets are reached with SQL only. */
export const rows = [
  TenantRow,
  PartnerRow,
  ConsentRow,
  TenantUserRow,
  DeviceOrderRow,
  RunRow,
  RunItemRow,
  RunStepRow,
  DeviceRow,
];
