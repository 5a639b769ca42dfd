import type { Comparator, Expression } from './expression.js';

/** What is wrong with an expression and at which character, counted from 1. */
export interface RequirementsFault {
  readonly message: string;
  readonly position: number;
}

interface Token {
  readonly kind: 'name' | 'number' | 'string' | 'operator' | 'end';
  readonly text: string;
  readonly position: number;
}

const TOKEN = /\s*(?:(?<number>-?\d+(?:\.\d+)?)|(?<name>[A-Za-z_][\w.]*)|"(?<string>[^"]*)"|(?<operator>&&|\|\||==|!=|<=|>=|[<>!()]))/y;
const FLIPPED: Record<string, Comparator> = { '==': '==', '!=': '!=', '<': '>', '<=': '>=', '>': '<', '>=': '<=' };
const MAX_DEPTH = 64;
const MAX_LENGTH = 4096;

class Stop extends Error {
  constructor(readonly fault: RequirementsFault) { super(fault.message); }
}

/** Parses an expression; never throws. An empty text is no expression at all. */
export function parseRequirements(text: string): { expression?: Expression } | { fault: RequirementsFault } {
  if (text.trim() === '') return {};
  if (text.length > MAX_LENGTH) return { fault: { message: `longer than ${MAX_LENGTH} characters`, position: MAX_LENGTH } };
  try {
    const reader = createReader(tokenize(text));
    const expression = parseOr(reader, 0);
    if (reader.peek().kind !== 'end') fail(reader.peek(), 'an operator or the end');
    return { expression };
  } catch (error) {
    if (error instanceof Stop) return { fault: error.fault };
    throw error;
  }
}

function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  const pattern = new RegExp(TOKEN);
  while (pattern.lastIndex < text.length) {
    const start = pattern.lastIndex;
    const match = pattern.exec(text);
    if (!match?.groups) {
      if (text.slice(start).trim() === '') break;
      const position = start + (text.slice(start).length - text.slice(start).trimStart().length) + 1;
      throw new Stop({ message: `unexpected ${JSON.stringify(text[position - 1])}`, position });
    }
    const [kind, value] = Object.entries(match.groups).find(([, found]) => found !== undefined) as [Token['kind'], string];
    tokens.push({ kind, text: value, position: pattern.lastIndex - match[0].trimStart().length + 1 });
  }
  tokens.push({ kind: 'end', text: 'the end', position: text.length + 1 });
  return tokens;
}

interface Reader {
  peek(): Token;
  take(): Token;
  takeOperator(...texts: string[]): Token | undefined;
}

function createReader(tokens: Token[]): Reader {
  let next = 0;
  const peek = (): Token => tokens[next] as Token;
  return {
    peek,
    take: () => tokens[next++] as Token,
    takeOperator: (...texts) => (peek().kind === 'operator' && texts.includes(peek().text) ? (tokens[next++] as Token) : undefined),
  };
}

function fail(token: Token, wanted: string): never {
  throw new Stop({ message: `expected ${wanted}, found ${token.kind === 'end' ? 'the end' : JSON.stringify(token.text)}`, position: token.position });
}

function parseOr(reader: Reader, depth: number): Expression {
  let left = parseAnd(reader, depth);
  while (reader.takeOperator('||')) left = { kind: 'or', left, right: parseAnd(reader, depth) };
  return left;
}

function parseAnd(reader: Reader, depth: number): Expression {
  let left = parseTerm(reader, depth);
  while (reader.takeOperator('&&')) left = { kind: 'and', left, right: parseTerm(reader, depth) };
  return left;
}

function parseTerm(reader: Reader, depth: number): Expression {
  if (depth > MAX_DEPTH) fail(reader.peek(), `at most ${MAX_DEPTH} levels of brackets`);
  if (reader.takeOperator('!')) return { kind: 'not', operand: parseTerm(reader, depth + 1) };
  if (!reader.takeOperator('(')) return parseComparison(reader);
  const inside = parseOr(reader, depth + 1);
  if (!reader.takeOperator(')')) fail(reader.peek(), '")"');
  return inside;
}

function parseComparison(reader: Reader): Expression {
  const left = operand(reader);
  const token = reader.takeOperator('==', '!=', '<=', '>=', '<', '>');
  if (!token) fail(reader.peek(), 'a comparison');
  const right = operand(reader);
  const comparator = token.text as Comparator;
  if (left.kind === 'name' && right.kind !== 'name') return { kind: 'compare', attribute: left.text, comparator, value: literal(right) };
  if (right.kind === 'name' && left.kind !== 'name') return { kind: 'compare', attribute: right.text, comparator: FLIPPED[comparator] as Comparator, value: literal(left) };
  return fail(right, 'one attribute and one value');
}

function operand(reader: Reader): Token {
  const token = reader.take();
  if (token.kind === 'operator' || token.kind === 'end') fail(token, 'an attribute or a value');
  return token;
}

const literal = (token: Token): string | number => (token.kind === 'number' ? Number(token.text) : token.text);
