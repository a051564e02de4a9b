import { spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { join } from 'node:path';

const command = fileURLToPath(new URL('../../../bin/bowecho.ts', import.meta.url));
const tsx = import.meta.resolve('tsx');

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: unknown;
  readonly result?: unknown;
  readonly error?: { readonly code: number; readonly message: string };
}

export interface Position {
  readonly line: number;
  readonly character: number;
}

export interface Range {
  readonly start: Position;
  readonly end: Position;
}

export interface ShownDiagnostic {
  readonly code: string;
  readonly message: string;
  readonly range: Range;
}

/** What the server refused a request with. */
export class RequestError extends Error {}

/** An editor, as far as the server sees one: it speaks the protocol's frames to a server in a process of its own. */
export class Client {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #root: string;
  /** Within the root: where the documents of the test at hand are. */
  folder = '';
  readonly #open = new Set<string>();
  #received = Buffer.alloc(0);
  #nextId = 1;
  readonly #pending = new Map<number, (message: Message) => void>();
  readonly #shown = new Map<string, readonly ShownDiagnostic[]>();
  #whenShown: (() => void)[] = [];
  readonly errors: string[] = [];

  constructor(root: string, args: readonly string[] = []) {
    this.#root = root;
    const node = ['--import', tsx, command, 'lsp', ...args];
    this.#child = spawn(process.execPath, node, { cwd: root });
    this.#child.stdout.on('data', (chunk: Buffer) => this.#take(chunk));
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => this.errors.push(text));
  }

  path(name: string): string {
    return join(this.#root, this.folder, name);
  }

  uri(name: string): string {
    return pathToFileURL(this.path(name)).href;
  }

  async initialize(initializationOptions?: unknown): Promise<Record<string, unknown>> {
    const result = await this.request('initialize', {
      processId: process.pid,
      rootUri: null,
      workspaceFolders: [{ uri: pathToFileURL(this.#root).href, name: 'test' }],
      capabilities: { workspace: { didChangeWatchedFiles: { dynamicRegistration: true } } },
      initializationOptions,
    });
    this.notify('initialized', {});
    return result as Record<string, unknown>;
  }

  request(method: string, params: unknown): Promise<unknown> {
    const id = this.#nextId++;
    this.#send({ jsonrpc: '2.0', id, method, params });
    return new Promise((resolve, reject) => {
      this.#pending.set(id, ({ result, error }) => {
        if (error === undefined) resolve(result);
        else reject(new RequestError(error.message));
      });
    });
  }

  /** A request about a place in a document. */
  at(method: string, name: string, position: Position, more: object = {}): Promise<unknown> {
    return this.request(`textDocument/${method}`, {
      textDocument: { uri: this.uri(name) },
      position,
      ...more,
    });
  }

  notify(method: string, params: unknown): void {
    this.#send({ jsonrpc: '2.0', method, params });
  }

  open(name: string, text: string): void {
    this.#open.add(name);
    const textDocument = { uri: this.uri(name), languageId: 'idl', version: 1, text };
    this.notify('textDocument/didOpen', { textDocument });
  }

  change(name: string, ...contentChanges: { range?: Range; text: string }[]): void {
    const textDocument = { uri: this.uri(name), version: this.#nextId++ };
    this.notify('textDocument/didChange', { textDocument, contentChanges });
  }

  shut(name: string): void {
    this.#open.delete(name);
    this.notify('textDocument/didClose', { textDocument: { uri: this.uri(name) } });
  }

  /** Ready for the next, who shall not meet the documents of the last. */
  shutAll(): void {
    for (const name of this.#open) this.shut(name);
  }

  /** Waits until what is shown of a document is next said, and gives it. */
  async shown(name: string): Promise<readonly ShownDiagnostic[]> {
    this.#shown.delete(this.uri(name));
    for (;;) {
      const shown = this.#shown.get(this.uri(name));
      if (shown !== undefined) return shown;
      await new Promise<void>((resolve) => this.#whenShown.push(resolve));
    }
  }

  async close(): Promise<number | null> {
    await this.request('shutdown', null);
    this.notify('exit', null);
    return this.exited();
  }

  async exited(): Promise<number | null> {
    if (this.#child.exitCode === null) await once(this.#child, 'exit');
    return this.#child.exitCode;
  }

  /** The editor is gone without a word. */
  hangUp(): void {
    this.#child.stdin.end();
  }

  /** Bytes as they are, for what no editor would send. */
  sendRaw(bytes: string): void {
    this.#child.stdin.write(bytes);
  }

  kill(): void {
    this.#child.kill();
  }

  #send(message: object): void {
    const text = JSON.stringify(message);
    this.sendRaw(`Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`);
  }

  #take(chunk: Buffer): void {
    this.#received = Buffer.concat([this.#received, chunk]);
    for (;;) {
      const end = this.#received.indexOf('\r\n\r\n');
      if (end < 0) return;
      const length = Number(/Content-Length: (\d+)/i.exec(this.#received.toString('ascii', 0, end))![1]);
      const start = end + 4;
      if (this.#received.length < start + length) return;
      const text = this.#received.toString('utf8', start, start + length);
      this.#received = this.#received.subarray(start + length);
      this.#handle(JSON.parse(text) as Message);
    }
  }

  #handle(message: Message): void {
    if (message.method === undefined) {
      this.#pending.get(message.id!)?.(message);
      this.#pending.delete(message.id!);
    } else if (message.id !== undefined) {
      // What the server asks for, such as to be told of changed files, it gets.
      this.#send({ jsonrpc: '2.0', id: message.id, result: null });
    } else if (message.method === 'textDocument/publishDiagnostics') {
      const { uri, diagnostics } = message.params as { uri: string; diagnostics: ShownDiagnostic[] };
      this.#shown.set(uri, diagnostics);
      const waiting = this.#whenShown;
      this.#whenShown = [];
      for (const resolve of waiting) resolve();
    }
  }
}

/** The text without its `|` marks, and where they were. */
export function marked(text: string): { text: string; marks: Position[] } {
  const parts = text.split('|');
  let before = '';
  const marks = parts.slice(0, -1).map((part) => {
    before += part;
    const lines = before.split('\n');
    return { line: lines.length - 1, character: lines.at(-1)!.length };
  });
  return { text: parts.join(''), marks };
}
