/**
 * The few kinds of CBOR that a hardware report may hold: no floats, no tags, no indefinite lengths, integer keys only.
 * Maps are arrays of pairs sorted by key, so reading back and writing again gives the same bytes.
 */
export type Cbor = number | boolean | null | string | Uint8Array | readonly Cbor[] | CborMap;

export class CborMap {
  constructor(readonly entries: readonly (readonly [number, Cbor])[]) {}

  get(key: number): Cbor | undefined {
    return this.entries.find(([own]) => own === key)?.[1];
  }
}

/** Limits of matching.md E.1. They bound what a report can make its reader allocate. */
export const CBOR_LIMITS = { nesting: 4, items: 64, text: 128, bytes: 3072 } as const;
