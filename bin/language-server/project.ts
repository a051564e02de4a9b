import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { TextDocuments } from 'vscode-languageserver/node';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import type { FileHost } from '../../idl/index.js';
import type { Analysis } from '../../idl/analyse.js';
import { analyse } from '../../idl/analyse.js';
import { DocumentHost, pathOf } from './documents.js';

/** What a project is compiled with. */
export interface ProjectSettings {
  /** The folders that are open in the editor. */
  readonly folders: readonly string[];
  /** Absolute, or seen from the first folder. */
  readonly includePaths: readonly string[];
  readonly defines: Readonly<Record<string, string>>;
}

/** In larger projects only so many files are searched for uses of a name. */
const filesMax = 2000;

/** The files of a project as they are now, and what the compiler says of them. */
export class Project {
  readonly host: DocumentHost;
  readonly #open: TextDocuments<TextDocument>;
  #settings: ProjectSettings = { folders: [], includePaths: [], defines: {} };
  readonly #analyses = new Map<string, Analysis>();

  constructor(open: TextDocuments<TextDocument>) {
    this.#open = open;
    this.host = new DocumentHost(open);
  }

  configure(settings: ProjectSettings): void {
    this.#settings = settings;
    this.changed();
  }

  get compileOptions(): {
    readonly includePaths: readonly string[];
    readonly defines: Record<string, string>;
  } {
    const { folders, includePaths, defines } = this.#settings;
    return { includePaths: includePaths.map((path) => resolve(folders[0] ?? '', path)), defines };
  }

  /** To be called after every change of a text: what was said of others may hold no more. */
  changed(): void {
    this.#analyses.clear();
  }

  get openPaths(): readonly string[] {
    return this.#open.all().map(({ uri }) => pathOf(uri));
  }

  /** What the compiler says of a file and of those that it includes. */
  analysis(path: string): Analysis {
    const known = this.#analyses.get(path);
    if (known !== undefined) return known;
    const analysis = this.analyseWith(this.host, path);
    this.#analyses.set(path, analysis);
    return analysis;
  }

  /** The same with other texts, which are not kept. */
  analyseWith(host: FileHost, path: string): Analysis {
    return analyse({ files: [path], host, ...this.compileOptions });
  }

  /** The paths of all IDL files: those in the project's folders, and those that are open. */
  async files(): Promise<string[]> {
    const found = new Map(this.openPaths.map((path) => [this.host.identify(path), path]));
    for (const folder of this.#settings.folders) {
      for await (const path of idlFilesIn(folder)) {
        if (found.size >= filesMax) break;
        const identity = this.host.identify(path);
        if (!found.has(identity)) found.set(identity, path);
      }
    }
    return [...found.values()];
  }
}

async function* idlFilesIn(folder: string): AsyncGenerator<string> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      if (entry.name !== 'node_modules' && !entry.name.startsWith('.')) yield* idlFilesIn(path);
    } else if (entry.isFile() && entry.name.endsWith('.idl')) yield path;
  }
}
