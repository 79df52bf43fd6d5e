import { describe, expect, it } from '@jest/globals';
import { decide } from '../decision/decide.js';
import { anEmptyReport } from '../report.js';
import type { Snapshot } from '../snapshot/snapshot.js';
import { toSnapshot } from '../snapshot/to-snapshot.js';
import type { RefreshHistory } from './refresh.js';
import { applyRefresh, CHANGE_WINDOW_SECONDS, planRefresh, revertRefresh } from './refresh.js';

const confirmed: Snapshot = {
  ...toSnapshot(anEmptyReport('envelope')),
  manufacturer: 'contoso',
  product: 'testbook',
  boardProduct: 'cb',
  sku: 'sku-1',
  endorsementKey: 'e'.repeat(64),
  uuid: 'a1'.repeat(16),
  serialNumber: 'serial01',
  productKeyId: '0300000000001',
  lan: ['480000000001'],
  wireless: ['940000000001'],
  systemDisks: ['disk0001'],
  memoryGigabytes: 16,
  processor: 'i5',
};
const quiet: RefreshHistory = { refreshes: [], lastSeenElsewhere: [] };
const now = 1_800_000_000;

function plan(changes: Partial<Snapshot>, registered: Partial<Snapshot> = {}, history = quiet) {
  const [observed, known] = [
    { ...confirmed, ...registered, ...changes },
    { ...confirmed, ...registered },
  ];
  const decision = decide(observed, [{ deviceId: 'd1', confirmed: known }], { population: 1000 });
  return { ...planRefresh(decision.candidates[0]!, observed, known, history, now), known, observed };
}

describe('following a device as its parts change', () => {
  it('takes over parts after a match by TPM, and can give them back', () => {
    const { events, held, known, observed } = plan({ systemDisks: ['disk0002'], wireless: ['940000000005'] });
    expect(events.map(({ group }) => group)).toEqual(['RADIO', 'DISK']);
    expect(held).toEqual([]);
    const after = applyRefresh(known, events);
    expect(after.systemDisks).toEqual(observed.systemDisks);
    const [radio, disk] = events;
    expect(revertRefresh(revertRefresh(after, disk!)!, radio!)).toEqual(known);
    expect(revertRefresh(known, disk!)).toBeNull();
  });

  it('takes over model strings after a firmware update, and nothing that was not said', () => {
    expect(plan({ sku: 'sku-2' }).events.map(({ group }) => group)).toEqual(['MODEL']);
    expect(plan({ sku: '', systemDisks: [], memoryGigabytes: 0 }).events).toEqual([]);
  });

  it('lets marks of the board follow one at a time, and only while the TPM agrees', () => {
    const { events, held } = plan({ lan: ['480000000009'], productKeyId: '0300000000009' });
    expect(events.map(({ group }) => group)).toEqual(['LAN']);
    expect(held).toEqual([{ group: 'PKID', reason: 'one-anchor-at-a-time' }]);
    expect(plan({ processor: 'i9' }).held).toEqual([{ group: 'CPU', reason: 'never-by-itself' }]);
  });

  it('follows a device without a TPM only where two marks of the board agree', () => {
    expect(plan({ systemDisks: ['disk0002'] }, { endorsementKey: '' }).events).toHaveLength(1);
    const thin = { endorsementKey: '', lan: [], productKeyId: '' };
    expect(plan({ memoryGigabytes: 32 }, thin).held).toEqual([{ group: 'RAM', reason: 'too-little-certainty' }]);
  });

  it('takes over nothing after a question', () => {
    expect(plan({ serialNumber: 'serial99', systemDisks: ['disk0002'] })).toMatchObject({ events: [], review: false });
  });

  it('stops and asks after more than three changes in a month', () => {
    const earlier = (age: number) => ({
      ...quiet,
      refreshes: [1, 2, 3].map((step) => ({ group: 'DISK' as const, at: now - age - step })),
    });
    expect(plan({ systemDisks: ['disk0002'] }, {}, earlier(1000))).toMatchObject({ events: [], review: true });
    expect(plan({ systemDisks: ['disk0002'] }, {}, earlier(CHANGE_WINDOW_SECONDS)).events).toHaveLength(1);
  });

  it('stops and asks when the new value was last seen on another device', () => {
    expect(plan({ systemDisks: ['disk0002'] }, {}, { ...quiet, lastSeenElsewhere: ['DISK'] })).toMatchObject({
      events: [],
      review: true,
    });
  });
});
