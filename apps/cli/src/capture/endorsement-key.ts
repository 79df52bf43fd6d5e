import { open } from 'node:fs/promises';

/** Where the TPM keeps the RSA-2048 endorsement key that Windows uses. Source: TCG EK Credential Profile 2.2.1.4. */
const endorsementKeyHandle = 0x81010001;
const readPublicCommand = 0x00000173;
const answerBytes = 4_096;

/**
 * Asks the TPM for its endorsement key. Nothing is changed in it; a key that was never made there is not made now.
 *
 * @returns the 256 bytes of its modulus, or null where there is none at the usual place
 */
export async function readEndorsementKey(device: string): Promise<Buffer | null> {
  const tpm = await open(device, 'r+');
  try {
    const command = Buffer.alloc(14);
    command.writeUInt16BE(0x8001, 0);
    command.writeUInt32BE(command.length, 2);
    command.writeUInt32BE(readPublicCommand, 6);
    command.writeUInt32BE(endorsementKeyHandle, 10);
    await tpm.write(command);
    const answer = Buffer.alloc(answerBytes);
    const { bytesRead } = await tpm.read(answer, 0, answerBytes, null);
    return modulusIn(answer.subarray(0, bytesRead));
  } finally {
    await tpm.close();
  }
}

/** The modulus in an answer to TPM2_ReadPublic. Source: TPM 2.0 Library, part 2 (TPMT_PUBLIC) and part 3 (12.4). */
export function modulusIn(answer: Buffer): Buffer | null {
  if (answer.length < 12 || answer.readUInt32BE(6) !== 0) return null;
  const rsa = 0x0001;
  const none = 0x0010;
  let at = 12;
  // An answer that is cut off says zero, which is nothing that is looked for here.
  const next16 = (): number => {
    at += 2;
    return at <= answer.length ? answer.readUInt16BE(at - 2) : 0;
  };
  if (next16() !== rsa) return null;
  at += 2 + 4;
  at += next16();
  if (next16() !== none) at += 4;
  if (next16() !== none) at += 2;
  const bits = next16();
  at += 4;
  const length = next16();
  const modulus = answer.subarray(at, at + length);
  return bits === 2_048 && length === 256 && modulus.length === length ? Buffer.from(modulus) : null;
}
