import { describe, expect, it } from '@jest/globals';
import { letGo } from './let-go.js';

describe('bytes that nobody looks at any more', () => {
  it('are freed with what looks at them', () => {
    const bytes = Buffer.allocUnsafeSlow(200_000);
    const view = bytes.subarray(10, 20);
    letGo(bytes);
    expect([bytes.length, view.length]).toEqual([0, 0]);
  });

  it('are freed where the whole of a small buffer is theirs', () => {
    const bytes = Buffer.allocUnsafeSlow(1_000);
    letGo(bytes);
    expect(bytes.length).toBe(0);
  });

  it('stay where others may lie beside them', () => {
    const [bytes, beside] = [Buffer.from('a few'), Buffer.from('others')];
    letGo(bytes);
    expect(beside.toString()).toBe('others');
  });
});
