import type { Location, Range } from 'vscode-languageserver/node';
import { TextDocument } from 'vscode-languageserver-textdocument';
import type { SourceFile, Span } from '../../idl/index.js';
import type { DocumentHost } from './documents.js';

/** Spans as the protocol's ranges: each file is split into lines once. */
export class Places {
  readonly #host: DocumentHost;
  readonly #documents = new Map<SourceFile, TextDocument>();

  constructor(host: DocumentHost) {
    this.#host = host;
  }

  range({ file, offset, length }: Span): Range {
    let document = this.#documents.get(file);
    if (document === undefined) {
      document = TextDocument.create(file.path, 'idl', 0, file.text);
      this.#documents.set(file, document);
    }
    return { start: document.positionAt(offset), end: document.positionAt(offset + length) };
  }

  location(span: Span): Location {
    return { uri: this.#host.uriOf(span.file.path), range: this.range(span) };
  }
}
