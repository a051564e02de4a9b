import type { Connection, InitializeParams, InitializeResult } from 'vscode-languageserver/node';
import {
  DidChangeWatchedFilesNotification,
  TextDocuments,
  TextDocumentSyncKind,
} from 'vscode-languageserver/node';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { format } from '../../idl/index.js';
import { completionsAt } from './completion.js';
import type { Cursor } from './cursor.js';
import { cursorAt } from './cursor.js';
import { diagnosticsOf } from './diagnostics.js';
import { pathOf } from './documents.js';
import { hoverAt } from './hover.js';
import { definitionsAt, referencesAt } from './navigation.js';
import { Project } from './project.js';
import { renameAt, renameRangeAt } from './rename.js';
import { symbolsOf } from './symbols.js';

/** What the command line, or the client at its start, says of the project. */
export interface ServerSettings {
  readonly includePaths: readonly string[];
  readonly defines: Readonly<Record<string, string>>;
}

/** Typing is not answered key by key: what is wrong is shown once the text rests for so long. */
const restMs = 150;

/** Serves one client until it closes the connection. */
export function serve(connection: Connection, settings: ServerSettings): void {
  new Server(connection, settings).listen();
}

class Server {
  readonly #connection: Connection;
  readonly #settings: ServerSettings;
  readonly #open = new TextDocuments(TextDocument);
  readonly #project = new Project(this.#open);
  #timer: NodeJS.Timeout | undefined;
  /** URIs for which something is shown: to be cleared when there is nothing more. */
  #shown = new Set<string>();
  #watchesFiles = false;

  constructor(connection: Connection, settings: ServerSettings) {
    this.#connection = connection;
    this.#settings = settings;
  }

  listen(): void {
    const connection = this.#connection;
    connection.onInitialize((params) => this.#initialize(params));
    connection.onInitialized(() => this.#watchFiles());
    connection.onDidChangeWatchedFiles(() => this.#changed());
    this.#open.onDidChangeContent(() => this.#changed());
    this.#open.onDidClose(() => this.#changed());
    this.#answerRequests();
    this.#open.listen(connection);
    connection.listen();
  }

  #initialize({
    workspaceFolders,
    rootUri,
    initializationOptions,
    capabilities,
  }: InitializeParams): InitializeResult {
    const uris = workspaceFolders?.map(({ uri }) => uri) ?? (rootUri == null ? [] : [rootUri]);
    const { includePaths, defines } = settingsOf(initializationOptions);
    this.#project.configure({
      folders: uris.map(pathOf),
      includePaths: [...this.#settings.includePaths, ...includePaths],
      defines: { ...this.#settings.defines, ...defines },
    });
    this.#watchesFiles = capabilities.workspace?.didChangeWatchedFiles?.dynamicRegistration === true;
    return {
      serverInfo: { name: 'bowecho' },
      capabilities: {
        textDocumentSync: TextDocumentSyncKind.Incremental,
        hoverProvider: true,
        definitionProvider: true,
        referencesProvider: true,
        renameProvider: { prepareProvider: true },
        completionProvider: { triggerCharacters: ['@', ':', '#'] },
        documentFormattingProvider: true,
        documentSymbolProvider: true,
      },
    };
  }

  #watchFiles(): void {
    if (!this.#watchesFiles) return;
    void this.#connection.client.register(DidChangeWatchedFilesNotification.type, {
      watchers: [{ globPattern: '**/*.idl' }],
    });
  }

  #changed(): void {
    this.#project.changed();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#showDiagnostics(), restMs);
  }

  #showDiagnostics(): void {
    const found = diagnosticsOf(this.#project);
    const now = new Set(found.map(({ uri }) => uri));
    const gone = [...this.#shown].filter((uri) => !now.has(uri));
    for (const params of [...found, ...gone.map((uri) => ({ uri, diagnostics: [] }))]) {
      void this.#connection.sendDiagnostics(params);
    }
    this.#shown = now;
  }

  #answerRequests(): void {
    const connection = this.#connection;
    const project = this.#project;
    connection.onHover((params) => this.#at(params, (cursor) => hoverAt(project, cursor)));
    connection.onDefinition((params) => this.#at(params, (cursor) => definitionsAt(project, cursor)));
    connection.onReferences((params, token) =>
      this.#at(params, (cursor) => referencesAt(project, cursor, params.context.includeDeclaration, token)),
    );
    connection.onPrepareRename((params) => this.#at(params, (cursor) => renameRangeAt(project, cursor)));
    connection.onRenameRequest((params, token) =>
      this.#at(params, (cursor) => renameAt(project, cursor, params.newName, token)),
    );
    connection.onCompletion((params) => this.#at(params, completionsAt));
    connection.onDocumentSymbol(({ textDocument: { uri } }) => {
      if (this.#open.get(uri) === undefined) return null;
      return symbolsOf(project, project.analysis(pathOf(uri)));
    });
    connection.onDocumentFormatting(({ textDocument: { uri } }) => {
      const document = this.#open.get(uri);
      if (document === undefined) return null;
      const { text } = format({ file: pathOf(uri), host: project.host, ...project.compileOptions });
      // What cannot be read is left alone; its errors are shown already.
      if (text === undefined || text === document.getText()) return [];
      const end = document.positionAt(document.getText().length);
      return [{ range: { start: { line: 0, character: 0 }, end }, newText: text }];
    });
  }

  #at<T>(
    {
      textDocument,
      position,
    }: { textDocument: { uri: string }; position: { line: number; character: number } },
    answer: (cursor: Cursor) => T,
  ): T | null {
    const cursor = cursorAt(this.#project, this.#open, textDocument.uri, position);
    return cursor === undefined ? null : (answer(cursor) ?? null);
  }
}

/** The client's options, of which nothing is certain. */
function settingsOf(options: unknown): ServerSettings {
  const given = typeof options === 'object' && options !== null ? options : {};
  const includePaths = 'includePaths' in given && Array.isArray(given.includePaths) ? given.includePaths : [];
  const defines = 'defines' in given && typeof given.defines === 'object' ? (given.defines ?? {}) : {};
  return {
    includePaths: includePaths.filter((path) => typeof path === 'string'),
    defines: Object.fromEntries(Object.entries(defines).map(([name, value]) => [name, String(value)])),
  };
}
