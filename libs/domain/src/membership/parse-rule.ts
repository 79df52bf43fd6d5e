import { accept, refuse, type Decision } from '../decision.js';
import { attributeNamed, type RuleAttribute } from './device-attributes.js';
import { foldText } from './fold.js';
import { parsePattern } from './parse-pattern.js';
import { programOf } from './pattern-program.js';
import { readTokens, type Token } from './read-tokens.js';
import {
  ruleLimits,
  type Comparison,
  type Rule,
  type RuleFault,
  type RuleFaultCode,
  type RuleNode,
  type RuleValue,
  type Span,
} from './rule.js';

/** Thrown within this file only, to come out of the recursion; it leaves as a refusal. */
class RuleError extends Error {
  constructor(
    readonly code: RuleFaultCode,
    readonly span: Span,
    message: string,
  ) {
    super(message);
  }
}

const operators: Record<string, { comparison: Comparison; negated: boolean }> = {
  eq: { comparison: 'eq', negated: false },
  ne: { comparison: 'eq', negated: true },
  startswith: { comparison: 'startsWith', negated: false },
  notstartswith: { comparison: 'startsWith', negated: true },
  contains: { comparison: 'contains', negated: false },
  notcontains: { comparison: 'contains', negated: true },
  match: { comparison: 'match', negated: false },
  notmatch: { comparison: 'match', negated: true },
  in: { comparison: 'in', negated: false },
  notin: { comparison: 'in', negated: true },
};

/**
 * Reads a membership rule in the grammar that administrators know; what is refused is refused with its place.
 * `-not` binds closest, then `-and`, then `-or`; case says nothing, and the hyphen before an operator may be left out.
 *
 * @example (device.devicePhysicalIds -any (_ -eq "[OrderID]:Kiosk")) -and (device.deviceModel -startsWith "Book")
 */
export function parseRule(source: string): Decision<Rule, RuleFault> {
  if (source.length > ruleLimits.length) {
    const message = `A rule has at most ${ruleLimits.length} characters.`;
    return refuse({
      code: 'rule.too-long',
      message,
      position: ruleLimits.length,
      length: source.length - ruleLimits.length,
    });
  }
  const tokens = readTokens(source);
  if (!tokens.ok) return tokens;
  if (tokens.value.length === 1) {
    return refuse({ code: 'rule.empty', message: 'The rule is empty.', position: 0, length: source.length });
  }
  try {
    return accept({ source, root: new RuleReader(source, tokens.value).whole() });
  } catch (error) {
    if (!(error instanceof RuleError)) throw error;
    return refuse({
      code: error.code,
      message: error.message,
      position: error.span.position,
      length: error.span.length,
    });
  }
}

class RuleReader {
  #next = 0;
  #depth = 0;
  constructor(
    readonly source: string,
    readonly tokens: readonly Token[],
  ) {}

  whole(): RuleNode {
    const root = this.#either(null);
    if (this.#token.kind !== 'end') this.#expected('-and, -or or the end of the rule');
    return root;
  }

  get #token(): Token {
    return this.tokens[this.#next]!;
  }

  /** @param within the collection whose elements are asked about, where we are inside of `-any` or `-all` */
  #either(within: RuleAttribute | null): RuleNode {
    return this.#joined('or', () => this.#joined('and', () => this.#single(within)));
  }

  #joined(kind: 'and' | 'or', read: () => RuleNode): RuleNode {
    const parts = [read()];
    while (this.#isWord(kind)) {
      this.#next += 1;
      parts.push(read());
    }
    if (parts.length === 1) return parts[0]!;
    return { kind, parts, ...this.#spanFrom(parts[0]!.position) };
  }

  #single(within: RuleAttribute | null): RuleNode {
    const begin = this.#token;
    if (this.#isWord('not')) {
      this.#next += 1;
      const part = this.#deeper(begin, () => this.#single(within));
      return { kind: 'not', part, ...this.#spanFrom(begin.position) };
    }
    if (this.#isSign('(')) {
      this.#next += 1;
      const inner = this.#deeper(begin, () => this.#either(within));
      if (!this.#isSign(')')) this.#expected('-and, -or or )');
      this.#next += 1;
      return { ...inner, ...this.#spanFrom(begin.position) };
    }
    return within === null ? this.#clause() : this.#elementClause();
  }

  #clause(): RuleNode {
    const begin = this.#token;
    const attribute = this.#attribute();
    if (this.#isWord('any') || this.#isWord('all')) {
      const kind = this.#token.text as 'any' | 'all';
      if (!attribute.collection) {
        this.#fail('rule.operator', this.#token, `${attribute.name} has one value: compare it without -${kind}.`);
      }
      this.#next += 1;
      const body = this.#deeper(begin, () => this.#single(attribute));
      return { kind, attribute, body, ...this.#spanFrom(begin.position) };
    }
    if (attribute.collection) {
      this.#fail('rule.operator', this.#token, `${attribute.name} has several values: ask with -any or -all.`);
    }
    return this.#comparison(begin, attribute);
  }

  #elementClause(): RuleNode {
    const begin = this.#token;
    if (!this.#isWord('_')) this.#expected('_, which stands for one value of the collection');
    this.#next += 1;
    return this.#comparison(begin, 'element');
  }

  #comparison(begin: Token, subject: RuleAttribute | 'element'): RuleNode {
    const operator = this.#token;
    if (operator.kind !== 'word') this.#expected('a comparison like -eq');
    const known = Object.hasOwn(operators, operator.text) ? operators[operator.text] : undefined;
    if (known === undefined) {
      const message =
        'There is no such comparison. Known: -eq, -ne, -startsWith, -contains, -match, -in, and their negations with -not….';
      this.#fail('rule.operator', operator, message);
    }
    this.#next += 1;
    const value = this.#value(known.comparison, subject);
    return { kind: 'compare', subject, ...known, value, ...this.#spanFrom(begin.position) };
  }

  #attribute(): RuleAttribute {
    const token = this.#token;
    if (token.kind !== 'word') this.#expected('an attribute like device.deviceModel');
    if (token.text === '_') this.#fail('rule.attribute', token, '_ stands within -any or -all only.');
    const [object, name, ...rest] = this.source.slice(token.position, token.position + token.length).split('.');
    if (object?.toLowerCase() !== 'device' || name === undefined || rest.length > 0) {
      this.#fail('rule.attribute', token, 'Members are devices: an attribute is written device.name.');
    }
    const attribute = attributeNamed(name);
    if (typeof attribute === 'string') this.#fail('rule.attribute', token, attribute);
    this.#next += 1;
    return attribute;
  }

  #value(comparison: Comparison, subject: RuleAttribute | 'element'): RuleValue {
    const token = this.#token;
    if (comparison === 'in') return this.#list();
    if (comparison === 'eq' && subject !== 'element' && this.#isWord('null')) {
      this.#next += 1;
      return { kind: 'missing' };
    }
    if (token.kind !== 'text') {
      this.#fail('rule.value', token, 'A text in quotation marks is expected here.');
    }
    this.#next += 1;
    if (comparison !== 'match') return { kind: 'text', folded: foldText(token.text) };
    const pattern = parsePattern(token.text);
    if (!pattern.ok) {
      const { position, length, message } = pattern.refusal;
      const from = sourceOffset(this.source, token, position);
      const to = sourceOffset(this.source, token, position + length);
      throw new RuleError('rule.pattern', { position: from, length: to - from }, message);
    }
    return { kind: 'pattern', pattern: pattern.value, program: programOf(pattern.value) };
  }

  #list(): RuleValue {
    const begin = this.#token;
    if (!this.#isSign('[')) this.#fail('rule.value', begin, 'A list like ["one", "two"] is expected here.');
    const folded: string[] = [];
    do {
      this.#next += 1;
      if (this.#token.kind !== 'text')
        this.#fail('rule.value', this.#token, 'A text in quotation marks is expected here.');
      if (folded.length >= ruleLimits.values) {
        this.#fail('rule.value', this.#token, `A list has at most ${ruleLimits.values} texts.`);
      }
      folded.push(foldText(this.#token.text));
      this.#next += 1;
    } while (this.#isSign(','));
    if (!this.#isSign(']')) this.#expected(', or ]');
    this.#next += 1;
    return { kind: 'texts', folded };
  }

  #deeper(at: Span, read: () => RuleNode): RuleNode {
    this.#depth += 1;
    if (this.#depth > ruleLimits.depth)
      this.#fail('rule.too-deep', at, `A rule nests at most ${ruleLimits.depth} deep.`);
    const node = read();
    this.#depth -= 1;
    return node;
  }

  #isWord(text: string): boolean {
    return this.#token.kind === 'word' && this.#token.text === text;
  }

  #isSign(text: string): boolean {
    return this.#token.kind === 'sign' && this.#token.text === text;
  }

  /** From there to the end of what was read last. */
  #spanFrom(position: number): Span {
    const last = this.tokens[this.#next - 1]!;
    return { position, length: last.position + last.length - position };
  }

  #expected(what: string): never {
    return this.#fail('rule.expected', this.#token, `Here stands ${nameOf(this.#token)}, where ${what} is expected.`);
  }

  #fail(code: RuleFaultCode, { position, length }: Span, message: string): never {
    throw new RuleError(code, { position, length }, message);
  }
}

function nameOf(token: Token): string {
  return token.kind === 'end' ? 'the end of the rule' : token.kind === 'text' ? 'a text' : `"${token.text}"`;
}

/** Where a unit of a text's value stands in the rule: escapes before it count twice. */
function sourceOffset(source: string, token: Token, position: number): number {
  let at = token.position + 1;
  for (let unit = 0; unit < position; unit += 1) at += source[at] === '`' ? 2 : 1;
  return at;
}
