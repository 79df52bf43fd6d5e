/** How a request ended for one of its targets. */
export interface RequestResult {
  target: string;
  outcome: string;
}

/** What became of a request. */
export interface RequestObservation {
  /** Whether the neighbour ever took a request under this key. What it took and has not worked through may still take effect. */
  accepted: boolean;
  /** Whether the neighbour has worked through it. */
  applied: boolean;
  /** One per target, once applied. */
  results: RequestResult[];
}
