/**
 * Completes base64 that a device wrote without its padding. The documented repair goes on until the text decodes: a `==` at the
 * end becomes one `A`, anything else gets a `=`. That ends where this goes at once: at the padding that the length asks for, with
 * one `A` (six zero bits) before it where a single character is left over.
 *
 * Source: domain.md 1.4 (repair algorithm and its test vector).
 */
export function repairHash(text: string): string {
  if (text.length % 4 === 0) return text;
  const bare = text.replace(/=+$/, '');
  return bare + ['', 'A==', '==', '='][bare.length % 4]!;
}

/** Whether every character may stand in base64, so that a spreadsheet has nothing to calculate in it. */
export function isBase64Text(text: string): boolean {
  return /^[A-Za-z0-9+/]+={0,2}$/.test(text);
}
