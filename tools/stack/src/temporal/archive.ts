const BLOCK = 512;

/** The contents of one regular file of a tar archive. Names in the release are short, so extensions for long ones are passed over. */
export function fileInArchive(archive: Buffer, name: string): Buffer {
  for (let offset = 0; offset + BLOCK <= archive.length;) {
    const header = archive.subarray(offset, offset + BLOCK);
    if (header.every((byte) => byte === 0)) break;
    const size = parseInt(text(header, 124, 12), 8) || 0;
    const begin = offset + BLOCK;
    const isRegular = ['0', ''].includes(text(header, 156, 1));
    if (isRegular && text(header, 0, 100).split('/').at(-1) === name) {
      if (begin + size > archive.length) throw new Error(`the archive ends in the middle of ${name}`);
      return archive.subarray(begin, begin + size);
    }
    offset = begin + Math.ceil(size / BLOCK) * BLOCK;
  }
  throw new Error(`the archive holds no ${name}`);
}

function text(header: Buffer, from: number, length: number): string {
  const field = header.toString('latin1', from, from + length);
  const end = field.indexOf('\0');
  return (end === -1 ? field : field.slice(0, end)).trim();
}
