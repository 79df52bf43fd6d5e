import 'reflect-metadata';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { currentDocument } from './openapi/current-document.js';

/** Where the committed document lies: beside the sources, whether this runs from there or built. */
export const documentFile = fileURLToPath(new URL('../openapi.json', import.meta.url));

/** The document as it is committed. */
export async function documentText(): Promise<string> {
  return `${JSON.stringify(await currentDocument(), null, 2)}\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const text = await documentText();
  if (process.argv.includes('--write')) writeFileSync(documentFile, text);
  else process.stdout.write(text);
}
