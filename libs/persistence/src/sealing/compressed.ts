import { promisify } from 'node:util';
import { constants, zstdCompress, zstdDecompressSync } from 'node:zlib';
import { letGo } from '../bulk/let-go.js';
import { sealingAtOnce } from './at-once.js';

const lengthBytes = 4;
const compress = promisify(zstdCompress);

/** The quickest ordinary level: a tenth is left of an order's rows, whose hashes are mostly padding. */
const level = { [constants.ZSTD_c_compressionLevel]: 1 };

/** Room for what is left of a part, so that it comes in one piece. */
const pieceBytes = 512 * 1024;

/**
 * Compressed (zstd, RFC 8878), then sealed at once: for bodies of many rows, which PostgreSQL writes in pieces of 2 KB each. Compressing
 * works beside the event loop.
 *
 * @param key of which its own is derived
 * @param format the sealed bytes' first
 */
export function sealingCompressed(key: Uint8Array, format: number) {
  const sealing = sealingAtOnce(key, format, 'groundcrew/sealed-compressed');
  return {
    /** What sealing adds to what is left. */
    overhead: sealing.overhead + lengthBytes,

    /** @returns as `sealingAtOnce`, of the plain length (4 bytes, little-endian) and a zstd frame */
    async seal(plain: Uint8Array, context: string): Promise<Buffer> {
      const length = Buffer.alloc(lengthBytes);
      length.writeUInt32LE(plain.length);
      const frame = await compress(plain, { params: level, chunkSize: pieceBytes });
      const payload = Buffer.concat([length, frame]);
      letGo(frame);
      const sealed = sealing.seal(payload, context);
      letGo(payload);
      return sealed;
    },

    open: (sealed: Uint8Array, context: string): Buffer => decompressed(sealing.open(sealed, context)),

    openInPlace(sealed: Buffer, context: string): Buffer {
      const plain = decompressed(sealing.openInPlace(sealed, context));
      letGo(sealed);
      return plain;
    },
  };
}

/** In a buffer that is nobody else's. */
function decompressed(bytes: Buffer): Buffer {
  const length = bytes.readUInt32LE();
  // Room to notice its end in, or a second piece would be begun.
  const plain = zstdDecompressSync(bytes.subarray(lengthBytes), { chunkSize: length + 64 });
  if (plain.length !== length) throw new Error(`${plain.length} bytes were decompressed instead of ${length}`);
  return plain;
}
