import { accept, refuse, type Decision } from '../decision.js';
import { foldText } from './fold.js';
import { isAnchored, patternLimits, placesOf, type CodeRange, type Pattern } from './pattern.js';

/** What is wrong with a pattern, and where within it. */
export interface PatternFault {
  position: number;
  length: number;
  message: string;
}

/** Thrown within this file only, to come out of the recursion; it leaves as a refusal. */
class PatternError extends Error {
  constructor(
    readonly position: number,
    message: string,
    readonly length = 1,
  ) {
    super(message);
  }
}

/** Classes that `\` and a letter name. Of ASCII only, so that no locale has a say. */
const namedClasses: Record<string, readonly CodeRange[]> = {
  d: [[48, 57]],
  w: [
    [48, 57],
    [95, 95],
    [97, 122],
  ],
  s: [
    [9, 13],
    [32, 32],
  ],
};

const taken = 'Taken are letters, ., [classes], (groups), |, *, +, ?, {m,n}, ^, $, \\d, \\w, \\s and \\ before a sign.';

/**
 * Reads the part of regular expressions that we can hold to mean the same here and in PostgreSQL; everything else is refused where it
 * stands. The pattern is folded as texts are, letter by letter, and is looked for anywhere in the text.
 */
export function parsePattern(source: string): Decision<Pattern, PatternFault> {
  try {
    if (source === '') throw new PatternError(0, 'The pattern is empty.', 0);
    if (source.length > patternLimits.length) {
      throw new PatternError(patternLimits.length, `A pattern has at most ${patternLimits.length} characters.`);
    }
    const reader = new PatternReader(source);
    const pattern = reader.choice(0);
    if (!reader.atEnd) throw new PatternError(reader.at, 'This bracket closes nothing.');
    if (placesOf(pattern) > patternLimits.places) {
      throw new PatternError(0, 'Its repetitions make the pattern too large.', source.length);
    }
    return accept(pattern);
  } catch (error) {
    if (!(error instanceof PatternError)) throw error;
    return refuse({ position: error.position, length: error.length, message: error.message });
  }
}

class PatternReader {
  at = 0;
  constructor(readonly source: string) {}

  get atEnd(): boolean {
    return this.at >= this.source.length;
  }

  choice(depth: number): Pattern {
    if (depth > patternLimits.depth) throw new PatternError(this.at, 'Groups are nested too deeply.');
    const branches = [this.#sequence(depth)];
    while (this.source[this.at] === '|') {
      this.at += 1;
      branches.push(this.#sequence(depth));
    }
    return branches.length === 1 ? branches[0]! : { kind: 'choice', branches };
  }

  #sequence(depth: number): Pattern {
    const begin = this.at;
    const parts: Pattern[] = [];
    while (!this.atEnd && this.source[this.at] !== '|' && this.source[this.at] !== ')') parts.push(this.#piece(depth));
    if (parts.length === 0) throw new PatternError(begin, 'Something has to stand here.', 0);
    return parts.length === 1 ? parts[0]! : { kind: 'sequence', parts };
  }

  #piece(depth: number): Pattern {
    const begin = this.at;
    const part = this.#atom(depth);
    const bounds = this.#bounds();
    if (bounds === null) return part;
    if (isAnchored(part)) throw new PatternError(begin, 'An anchor cannot be repeated.', this.at - begin);
    const next = this.source[this.at];
    if (next !== undefined && '*+?{'.includes(next)) {
      throw new PatternError(this.at, 'A repetition cannot be repeated, and cannot be made lazy or possessive.');
    }
    return { kind: 'repeat', part, ...bounds };
  }

  #bounds(): { least: number; most: number | null } | null {
    const sign = this.source[this.at];
    if (sign === '*' || sign === '+' || sign === '?') {
      this.at += 1;
      return { '*': { least: 0, most: null }, '+': { least: 1, most: null }, '?': { least: 0, most: 1 } }[sign];
    }
    if (sign !== '{') return null;
    const written = /^\{(\d{1,3})(,(\d{1,3})?)?\}/.exec(this.source.slice(this.at));
    if (written === null) throw new PatternError(this.at, 'A repetition is written {m}, {m,} or {m,n}.');
    const least = Number(written[1]);
    const most = written[2] === undefined ? least : written[3] === undefined ? null : Number(written[3]);
    if (Math.max(least, most ?? 0) > patternLimits.repetition) {
      throw new PatternError(this.at, `At most ${patternLimits.repetition} repetitions are taken.`, written[0].length);
    }
    if (most !== null && (most < least || most === 0)) {
      throw new PatternError(this.at, 'The second number is at least the first, and at least one.', written[0].length);
    }
    this.at += written[0].length;
    return { least, most };
  }

  #atom(depth: number): Pattern {
    const begin = this.at;
    const letter = this.#take();
    switch (letter) {
      case '(':
        return this.#group(begin, depth);
      case '[':
        return this.#class(begin);
      case '.':
        return { kind: 'any' };
      case '^':
        return { kind: 'start' };
      case '$':
        return { kind: 'end' };
      case '\\':
        return this.#escape(begin);
      case '*':
      case '+':
      case '?':
      case '{':
        throw new PatternError(begin, 'There is nothing before this to repeat.');
      case '}':
      case ']':
        throw new PatternError(begin, 'This bracket closes nothing: write \\ before it to mean the sign.');
      default:
        return literal(letter);
    }
  }

  #group(begin: number, depth: number): Pattern {
    if (this.source[this.at] === '?') {
      throw new PatternError(begin, `Groups that begin with (? are not taken. ${taken}`, 2);
    }
    const inner = this.choice(depth + 1);
    if (this.source[this.at] !== ')') throw new PatternError(begin, 'This bracket is not closed.');
    this.at += 1;
    return inner;
  }

  #escape(begin: number): Pattern {
    if (this.atEnd) throw new PatternError(begin, 'A \\ cannot stand at the end.');
    const letter = this.#take();
    const named = namedClasses[letter.toLowerCase()];
    if (named !== undefined && /^[dws]$/i.test(letter)) {
      return { kind: 'class', negated: letter !== letter.toLowerCase(), ranges: named };
    }
    if (/^[!-/:-@[-`{-~]$/.test(letter)) return literal(letter);
    throw new PatternError(begin, `This escape is not taken. ${taken}`, this.at - begin);
  }

  #class(begin: number): Pattern {
    const negated = this.source[this.at] === '^';
    if (negated) this.at += 1;
    const ranges: CodeRange[] = [];
    while (this.source[this.at] !== ']') {
      if (this.atEnd) throw new PatternError(begin, 'This class is not closed.', this.source.length - begin);
      ranges.push(...this.#member());
    }
    if (ranges.length === 0) throw new PatternError(begin, 'This class has no members.', this.at + 1 - begin);
    this.at += 1;
    return { kind: 'class', negated, ranges };
  }

  #member(): readonly CodeRange[] {
    const begin = this.at;
    const first = this.#memberLetter();
    if (typeof first !== 'string') return first;
    if (this.source[this.at] !== '-' || this.source[this.at + 1] === ']') return [pointOf(first, begin)];
    this.at += 1;
    if (this.atEnd) throw new PatternError(begin, 'This range has no end.');
    const last = this.#memberLetter();
    const range = typeof last === 'string' ? [first, last].join('') : '';
    if (!/^([a-z]{2}|[A-Z]{2}|[0-9]{2})$/.test(range) || range[0]! > range[1]!) {
      throw new PatternError(begin, 'A range goes up, within a-z, A-Z or 0-9.', this.at - begin);
    }
    const [from, to] = [...range.toLowerCase()].map((letter) => letter.codePointAt(0)!);
    return [[from!, to!]];
  }

  #memberLetter(): string | readonly CodeRange[] {
    const begin = this.at;
    const letter = this.#take();
    if (letter === '[') throw new PatternError(begin, 'Within a class [ is written \\[.');
    if (letter !== '\\') return letter;
    if (this.atEnd) throw new PatternError(begin, 'A \\ cannot stand at the end.');
    const escaped = this.#take();
    if (/^[dws]$/.test(escaped)) return namedClasses[escaped]!;
    if (/^[!-/:-@[-`{-~]$/.test(escaped)) return escaped;
    throw new PatternError(begin, `This escape is not taken within a class. ${taken}`, this.at - begin);
  }

  /** The next code point. */
  #take(): string {
    const letter = String.fromCodePoint(this.source.codePointAt(this.at)!);
    this.at += letter.length;
    return letter;
  }
}

/** A letter as itself: folding may make several of it. */
function literal(letter: string): Pattern {
  const parts = [...foldText(letter)].map((point): Pattern => {
    const code = point.codePointAt(0)!;
    return { kind: 'class', negated: false, ranges: [[code, code]] };
  });
  return parts.length === 1 ? parts[0]! : { kind: 'sequence', parts };
}

function pointOf(letter: string, position: number): CodeRange {
  const folded = [...foldText(letter)];
  if (folded.length !== 1) {
    throw new PatternError(
      position,
      'This letter is compared as several ones and cannot be in a class.',
      letter.length,
    );
  }
  const code = folded[0]!.codePointAt(0)!;
  return [code, code];
}
