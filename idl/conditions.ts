import { evaluateCondition } from './condition.js';
import type { DiagnosticLog } from './diagnostic.js';
import type { Macros } from './macros.js';
import type { Token } from './token.js';

const conditionDepthMax = 1000;

/** One open `#if`. */
interface Condition {
  readonly directive: Token;
  /** Whether text around it is read at all. */
  readonly outerLive: boolean;
  /** Whether one of its branches has been read already. */
  taken: boolean;
  live: boolean;
  elseSeen: boolean;
}

/** The conditions that are open at a place of one file. */
export class Conditions {
  readonly #macros: Macros;
  readonly #log: DiagnosticLog;
  readonly #open: Condition[] = [];

  constructor(macros: Macros, log: DiagnosticLog) {
    this.#macros = macros;
    this.#log = log;
  }

  /** Whether the text at hand is read. */
  get live(): boolean {
    return this.#open.at(-1)?.live ?? true;
  }

  /** `#if`, `#ifdef`, `#ifndef`. */
  open(name: Token, rest: readonly Token[]): void {
    const { live } = this;
    if (this.#open.length === conditionDepthMax) {
      this.#log.report('IDL1017', name.span, `More than ${conditionDepthMax} conditions within each other.`);
    }
    let holds = false;
    if (live) {
      if (name.text === 'if') holds = evaluateCondition(name, rest, this.#macros, this.#log);
      else if (isMacroName(this.#log, name, rest)) {
        holds = this.#macros.has(rest[0]!.text) === (name.text === 'ifdef');
      }
    }
    const isLive = live && holds;
    this.#open.push({ directive: name, outerLive: live, taken: isLive, live: isLive, elseSeen: false });
  }

  /** `#elif`, `#else`, `#endif`. */
  continue(name: Token, rest: readonly Token[]): void {
    const condition = this.#open.at(-1);
    if (condition === undefined) {
      this.#log.report('IDL1012', name.span, `This #${name.text} belongs to no #if: remove it.`);
      return;
    }
    if (name.text === 'endif') {
      this.#open.pop();
      return;
    }
    if (condition.elseSeen) {
      const notes = [{ message: 'The #if is here.', span: condition.directive.span }];
      this.#log.report('IDL1012', name.span, `This #${name.text} comes after the #else of its #if.`, notes);
      condition.live = false;
      return;
    }
    if (name.text === 'else') condition.elseSeen = true;
    const candidate = condition.outerLive && !condition.taken;
    condition.live =
      candidate && (name.text === 'else' || evaluateCondition(name, rest, this.#macros, this.#log));
    condition.taken ||= condition.live;
  }

  /** Reports what is open at the end of the file. */
  finish(): void {
    for (const { directive } of this.#open) {
      this.#log.report('IDL1012', directive.span, `This #${directive.text} has no #endif: add one.`);
    }
  }
}

/** Whether a directive has one name and nothing else; reported where not. */
export function isMacroName(log: DiagnosticLog, directive: Token, rest: readonly Token[]): boolean {
  if (rest[0]?.kind === 'identifier' && rest.length === 1) return true;
  log.report('IDL1010', directive.span, `#${directive.text} takes one name.`);
  return false;
}
