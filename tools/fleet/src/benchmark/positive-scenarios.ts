import type { HardwareReport } from '@groundcrew/matching';
import type { Device } from '../device.js';
import { macOf } from '../identifiers.js';
import { network } from '../report-of.js';
import { withNewDisk, withNewMemory, withNewRadio } from './repairs.js';
import type { Probe, Scenario, Scene } from './scenario.js';
import { MATCH, MATCH_OR_REVIEW, REVIEW } from './scenario.js';
import { yearsOfChanges } from './stories.js';

const same = ({ subject }: Scene, device: Device = subject.device): Probe => ({ device, owner: subject.id });
const hasCard = (device: Device): boolean => device.radio?.soldered === false;
const physical = (device: Device): boolean => device.model.vendor !== 'vm';

/** Devices that must be recognised. Source: matching.md E.2 (P01 to P17). */
export const POSITIVE_SCENARIOS: readonly Scenario[] = [
  { id: 'P01', title: 'same device, new report', expected: { tpm: MATCH, none: MATCH }, make: (scene) => same(scene) },
  {
    id: 'P02',
    title: 'disk replaced',
    expected: { tpm: MATCH, none: MATCH },
    fits: physical,
    make: (scene) => same(scene, withNewDisk(scene.subject.device, scene.spare, scene.random)),
  },
  {
    id: 'P03',
    title: 'memory replaced',
    expected: { tpm: MATCH, none: MATCH },
    fits: physical,
    make: (scene) => same(scene, withNewMemory(scene.subject.device, scene.spare, scene.random)),
  },
  {
    id: 'P04',
    title: 'Wi-Fi card replaced',
    expected: { tpm: MATCH, none: MATCH },
    fits: hasCard,
    make: (scene) => same(scene, withNewRadio(scene.subject.device, scene.spare)),
  },
  {
    id: 'P05',
    title: 'display or graphics replaced',
    expected: { tpm: MATCH, none: MATCH },
    fits: physical,
    make: (scene) =>
      same(scene, { ...scene.subject.device, panel: scene.subject.device.panel === '' ? '' : '344x215mm 2560x1600' }),
  },
  {
    id: 'P06',
    title: 'battery replaced',
    expected: { tpm: MATCH, none: MATCH },
    fits: physical,
    make: (scene) => same(scene),
  },
  {
    id: 'P07',
    title: 'disk, Wi-Fi and memory at once',
    expected: { tpm: MATCH, none: MATCH },
    fits: hasCard,
    make: (scene) =>
      same(
        scene,
        withNewMemory(
          withNewRadio(withNewDisk(scene.subject.device, scene.spare, scene.random), scene.spare),
          scene.spare,
          scene.random,
        ),
      ),
  },
  {
    id: 'P08',
    title: 'dock, VPN or randomised Wi-Fi',
    expected: { tpm: MATCH, none: MATCH },
    make: (scene) => ({ ...same(scene), edit: withVisitors(scene) }),
  },
  {
    id: 'P09',
    title: 'added PCI network card replaced',
    expected: { tpm: MATCH, none: REVIEW },
    fits: ({ addInMac }) => addInMac !== '',
    make: (scene) => same(scene, { ...scene.subject.device, addInMac: macOf.addIn(scene.spare()) }),
  },
  {
    id: 'P10',
    title: 'firmware update: names, SKU, UUID byte order',
    expected: { tpm: MATCH, none: MATCH },
    make: (scene) => ({ ...same(scene), edit: firmwareUpdate(scene) }),
  },
  {
    id: 'P11',
    title: 'reinstalled with another system and collector',
    expected: { tpm: MATCH, none: MATCH },
    make: (scene) => ({ ...same(scene), form: scene.subject.form === 'envelope' ? 'hardware-hash' : 'envelope' }),
  },
  { id: 'P12', title: 'TPM cleared', expected: { tpm: MATCH, none: null }, make: (scene) => same(scene) },
  {
    id: 'P13',
    title: 'TPM switched off',
    expected: { tpm: MATCH_OR_REVIEW, none: null },
    make: (scene) => same(scene, { ...scene.subject.device, board: { ...scene.subject.device.board, tpm: null } }),
  },
  {
    id: 'P14',
    title: 'processor replaced (TPM not in it)',
    expected: { tpm: MATCH, none: MATCH },
    fits: (device) => physical(device) && !isKeyInProcessor(device),
    make: (scene) => same(scene, newProcessor(scene)),
  },
  {
    id: 'P14a',
    title: 'AMD processor with its firmware TPM replaced',
    expected: { tpm: REVIEW, none: null },
    fits: isKeyInProcessor,
    make: (scene) =>
      same(scene, {
        ...newProcessor(scene),
        board: { ...scene.subject.device.board, tpm: { key: scene.spare(), kind: 'firmware' } },
      }),
  },
  {
    id: 'P15',
    title: 'TPM switched, discrete or firmware',
    expected: { tpm: REVIEW, none: null },
    fits: physical,
    make: (scene) =>
      same(scene, {
        ...scene.subject.device,
        board: { ...scene.subject.device.board, tpm: { key: scene.spare(), kind: 'firmware' } },
      }),
  },
  {
    id: 'P16',
    title: 'twelve changes over three years, refreshed',
    expected: { tpm: MATCH, none: MATCH_OR_REVIEW },
    fits: physical,
    make: (scene) => ({ ...same(scene), story: () => yearsOfChanges(scene) }),
  },
  {
    id: 'P17',
    title: 'disk of a device never registered',
    expected: { tpm: MATCH, none: MATCH_OR_REVIEW },
    fits: physical,
    make: (scene) => same(scene, withNewDisk(scene.subject.device, scene.spare, scene.random)),
  },
  {
    id: 'P17a',
    title: 'disk of another registered device',
    expected: { tpm: MATCH, none: MATCH_OR_REVIEW },
    fits: physical,
    make: (scene) => same(scene, { ...scene.subject.device, disk: scene.anybody().device.disk }),
  },
];

function isKeyInProcessor({ board, processor }: Device): boolean {
  return processor.vendor === 'AuthenticAMD' && board.tpm?.kind === 'firmware';
}

function newProcessor({ subject }: Scene): Device {
  const { processor } = subject.device;
  return { ...subject.device, processor: { ...processor, model: `${processor.model} 2`, cores: processor.cores * 2 } };
}

function withVisitors({ random }: Scene): (report: HardwareReport) => HardwareReport {
  const dock = network('ethernet', macOf.dock(random.below(200)), 'USB', 'removable');
  const vpn = network('ethernet', '00059a3c7a00', 'ROOT');
  const randomised = network('wireless', `d2${random.bits().toString(16).padStart(10, '0')}`, 'PCI');
  return (report) => ({ ...report, networks: [...report.networks, dock, vpn, randomised] });
}

function firmwareUpdate({ random }: Scene): (report: HardwareReport) => HardwareReport {
  const [renamed, reordered] = [random.chance(0.3), random.chance(0.3)];
  return (report) => {
    const { system } = report;
    const byte = (index: number): string => system.uuid.slice(index * 2, index * 2 + 2);
    const turned = [3, 2, 1, 0, 5, 4, 7, 6].map(byte).join('') + system.uuid.slice(16);
    const product = renamed ? `${system.product} Gen 2` : system.product;
    return {
      ...report,
      firmwareVendor: 'Updated',
      system: { ...system, product, sku: `${system.sku}-2`, uuid: reordered ? turned : system.uuid },
    };
  };
}
