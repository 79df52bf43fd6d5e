import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { documentFile, documentText } from '../openapi.js';
import { currentDocument } from './current-document.js';
import { docsPage } from './docs-page.js';

describe('the OpenAPI document', () => {
  it('is the committed one; `npm run openapi` writes it anew', async () => {
    expect(await documentText()).toBe(readFileSync(documentFile, 'utf8'));
  });

  it('names every schema it refers to', async () => {
    const document = await currentDocument();
    const names = Object.keys((document.components as { schemas: object }).schemas);
    const referred = [...JSON.stringify(document).matchAll(/#\/components\/schemas\/(\w+)/g)].map(([, name]) => name!);
    expect(referred.filter((name) => !names.includes(name))).toEqual([]);
    expect(referred.length).toBeGreaterThan(20);
  });

  it('can be read on a page that loads nothing', async () => {
    const page = docsPage(await currentDocument());
    expect(page).toContain('/v1/partners/{partnerId}/orders');
    expect(page).not.toMatch(/<script|src=|https?:\/\/(?!127)/);
  });
});
