import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** Directories of a test's own, so that what is left behind shows. Memory stays in memory: both are under /dev/shm. */
export class Sandbox {
  readonly path = mkdtempSync('/dev/shm/bowecho-test-');
  readonly runtimeDirectory = join(this.path, 'run');
  readonly segmentDirectory = join(this.path, 'shm');

  constructor() {
    mkdirSync(this.runtimeDirectory, { mode: 0o700 });
    mkdirSync(this.segmentDirectory, { mode: 0o700 });
  }

  get options(): { runtimeDirectory: string; segmentDirectory: string } {
    return { runtimeDirectory: this.runtimeDirectory, segmentDirectory: this.segmentDirectory };
  }

  /** Every file that is there. */
  files(): string[] {
    return [this.runtimeDirectory, this.segmentDirectory].flatMap((directory) =>
      readdirSync(directory, { recursive: true, withFileTypes: true })
        .filter((entry) => !entry.isDirectory())
        .map((entry) => entry.name),
    );
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
