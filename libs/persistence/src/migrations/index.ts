import { Migration20261121000100_foundation } from './Migration20261121000100_foundation.js';
import { Migration20261121000200_matching } from './Migration20261121000200_matching.js';
import { Migration20261121000300_consents } from './Migration20261121000300_consents.js';
import { Migration20261121000400_partners } from './Migration20261121000400_partners.js';
import { Migration20261121000401_decisionGate } from './Migration20261121000401_decision_gate.js';
import { Migration20261121000500_removals } from './Migration20261121000500_removals.js';
import { Migration20261121000501_run_commands } from './Migration20261121000501_run_commands.js';
import { Migration20261121000502_makers_uploads } from './Migration20261121000502_makers_uploads.js';
import { Migration20261121000600_profiles } from './Migration20261121000600_profiles.js';
import { Migration20261121000601_groups } from './Migration20261121000601_groups.js';
import { Migration20261121000605_assignment_runs } from './Migration20261121000605_assignment_runs.js';
import { Migration20261121000503_order_verbs } from './Migration20261121000503_order_verbs.js';
import { Migration20261121000606_stale_attributes } from './Migration20261121000606_stale_attributes.js';
import { Migration20261121000510_imports } from './Migration20261121000510_imports.js';
import { Migration20261121000511_failed_rows } from './Migration20261121000511_failed_rows.js';
import { Migration20261121000512_uploads } from './Migration20261121000512_uploads.js';
import { Migration20261121000520_bulk_path } from './Migration20261121000520_bulk_path.js';
import { Migration20261121000700_reservations } from './Migration20261121000700_reservations.js';
import { Migration20261121000701_deregistrations } from './Migration20261121000701_deregistrations.js';
import { Migration20261121000702_archive_sweep } from './Migration20261121000702_archive_sweep.js';
import { Migration20261121000720_orphans } from './Migration20261121000720_orphans.js';
import { Migration20261121000721_automatic_registration } from './Migration20261121000721_automatic_registration.js';

/** In their order. A migration that has landed is never edited. */
export const migrations = [
  { name: 'Migration20261121000100_foundation', class: Migration20261121000100_foundation },
  { name: 'Migration20261121000200_matching', class: Migration20261121000200_matching },
  { name: 'Migration20261121000300_consents', class: Migration20261121000300_consents },
  { name: 'Migration20261121000400_partners', class: Migration20261121000400_partners },
  { name: 'Migration20261121000401_decisionGate', class: Migration20261121000401_decisionGate },
  { name: 'Migration20261121000500_removals', class: Migration20261121000500_removals },
  { name: 'Migration20261121000501_run_commands', class: Migration20261121000501_run_commands },
  { name: 'Migration20261121000502_makers_uploads', class: Migration20261121000502_makers_uploads },
  { name: 'Migration20261121000600_profiles', class: Migration20261121000600_profiles },
  { name: 'Migration20261121000601_groups', class: Migration20261121000601_groups },
  { name: 'Migration20261121000605_assignment_runs', class: Migration20261121000605_assignment_runs },
  { name: 'Migration20261121000503_order_verbs', class: Migration20261121000503_order_verbs },
  { name: 'Migration20261121000606_stale_attributes', class: Migration20261121000606_stale_attributes },
  { name: 'Migration20261121000510_imports', class: Migration20261121000510_imports },
  { name: 'Migration20261121000511_failed_rows', class: Migration20261121000511_failed_rows },
  { name: 'Migration20261121000512_uploads', class: Migration20261121000512_uploads },
  { name: 'Migration20261121000520_bulk_path', class: Migration20261121000520_bulk_path },
  { name: 'Migration20261121000700_reservations', class: Migration20261121000700_reservations },
  { name: 'Migration20261121000701_deregistrations', class: Migration20261121000701_deregistrations },
  { name: 'Migration20261121000702_archive_sweep', class: Migration20261121000702_archive_sweep },
  { name: 'Migration20261121000720_orphans', class: Migration20261121000720_orphans },
  { name: 'Migration20261121000721_automatic_registration', class: Migration20261121000721_automatic_registration },
];
