/** How much a run of the benchmark does. */
export interface Plan {
  /** Devices of an order. The gates bind at the largest. */
  sizes: readonly number[];
  /** Devices that are registered already. */
  registered: readonly number[];
  /** Rounds of each size: the product, then what stands beside it. */
  rounds: number;
  /** How often a round that others disturbed is made again. */
  retries: number;
  /** Rounds of the largest order during which others want something too. */
  busyRounds: number;
  /** Devices of the order whose rows the registered ones are modelled on. */
  model: number;
}

export const plans = {
  smoke: { sizes: [1_000, 5_000], registered: [0, 20_000], rounds: 1, retries: 0, busyRounds: 1, model: 1_000 },
  full: {
    sizes: [1_000, 10_000, 100_000],
    registered: [0, 1_000_000],
    rounds: 3,
    retries: 3,
    busyRounds: 2,
    model: 10_000,
  },
} as const satisfies Record<string, Plan>;

/** The size at which the gates bind. Source: issue 5, "Cost and size". */
export const bindingSize = 100_000;
