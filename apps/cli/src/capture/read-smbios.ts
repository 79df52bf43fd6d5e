/** What a machine's SMBIOS table says of it, as far as a hash has a place for it. Source: SMBIOS 3.7, DSP0134. */
export interface Smbios {
  bios: { vendor: string };
  system: {
    manufacturer: string;
    product: string;
    version: string;
    serialNumber: string;
    /** The table's 16 raw bytes, in hexadecimal. */
    uuid: string;
    sku: string;
    family: string;
  };
  board: { manufacturer: string; product: string; version: string; serialNumber: string };
  chassis: { type: number; serialNumber: string };
  memory: { slots: number; megabytes: number };
}

/** Reads `/sys/firmware/dmi/tables/DMI`. What is cut off or of an unknown type is passed over. */
export function readSmbios(table: Buffer): Smbios {
  const found: Smbios = {
    bios: { vendor: '' },
    system: { manufacturer: '', product: '', version: '', serialNumber: '', uuid: '', sku: '', family: '' },
    board: { manufacturer: '', product: '', version: '', serialNumber: '' },
    chassis: { type: 0, serialNumber: '' },
    memory: { slots: 0, megabytes: 0 },
  };
  for (const { type, fields, text } of structuresOf(table)) {
    switch (type) {
      case 0:
        found.bios.vendor = text(0x04);
        break;
      case 1:
        found.system = {
          manufacturer: text(0x04),
          product: text(0x05),
          version: text(0x06),
          serialNumber: text(0x07),
          uuid: fields.length >= 0x18 ? fields.toString('hex', 0x08, 0x18) : '',
          sku: text(0x19),
          family: text(0x1a),
        };
        break;
      case 2:
        // The first board is the one that the processor sits on.
        if (found.board.product === '') {
          found.board = {
            manufacturer: text(0x04),
            product: text(0x05),
            version: text(0x06),
            serialNumber: text(0x07),
          };
        }
        break;
      case 3:
        if (found.chassis.type === 0) {
          found.chassis = { type: (fields[0x05] ?? 0) & 0x7f, serialNumber: text(0x07) };
        }
        break;
      case 17:
        found.memory.slots += 1;
        found.memory.megabytes += megabytesOf(fields);
        break;
    }
  }
  return found;
}

interface Structure {
  type: number;
  fields: Buffer;
  /** The text that the byte at an offset names; '' where there is none. */
  text: (offset: number) => string;
}

function* structuresOf(table: Buffer): Generator<Structure> {
  for (let at = 0; at + 4 <= table.length;) {
    const type = table[at]!;
    const length = table[at + 1]!;
    if (length < 4 || at + length > table.length) return;
    const fields = table.subarray(at, at + length);
    const texts: string[] = [];
    let next = at + length;
    // Texts end in a zero each, and all of them in one more.
    while (next < table.length && table[next] !== 0) {
      const end = table.indexOf(0, next);
      if (end === -1) return;
      texts.push(table.toString('latin1', next, end).trim());
      next = end + 1;
    }
    at = texts.length === 0 ? next + 2 : next + 1;
    yield { type, fields, text: (offset) => texts[(fields[offset] ?? 0) - 1] ?? '' };
    if (type === 127) return;
  }
}

/** Size of a memory module. 0x7fff says that the number stands further behind; a set top bit, that it counts kilobytes. */
function megabytesOf(fields: Buffer): number {
  if (fields.length < 0x0e) return 0;
  const size = fields.readUInt16LE(0x0c);
  if (size === 0xffff) return 0;
  if (size === 0x7fff) return fields.length >= 0x20 ? fields.readUInt32LE(0x1c) & 0x7fffffff : 0;
  return size & 0x8000 ? (size & 0x7fff) / 1_024 : size;
}
