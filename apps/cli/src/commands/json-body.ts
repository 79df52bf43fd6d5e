import type { Resendable } from '../api/api-client.js';

/** A small body. */
export function jsonBody(value: object): Resendable {
  const text = JSON.stringify(value);
  return { contentType: 'application/json', open: () => text };
}
