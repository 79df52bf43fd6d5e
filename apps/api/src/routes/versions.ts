import type { FastifyRequest } from 'fastify';
import { ProblemError } from '../problems/problem.error.js';

/** The entity tag of a row's version. */
export function etagOf(version: number | string): string {
  return `"${version}"`;
}

/** The version that the caller has seen. @throws ProblemError where he does not say, or says something we never gave out */
export function versionExpected(request: FastifyRequest): number {
  const header = request.headers['if-match'];
  if (header === undefined) throw new ProblemError('precondition.missing');
  const version = /^"(\d{1,9})"$/.exec(header.trim())?.[1];
  if (version === undefined) throw new ProblemError('precondition.failed');
  return Number(version);
}

/** The version within the entity tag of a device, which also moves with what its neighbours show: that is not in anybody's way. */
export function deviceVersionExpected(request: FastifyRequest): number {
  const header = request.headers['if-match'];
  if (header === undefined) throw new ProblemError('precondition.missing');
  const version = /^"(\d{1,9})(?:\.[a-z0-9.]{1,40})?"$/.exec(header.trim())?.[1];
  if (version === undefined) throw new ProblemError('precondition.failed');
  return Number(version);
}

/** Whether the caller has this representation already. */
export function isKnown(request: FastifyRequest, etag: string): boolean {
  const header = request.headers['if-none-match'];
  if (header === undefined) return false;
  return header.split(',').some((tag) => tag.trim() === '*' || tag.trim().replace(/^W\//, '') === etag);
}
