import { accept, refuse, type Decision } from '../decision.js';
import type { RuleFault, Span } from './rule.js';

/** A word, a text in quotes, a sign, or the end. `text` is what it says: of a word in lower case without its hyphen. */
export interface Token extends Span {
  kind: 'word' | 'text' | 'sign' | 'end';
  text: string;
}

const signs = '()[],';
const wordLetters = /[A-Za-z0-9._]/;

/** Cuts a rule into tokens. */
export function readTokens(source: string): Decision<Token[], RuleFault> {
  const tokens: Token[] = [];
  let position = 0;
  while (position < source.length) {
    const letter = source[position]!;
    if (/\s/.test(letter)) {
      position += 1;
      continue;
    }
    if (signs.includes(letter)) {
      tokens.push({ kind: 'sign', text: letter, position, length: 1 });
    } else if (letter === '"') {
      const text = readText(source, position);
      if (!text.ok) return text;
      tokens.push(text.value);
    } else if (letter === '-' || wordLetters.test(letter)) {
      tokens.push(readWord(source, position));
    } else {
      return refuse({ code: 'rule.character', message: aboutCharacter(source, position), position, length: 1 });
    }
    position += tokens.at(-1)!.length;
  }
  tokens.push({ kind: 'end', text: '', position: source.length, length: 0 });
  return accept(tokens);
}

function readWord(source: string, position: number): Token {
  let end = position + 1;
  while (end < source.length && wordLetters.test(source[end]!)) end += 1;
  const text = source.slice(position, end).replace(/^-/, '').toLowerCase();
  return { kind: 'word', text, position, length: end - position };
}

/** A text in double quotes. A backtick makes the quote or backtick after it part of the text. */
function readText(source: string, position: number): Decision<Token, RuleFault> {
  let text = '';
  for (let at = position + 1; at < source.length; at += 1) {
    const letter = source[at]!;
    if (letter === '"') return accept({ kind: 'text', text, position, length: at + 1 - position });
    if (source.charCodeAt(at) < 32 || source.charCodeAt(at) === 127) {
      const message = 'A control character cannot be part of a text.';
      return refuse({ code: 'rule.character', message, position: at, length: 1 });
    }
    if (letter === '`') {
      at += 1;
      const escaped = source[at];
      if (escaped !== '"' && escaped !== '`') {
        const message = 'A backtick stands only before a quotation mark or another backtick.';
        return refuse({ code: 'rule.character', message, position: at - 1, length: 1 });
      }
      text += escaped;
    } else {
      text += letter;
    }
  }
  const message = 'This text has no quotation mark at its end.';
  return refuse({ code: 'rule.text-not-closed', message, position, length: source.length - position });
}

function aboutCharacter(source: string, position: number): string {
  const letter = String.fromCodePoint(source.codePointAt(position)!);
  if ('“”„‟«»'.includes(letter)) return 'This is a typographic quotation mark: write ".';
  if ("'‘’".includes(letter)) return 'Texts stand in double quotation marks.';
  if ('–—−‐‑'.includes(letter)) return 'This is a dash: write a hyphen.';
  return 'A rule has no such character outside of texts.';
}
