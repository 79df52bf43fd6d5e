import {
  createBuiltInDirectory,
  createBuiltInManagement,
  createBuiltInPartnerView,
  misbehaving,
  type DirectoryPort,
  type ManagementPort,
  type NeighbourName,
  type PartnerViewPort,
} from '@groundcrew/subsystems';
import type pg from 'pg';
import { createPacer, paced } from './paced.js';

/** The three neighbours as activities see them. */
export interface Neighbours {
  directory: DirectoryPort;
  management: ManagementPort;
  partnerView: PartnerViewPort;
}

export interface NeighbourOptions {
  syncIntervalMs: number;
  /** Whether rules of misbehaviour are looked at: in demo and test only. */
  mayMisbehave: boolean;
}

/** The built-in neighbours, each asked at its own pace. Their pool logs in as their own role, which has no rights in the registry. */
export function openNeighbours(pool: pg.Pool, options: NeighbourOptions): Neighbours {
  const asked = <Port extends object>(neighbour: NeighbourName, port: Port): Port =>
    paced(neighbour, options.mayMisbehave ? misbehaving(neighbour, port, pool) : port, createPacer());
  return {
    directory: asked('directory', createBuiltInDirectory(pool)),
    management: asked('management', createBuiltInManagement(pool, options)),
    partnerView: asked('partner_view', createBuiltInPartnerView(pool)),
  };
}
