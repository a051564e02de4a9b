import type { DiagnosticLog } from './diagnostic.js';
import type { FileHost } from './file-host.js';
import type { Span } from './source.js';
import { SourceFile } from './source.js';

/** Finds and reads files; what cannot be read is reported. */
export class FileLoader {
  readonly #log: DiagnosticLog;
  readonly #host: FileHost;
  readonly #paths = new Map<string, string>();

  constructor(log: DiagnosticLog, host: FileHost) {
    this.#log = log;
    this.#host = host;
  }

  /** The path under which a file is known: that by which it was first found, whatever others it has. */
  pathOf(path: string): string {
    const identity = this.#host.identify?.(path) ?? path;
    const known = this.#paths.get(identity);
    if (known !== undefined) return known;
    this.#paths.set(identity, path);
    return path;
  }

  /** A file's text; `undefined` where there is none, which is an error unless it is one of several places to look in. */
  load(path: string, includedAt: Span | undefined): SourceFile | undefined {
    const at = (): Span => includedAt ?? { file: new SourceFile(path, ''), offset: 0, length: 0 };
    let content: Uint8Array | undefined;
    try {
      content = this.#host.read(path);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#log.report('IDL1001', at(), `The file '${path}' cannot be read: ${reason}.`);
      return undefined;
    }
    if (content === undefined) {
      if (includedAt === undefined) {
        this.#log.report('IDL1001', at(), `There is no file '${path}'. Check its name and folder.`);
      }
      return undefined;
    }
    try {
      const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(content);
      return new SourceFile(path, text, includedAt);
    } catch {
      // Read all the same, so that its other errors are shown too.
      const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(content);
      const file = new SourceFile(path, text, includedAt);
      const offset = Math.max(0, text.indexOf('\ufffd'));
      const message = `The file '${path}' is not valid UTF-8 (first here): save it as UTF-8.`;
      this.#log.report('IDL1002', { file, offset, length: 1 }, message);
      return new SourceFile(path, text.replaceAll('\ufffd', ' '), includedAt);
    }
  }
}
