import type { Mix, Model } from './catalogue.js';
import { pickModel } from './catalogue.js';
import { boardSerialOf, diskIdsOf, macOf, moduleSerialOf, productKeyIdOf, serialOf, uuidOf } from './identifiers.js';
import type { LotNumber } from './lot-number.js';
import { numberOf } from './lot-number.js';
import { Random } from './random.js';

/** A machine as it really is, before anybody looks at it: parts that can be taken out and put in. */
export interface Device {
  readonly lot: LotNumber;
  readonly model: Model;
  /** What firmware says; a placeholder on machines nobody filled in. */
  readonly manufacturer: string;
  readonly product: string;
  readonly sku: string;
  readonly serialNumber: string;
  readonly board: Board;
  readonly radio: Radio | null;
  readonly disk: Disk;
  readonly memory: Memory;
  readonly processor: Processor;
  readonly panel: string;
  /** Address of a PCI Ethernet card somebody plugged in; '' when there is none. */
  readonly addInMac: string;
  readonly collector: 'windows' | 'linux';
}

/** Everything that leaves with the mainboard. */
export interface Board {
  readonly uuid: string;
  readonly serial: string;
  readonly lanMac: string;
  readonly productKeyId: string;
  readonly tpm: Tpm | null;
}

export interface Tpm {
  /** Names the key pair: the modulus is drawn from it. */
  readonly key: number;
  readonly kind: 'discrete' | 'firmware';
}

export interface Radio {
  readonly wireless: string;
  readonly bluetooth: string;
  readonly soldered: boolean;
}

export interface Disk {
  readonly ids: readonly string[];
  readonly product: string;
  readonly nvme: boolean;
  readonly gigabytes: number;
}

export interface Memory {
  readonly gigabytes: number;
  readonly modules: readonly string[];
}

export interface Processor {
  readonly vendor: 'GenuineIntel' | 'AuthenticAMD';
  readonly model: string;
  readonly cores: number;
}

/** Devices of a lot are one model and count up. */
const LOT_SIZE = 32;

/**
 * The device with this number: always the same one, whatever was made before it. So a fleet of any size needs no memory.
 *
 * Source of the shares: matching.md E.2 (correlations) and B.3 (placeholder rates of white-box machines).
 */
export function makeDevice(lot: LotNumber, mix: Mix = 'realistic'): Device {
  const number = numberOf(lot);
  const model = pickModel(new Random(lot.seed, 1, Math.floor(lot.index / LOT_SIZE)), lot.seed, mix);
  const random = new Random(number, 2);
  const whiteBox = model.vendor === 'white-box';
  const serial = serialOf(model.vendor, number);
  const processor = makeProcessor(random, model);
  const board = makeBoard(model, serial, number, processor, random);
  return {
    lot,
    model,
    manufacturer: whiteBox && random.chance(0.33) ? 'System manufacturer' : model.manufacturer,
    product: whiteBox && random.chance(0.4) ? 'System Product Name' : model.product,
    sku: whiteBox && random.chance(0.81) ? 'SKU' : `SKU-${model.boardProduct}`,
    serialNumber: whiteBox && random.chance(0.38) ? 'To Be Filled By O.E.M.' : serial,
    board,
    radio: hasRadio(model, random) ? makeRadio(number, random.chance(0.2)) : null,
    disk: makeDisk(number, random),
    memory: makeMemory(number, random.pick([8, 16, 16, 32])),
    processor,
    panel:
      model.shape === 'notebook' || model.shape === 'tablet'
        ? random.pick(['309x174mm 1920x1080', '344x193mm 1920x1080', '302x188mm 1920x1200'])
        : '',
    addInMac: model.shape === 'desktop' && random.chance(0.08) ? macOf.addIn(number) : '',
    collector: 'windows',
  };
}

/** A board as it comes for this model, from the number of a spare part. */
export function makeBoard(model: Model, serial: string, number: number, processor: Processor, random: Random): Board {
  const whiteBox = model.vendor === 'white-box';
  const tpmShare = model.vendor === 'vm' ? 0.4 : whiteBox ? 0.55 : 0.95;
  const kind = processor.vendor === 'AuthenticAMD' || random.chance(0.5) ? 'firmware' : 'discrete';
  return {
    uuid: whiteBox && random.chance(0.07) ? '00020003000400050006000700080009' : uuidOf(model.vendor, serial, number),
    serial: whiteBox && random.chance(0.28) ? 'Default string' : boardSerialOf(model.vendor, number),
    lanMac: hasLan(model, random) ? macOf.lan(number) : '',
    productKeyId: model.vendor === 'vm' || random.chance(whiteBox ? 0.5 : 0.1) ? '' : productKeyIdOf(number),
    tpm: random.chance(tpmShare) ? { key: number, kind } : null,
  };
}

export function makeRadio(number: number, soldered = false): Radio {
  return { wireless: macOf.wireless(number), bluetooth: macOf.bluetooth(number), soldered };
}

export function makeDisk(number: number, random: Random): Disk {
  const nvme = random.chance(0.85);
  const gigabytes = random.pick([256, 512, 512, 1024]);
  return { ids: diskIdsOf(number, nvme), product: `${nvme ? 'NVME' : 'SATA'} M9 ${gigabytes}GB`, nvme, gigabytes };
}

export function makeMemory(number: number, gigabytes: number): Memory {
  return { gigabytes, modules: [moduleSerialOf(number, 0), moduleSerialOf(number, 1)] };
}

function makeProcessor(random: Random, model: Model): Processor {
  const amd = random.chance(0.3);
  const cores = model.shape === 'server' ? 16 : random.pick([4, 6, 8]);
  const name = amd ? `AMD Ryzen 5 PRO ${cores}650U with Radeon Graphics` : `13th Gen Intel(R) Core(TM) i5-13${cores}5U`;
  return { vendor: amd ? 'AuthenticAMD' : 'GenuineIntel', model: name, cores };
}

function hasLan(model: Model, random: Random): boolean {
  if (model.shape === 'tablet') return false;
  return model.shape === 'notebook' ? random.chance(0.6) : true;
}

function hasRadio(model: Model, random: Random): boolean {
  if (model.shape === 'vm' || model.shape === 'server') return false;
  return model.shape === 'desktop' ? random.chance(0.4) : true;
}
