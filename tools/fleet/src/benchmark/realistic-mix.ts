/**
 * How often each scenario happens among identifications, as an assumption: nearly all are the same device again, repairs are rare,
 * fraud is rarer. Only the review rate and calibration use it; everything else is reported per scenario.
 */
export const REALISTIC_MIX: Readonly<Record<string, number>> = {
  P01: 0.75, P02: 0.01, P03: 0.01, P04: 0.003, P05: 0.003, P06: 0.01, P07: 0.001, P08: 0.1, P09: 0.0003, P10: 0.05, P11: 0.005,
  P12: 0.005, P13: 0.0005, P14: 0.0005, P14a: 0.0002, P15: 0.0003, P17: 0.002, P17a: 0.0005,
  N01: 0.001, N02: 0.003, N03: 0.001, N04: 0.0003, N05: 0.001, N06: 0.0003, N07: 0.0001, N08: 0.002, N09: 0.0003, N10: 0.0003,
  N11: 0.02, N12: 0.02, N13: 0.001, N14: 0.002, N16: 0.0001,
};
