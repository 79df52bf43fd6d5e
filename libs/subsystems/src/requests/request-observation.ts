/** How a request ended for one of its targets. */
export interface RequestResult {
  target: string;
  outcome: string;
}

/** What became of an accepted request. */
export interface RequestObservation {
  /** Whether the neighbour has worked through it. */
  applied: boolean;
  /** One per target, once applied. */
  results: RequestResult[];
}
