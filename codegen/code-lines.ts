/** The width that generated code keeps to, where it can. */
const width = 110;

/** Lines of generated code, indented by their blocks. A statement that is too long is broken as prettier does it. */
export class CodeLines {
  readonly #lines: string[] = [];
  #depth: number;

  constructor(depth = 1) {
    this.#depth = depth;
  }

  get text(): string {
    return this.#lines.map((line) => `${line}\n`).join('');
  }

  add(line: string): void {
    this.#lines.push(...broken(line, this.#depth));
  }

  /** `head {`, the body, `}`. */
  block(head: string, body: () => void): void {
    this.branch(`${head} {`, body);
    this.add('}');
  }

  /** `if (…) {`, the one, `} else {`, the other, `}`. */
  either(condition: string, one: () => void, other: () => void): void {
    this.branch(`if (${condition}) {`, one);
    this.branch('} else {', other);
    this.add('}');
  }

  /** `case x: {`, the body, `break; }`. */
  branch(head: string, body: () => void): void {
    this.add(head);
    this.#depth++;
    body();
    this.#depth--;
  }
}

function broken(line: string, depth: number): string[] {
  const indent = '  '.repeat(depth);
  if (indent.length + withoutMarks(line).length <= width) return [indent + line];
  const parts = partsOf(line);
  if (parts === undefined) return [indent + line];
  const [head, inner, tail, comma] = parts;
  return [indent + head, ...inner.flatMap((part) => broken(part + comma, depth + 1)), indent + tail].filter(
    (text) => text.trim() !== '',
  );
}

/** The first line, the parts that have lines of their own, the last line, and what ends each part. */
function partsOf(line: string): [string, string[], string, string] | undefined {
  const condition = /^(if \(.*?\)) (\S.*;)$/.exec(line);
  if (condition !== null && !line.endsWith('{')) return [condition[1]!, [condition[2]!], '', ''];
  const object = /^([^{(]*= |return )\{ (.*) \};$/.exec(line);
  if (object !== null) return [`${object[1]!}{`, list(object[2]!), '};', ','];
  // The outermost call, with nothing but a type after it.
  const call = /^([^'(]*\()(.*)(\)(?:\ue000 as [^\ue001]*\ue001)?[;,]?)$/.exec(line);
  if (call === null) return undefined;
  const inner = list(call[2]!);
  return inner.length === 0 ? undefined : [call[1]!, inner, call[3]!, ','];
}

/** The parts of a list, by the commas that are in no bracket and no string. */
function list(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let isString = false;
  let start = 0;
  for (let i = 0; i < text.length; i++) {
    const character = text[i]!;
    if (isString && character === '\\') i++;
    else if (character === "'") isString = !isString;
    else if (isString) continue;
    else if ('([{'.includes(character)) depth++;
    else if (')]}'.includes(character)) depth--;
    else if (character === ',' && depth === 0) {
      parts.push(text.slice(start, i).trim());
      start = i + 1;
    }
    if (depth < 0) return [];
  }
  return depth === 0 && !isString ? [...parts, text.slice(start).trim()].filter((part) => part !== '') : [];
}

/** Whether code uses a variable: a property or a text of the same name is none. */
export function uses(code: string, variable: string): boolean {
  const withoutTexts = code.replaceAll(/'(?:[^'\\]|\\.)*'/g, "''");
  return new RegExp(`(?<![.\\w$])${variable}(?![\\w$:])`).test(withoutTexts);
}

/** As TypeScript has it: the marks around what is TypeScript only take no room. */
function withoutMarks(text: string): string {
  return text.replaceAll(/[\ue000\ue001]/g, '');
}
