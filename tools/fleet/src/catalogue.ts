import type { Random } from './random.js';

export type Vendor = 'dell' | 'lenovo' | 'hp' | 'surface' | 'white-box' | 'vm';
export type Shape = 'notebook' | 'desktop' | 'all-in-one' | 'tablet' | 'server' | 'vm';

export interface Model {
  readonly vendor: Vendor;
  readonly shape: Shape;
  readonly manufacturer: string;
  readonly product: string;
  readonly family: string;
  readonly boardProduct: string;
  /** SMBIOS chassis type. */
  readonly chassisType: number;
}

const MANUFACTURERS: Record<Vendor, string> = {
  dell: 'Dell Inc.',
  lenovo: 'LENOVO',
  hp: 'HP',
  surface: 'Microsoft Corporation',
  'white-box': 'Kestrel Systems',
  vm: 'Microsoft Corporation',
};

const CHASSIS: Record<Shape, number> = { notebook: 10, desktop: 3, 'all-in-one': 13, tablet: 32, server: 23, vm: 3 };

/** Share of each shape, and the vendors that make it, in percent. Source: matching.md E.2 (form factors). */
const SHAPES: readonly { shape: Shape; share: number; vendors: readonly Vendor[] }[] = [
  { shape: 'notebook', share: 62, vendors: ['dell', 'lenovo', 'hp', 'dell', 'lenovo', 'hp', 'surface', 'white-box'] },
  { shape: 'desktop', share: 22, vendors: ['dell', 'lenovo', 'hp', 'white-box'] },
  { shape: 'all-in-one', share: 6, vendors: ['dell', 'lenovo', 'hp'] },
  { shape: 'tablet', share: 5, vendors: ['surface', 'hp'] },
  { shape: 'server', share: 1, vendors: ['dell', 'hp'] },
  { shape: 'vm', share: 4, vendors: ['vm'] },
];

/** `order` is what a maker ships: no white-box machines, no virtual ones. */
export type Mix = 'realistic' | 'order';

/**
 * One model of those an organisation buys. A batch of few models covers most of its fleet: popularity falls with
 * the square of the rank.
 */
export function pickModel(random: Random, organisation: number, mix: Mix): Model {
  for (;;) {
    const { shape, vendors } = pickShape(random);
    const vendor = random.pick(vendors);
    const line = Math.floor((random.bits() / 0x100000000) * (random.bits() / 0x100000000) * 6) + (organisation % 5);
    if (mix === 'realistic' || (vendor !== 'white-box' && vendor !== 'vm')) return modelOf(vendor, shape, line);
  }
}

function pickShape(random: Random): (typeof SHAPES)[number] {
  let left = random.below(100);
  for (const shape of SHAPES) {
    if (left < shape.share) return shape;
    left -= shape.share;
  }
  return SHAPES[0]!;
}

const LINES: Record<Vendor, string> = {
  dell: 'Latitude 5',
  lenovo: 'ThinkStation 2',
  hp: 'EliteBook 8',
  surface: 'Surface ',
  'white-box': 'Kestrel K',
  vm: 'Virtual Machine',
};

function modelOf(vendor: Vendor, shape: Shape, line: number): Model {
  const code = `${shape.charAt(0).toUpperCase()}${10 + line}`;
  return {
    vendor,
    shape,
    manufacturer: MANUFACTURERS[vendor],
    product: vendor === 'vm' ? 'Virtual Machine' : `${LINES[vendor]}${code}0`,
    family: vendor === 'vm' ? '' : (LINES[vendor].split(' ')[0] ?? ''),
    boardProduct: vendor === 'vm' ? 'Virtual Machine' : `0${code}${vendor.charAt(0).toUpperCase()}`,
    chassisType: CHASSIS[shape],
  };
}
