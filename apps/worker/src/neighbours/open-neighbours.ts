import {
  createBuiltInDirectory,
  createBuiltInManagement,
  createBuiltInPartnerView,
  type DirectoryPort,
  type ManagementPort,
  type PartnerViewPort,
} from '@groundcrew/subsystems';
import type pg from 'pg';

/** The three neighbours as activities see them. */
export interface Neighbours {
  directory: DirectoryPort;
  management: ManagementPort;
  partnerView: PartnerViewPort;
}

/** The built-in neighbours. Their pool logs in as their own role, which has no rights in the registry. */
export function openNeighbours(pool: pg.Pool, options: { syncIntervalMs: number }): Neighbours {
  return {
    directory: createBuiltInDirectory(pool),
    management: createBuiltInManagement(pool, options),
    partnerView: createBuiltInPartnerView(pool),
  };
}
