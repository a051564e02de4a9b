import { joinDocs } from './doc-comment.js';
import type { AnnotationSyntax, Identifier } from './expression-syntax.js';
import type { Span } from './source.js';
import type { TokenStream } from './token-stream.js';
import { SyntaxFailure } from './token-stream.js';

/** What stands before the keyword of a definition. */
export interface Prefix {
  readonly annotations: readonly AnnotationSyntax[];
  readonly doc: string | undefined;
  readonly start: Span;
}

/** Runs a reader; after an error in it, goes on behind it. Always moves forward. */
export function attempt(stream: TokenStream, read: () => void): void {
  const before = stream.token;
  try {
    read();
  } catch (error) {
    if (!(error instanceof SyntaxFailure)) throw error;
    stream.recover();
    if (stream.token === before && !stream.atEnd && !stream.is('}')) stream.next();
  }
}

/**
 * `{`, then one element after the other until its `}`. What is wrong within one element does not keep the others from being
 * read.
 */
export function body(stream: TokenStream, what: string, element: () => void): number {
  const open = stream.expect('{', `to open ${what}`);
  let count = 0;
  while (!stream.is('}')) {
    if (stream.atEnd) {
      const notes = [{ message: 'It is opened here.', span: open.span }];
      stream.log.report('IDL2003', stream.token.span, `The '}' of ${what} is missing.`, notes);
      stream.unclosed = true;
      return count;
    }
    count++;
    attempt(stream, element);
  }
  stream.next();
  return count;
}

/** {@link body} that must have something in it. */
export function filledBody(
  stream: TokenStream,
  what: string,
  { span }: Identifier,
  needed: string,
  element: () => void,
): void {
  if (body(stream, what, element) > 0 || stream.unclosed) return;
  const sentence = what.replace(/^the/, 'The');
  stream.log.report('IDL2007', span, `${sentence} has no ${needed}s: give it at least one.`);
}

/** Like {@link body}, for elements with commas between. A `///<` comment may come after the comma. */
export function list<T extends { readonly doc?: string | undefined }>(
  stream: TokenStream,
  what: string,
  name: Identifier,
  needed: string,
  read: () => T,
): T[] {
  const elements: T[] = [];
  filledBody(stream, what, name, needed, () => {
    const element = read();
    const comma = stream.accept(',');
    elements.push({ ...element, doc: withTrailingDoc(stream, element.doc) });
    if (comma && stream.is('}')) {
      const message = `A ',' cannot stand at the end of ${what}: remove it.`;
      stream.log.report('IDL2001', stream.previous.span, message);
    }
    if (!comma && !stream.is('}')) {
      stream.fail('IDL2001', `Expected ',' or '}', found ${stream.found()}.`);
    }
  });
  return elements;
}

/** A comment before a declaration, and one after it on its last line. */
export function withTrailingDoc(stream: TokenStream, doc: string | undefined): string | undefined {
  const { trailingDoc } = stream.previous;
  return trailingDoc === undefined ? doc : joinDocs(doc, trailingDoc);
}
