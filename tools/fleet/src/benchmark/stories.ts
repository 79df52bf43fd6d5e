import type { Candidate, Group, Outcome, RefreshEvent, Snapshot } from '@groundcrew/matching';
import { applyRefresh, compareSnapshots, decide, judgeFreshness, planRefresh } from '@groundcrew/matching';
import type { Device } from '../device.js';
import { FIRST_REPORT_AT, observe, snapshotOf } from './observe.js';
import { withNewDisk, withNewMemory, withNewRadio } from './repairs.js';
import type { Registered } from './registry.js';
import type { Scene } from './scenario.js';

const STEPS = 12;
const QUARTER = 91 * 86_400;

/** P16: one part every quarter, the baseline following. The worst outcome of any step is that of the story. */
export function yearsOfChanges(scene: Scene): Outcome {
  const { subject, random, spare, registry } = scene;
  const record = new DeviceRecord(subject);
  let device = subject.device;
  let worst: Outcome = 'match';
  for (let step = 1; step <= STEPS; step += 1) {
    const change = random.below(3);
    if (change === 0) device = withNewDisk(device, spare, random);
    else if (change === 1 && device.radio?.soldered === false) device = withNewRadio(device, spare);
    else device = withNewMemory(device, spare, random);
    const at = FIRST_REPORT_AT + step * QUARTER;
    const outcome = record.see(snapshotOf(observe(device, random, at), subject.form), [], registry.size, at);
    worst = worseOf(worst, outcome.outcome);
  }
  return worst;
}

/**
 * N15: every month another part, then another mark of the board, taken from one other registered device. `match` means
 * that the first device was still said to be there when nothing of it was left.
 */
export function creepingSubstitution(scene: Scene, target: Registered): Outcome {
  const { subject, random, registry } = scene;
  const record = new DeviceRecord(subject);
  const other: Candidate = { deviceId: target.id, confirmed: target.snapshot };
  let device = subject.device;
  let asked = false;
  for (const [index, step] of substitutionSteps(target.device).entries()) {
    device = step(device);
    const at = FIRST_REPORT_AT + (index + 1) * 31 * 86_400;
    const { outcome, deviceId } = record.see(
      snapshotOf(observe(device, random, at), subject.form),
      [other],
      registry.size,
      at,
    );
    asked ||= outcome === 'review';
    const nothingLeft = index >= STEPS - 1;
    if (nothingLeft && outcome === 'match' && deviceId === subject.id) return 'match';
  }
  return asked ? 'review' : 'no-match';
}

/** N17: an old report is sent again. Freshness is asked first, as the product does. */
export function replay(scene: Scene): Outcome {
  const { subject, random, registry } = scene;
  const age = 3600 + random.below(86_400 * 300);
  const now = FIRST_REPORT_AT + 400 * 86_400;
  const report = observe(subject.device, random, now - age);
  const online = subject.form === 'envelope';
  const rejection = judgeFreshness(
    { collectedAt: report.collectedAt, receivedAt: now, nonce: online ? 'old' : '' },
    { purpose: 'online', expectedNonce: online ? 'new' : '', seenBefore: false, lastConfirmedAt: now - 60 },
  );
  return rejection === null ? registry.identify(snapshotOf(report, subject.form)).decision.outcome : 'no-match';
}

/** What a device's record remembers between reports. */
class DeviceRecord {
  private confirmed: Snapshot;
  private readonly refreshes: { group: Group; at: number }[] = [];

  constructor(private readonly subject: Registered) {
    this.confirmed = subject.snapshot;
  }

  see(
    observed: Snapshot,
    others: readonly Candidate[],
    population: number,
    at: number,
  ): { outcome: Outcome; deviceId: string | null } {
    const own: Candidate = { deviceId: this.subject.id, confirmed: this.confirmed, enrolled: this.subject.snapshot };
    const decision = decide(observed, [own, ...others], { population });
    const judged = decision.candidates.find(({ deviceId }) => deviceId === this.subject.id)!;
    const lastSeenElsewhere = others.flatMap(({ confirmed }) => agreeingGroups(observed, confirmed));
    const plan = planRefresh(judged, observed, this.confirmed, { refreshes: this.refreshes, lastSeenElsewhere }, at);
    this.follow(plan.events, at);
    const outcome = plan.review && decision.outcome === 'match' ? 'review' : decision.outcome;
    return { outcome, deviceId: decision.deviceId };
  }

  private follow(events: readonly RefreshEvent[], at: number): void {
    this.confirmed = applyRefresh(this.confirmed, events);
    for (const { group } of events) this.refreshes.push({ group, at });
  }
}

function agreeingGroups(observed: Snapshot, other: Snapshot): Group[] {
  const { states } = compareSnapshots(observed, other);
  return (['DISK', 'RADIO', 'LAN', 'UUID', 'BSN', 'PKID', 'SN'] as const).filter((group) => states[group] === 'agree');
}

function substitutionSteps({
  disk,
  radio,
  memory,
  processor,
  panel,
  addInMac,
  board,
  serialNumber,
}: Device): ((device: Device) => Device)[] {
  const onBoard =
    (change: Partial<Device['board']>) =>
    (device: Device): Device => ({ ...device, board: { ...device.board, ...change } });
  return [
    (device) => ({ ...device, disk }),
    (device) => ({ ...device, radio }),
    (device) => ({ ...device, memory }),
    (device) => ({ ...device, processor }),
    (device) => ({ ...device, panel }),
    (device) => ({ ...device, addInMac }),
    onBoard({ productKeyId: board.productKeyId }),
    onBoard({ lanMac: board.lanMac }),
    onBoard({ serial: board.serial }),
    (device) => ({ ...device, serialNumber }),
    onBoard({ uuid: board.uuid }),
    onBoard({ tpm: board.tpm }),
  ];
}

function worseOf(left: Outcome, right: Outcome): Outcome {
  const order: readonly Outcome[] = ['match', 'review', 'no-match'];
  return order.indexOf(left) >= order.indexOf(right) ? left : right;
}
