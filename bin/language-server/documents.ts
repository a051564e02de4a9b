import { fileURLToPath, pathToFileURL } from 'node:url';
import type { TextDocuments } from 'vscode-languageserver/node';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import type { FileHost } from '../../idl/index.js';
import { diskHost } from '../../idl/index.js';

/** The path by which the compiler knows a document: that of its file or, where it has none, its URI. */
export function pathOf(uri: string): string {
  try {
    return uri.startsWith('file:') ? fileURLToPath(uri).replaceAll('\\', '/') : uri;
  } catch {
    return uri;
  }
}

/** The disk, with the documents that are open in the editor in place of what was saved. */
export class DocumentHost implements FileHost {
  readonly #open: TextDocuments<TextDocument>;
  readonly #encoder = new TextEncoder();

  constructor(open: TextDocuments<TextDocument>) {
    this.#open = open;
  }

  read(path: string): Uint8Array | undefined {
    const document = this.openAt(path);
    return document === undefined ? diskHost.read(path) : this.#encoder.encode(document.getText());
  }

  identify(path: string): string {
    return diskHost.identify!(path);
  }

  /** The URI by which the client knows a file: its own where the file is open. */
  uriOf(path: string): string {
    return this.openAt(path)?.uri ?? defaultUriOf(path);
  }

  openAt(path: string): TextDocument | undefined {
    const direct = this.#open.get(defaultUriOf(path));
    if (direct !== undefined) return direct;
    const identity = this.identify(path);
    return this.#open.all().find(({ uri }) => this.identify(pathOf(uri)) === identity);
  }
}

function defaultUriOf(path: string): string {
  return path.startsWith('/') || /^[A-Za-z]:\//.test(path) ? pathToFileURL(path).href : path;
}
