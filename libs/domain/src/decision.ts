/** What a rule answers: a value to go on with, or a refusal with a stable code. A refusal is not an error. */
export type Decision<Value, Refusal> = { ok: true; value: Value } | { ok: false; refusal: Refusal };

/** The rule says yes. */
export function accept<Value>(value: Value): { ok: true; value: Value } {
  return { ok: true, value };
}

/** The rule says no, and why. */
export function refuse<Refusal>(refusal: Refusal): { ok: false; refusal: Refusal } {
  return { ok: false, refusal };
}
