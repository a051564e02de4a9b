import { randomInt } from 'node:crypto';
import type { Council, Follower, MemberId } from '../../transport/index.js';
import type { FoundDisk, Restart, Waiting } from '../membership/restart.js';
import type { Json, Member, View } from '../membership/view.js';
import type { ViewRecord } from '../membership/view-record.js';
import { asInfo } from './admission.js';
import type { Gatekeeper } from './gatekeeper.js';
import type { Storage } from './storage.js';
import { decodeReport, decodeWord, encodeWelcome, type MemberInfo, type Report, type Word } from './wire.js';

/** So often those who wait for disks that are missing are asked again. */
const againMs = 200;
/** Who has waited for so long says so: the others may be about to come. */
const silentMs = 1_000;

/** This member has recorded a restart's view, and does not know what became of it: whoever it is in there, it must be somebody else to look again. */
export class StartOver extends Error {
  override readonly name = 'StartOver';
}

/** One that is here, and what it has. */
interface Present {
  readonly member: Omit<Member, 'applied'>;
  readonly found: FoundDisk | undefined;
  /** Undefined: myself. */
  readonly follower: Follower | undefined;
}

/**
 * How those who find nobody of a domain of several hosts begin it (protocol.md, section 8): who leads asks the others what their disks have, decides by the rules
 * of `planRestart`, lets everyone record the restart's view, and only then uses it, with all whose disks have it as members. Until enough disks are there,
 * all wait, and say for which. Where nobody has kept anything, who leads founds the domain for the first time.
 */
export class RestartCouncil implements Council {
  /** With what the domain begins again, where this member leads. */
  view: View | undefined;
  readonly #domain: string;
  readonly #member: { id: MemberId; info: Json };
  readonly #storage: Storage | undefined;
  readonly #expected: number;
  readonly #gatekeeper: Gatekeeper;
  #recorded: ViewRecord | undefined;
  #waitsFor: string | undefined;
  #toldOf: string | undefined;
  readonly #beganMs = performance.now();
  /** One thing after another: a disk has one leader at a time. */
  #work: Promise<unknown> = Promise.resolve();

  /** `storage` is there where its folder has views. Of `expected` members more than half have to be there before a domain is founded for the first time. */
  constructor(
    domain: string,
    member: { id: MemberId; info: Json },
    storage: Storage | undefined,
    expected: number,
    gatekeeper: Gatekeeper,
  ) {
    this.#gatekeeper = gatekeeper;
    this.#domain = domain;
    this.#member = member;
    this.#storage = storage;
    this.#expected = expected;
  }

  /** Nothing more is done to the disk, once this resolves and nobody asks any more. */
  async settled(): Promise<void> {
    await this.#work.catch(() => undefined);
  }

  /** For which disks this member waits in vain; undefined where it waits for something else. */
  async whomItWaitsFor(): Promise<string | undefined> {
    if (this.#waitsFor !== undefined || this.#storage === undefined) return this.#waitsFor;
    const { planRestart } = await import('../membership/restart.js');
    const decision = planRestart([(await this.#report()).found!], false);
    return Array.isArray(decision) ? namesOf(decision) : undefined;
  }

  /** Let in with `view`: goes on with it, where it is the one that this member has recorded. */
  async goOn(view: View): Promise<void> {
    if (this.#recorded?.view.domain === view.domain && this.#recorded.view.viewId === view.viewId)
      await this.#storage!.views.goOn(view.viewId);
  }

  // ---- following ----

  follow(text: string): Promise<string> {
    return this.#next(async () => {
      const word = decodeWord(text);
      if (word.kind === 'report') return JSON.stringify(await this.#report());
      if (word.kind === 'wait') this.#tell(word.waitsFor);
      else await this.#record(word.record);
      return '';
    });
  }

  released(): void {
    if (this.#recorded !== undefined) throw new StartOver();
  }

  // ---- leading ----

  lead(followers: readonly Follower[], mayFound: boolean): Promise<boolean> {
    return this.#next(async () => {
      const { planRestart } = await import('../membership/restart.js');
      const present = await this.#ask(followers);
      const found = present.flatMap(({ found: disk }) => disk ?? []);
      const decision = planRestart(found, false);
      if (decision === undefined) return mayFound && present.length * 2 > this.#expected;
      if (!Array.isArray(decision)) return await this.#begin(decision, present);
      await this.#wait(decision, followers);
      return false;
    });
  }

  async #ask(followers: readonly Follower[]): Promise<Present[]> {
    const own = await this.#report();
    const others = await Promise.all(
      followers.map(async (follower): Promise<Present | undefined> => {
        try {
          const { info, found } = decodeReport(await follower.ask(say({ kind: 'report' })));
          // It is told so at the door, once that is open. Of what it says of itself, each link sees what is true.
          if (this.#gatekeeper.refusal(asInfo<MemberInfo>(info)) !== undefined) return undefined;
          return { member: { id: follower.id, info }, found, follower };
        } catch {
          // Gone, or as good as gone.
          return undefined;
        }
      }),
    );
    const all = [
      { member: this.#member, found: own.found, follower: undefined },
      ...others.filter((other) => other !== undefined),
    ];
    return all.map((one) =>
      one.found === undefined ? one : { ...one, member: { ...one.member, disk: one.found.disk } },
    );
  }

  async #wait(decision: readonly Waiting[], followers: readonly Follower[]): Promise<void> {
    const waitsFor = namesOf(decision);
    this.#tell(waitsFor);
    await Promise.allSettled(followers.map((follower) => follower.ask(say({ kind: 'wait', waitsFor }))));
    await new Promise((resolve) => setTimeout(resolve, againMs));
  }

  /** True once everyone that the plan counts on has recorded the view; they are members of it then. */
  async #begin(restart: Restart, present: readonly Present[]): Promise<boolean> {
    const { RestartCourse } = await import('../membership/restart-course.js');
    const course = new RestartCourse(restart, randomInt(1, 2 ** 47), () => false);
    const taking = present.filter(({ found, follower }) => follower === undefined || found !== undefined);
    const record = course.recordFor(taking.map(({ member }) => ({ ...member, applied: 0 })));
    const recording = taking.map(async ({ found, follower }) => {
      if (follower === undefined) await this.#record(record);
      else await follower.ask(say({ kind: 'record', record }));
      if (found !== undefined) course.preparedOn(found.disk);
    });
    const failed = (await Promise.allSettled(recording)).find(({ status }) => status === 'rejected');
    if (failed !== undefined || !course.mayBegin) return false;
    this.view = record.view;
    for (const { follower } of taking) follower?.welcome(encodeWelcome(record.view));
    return true;
  }

  // ---- both ----

  async #report(): Promise<Report> {
    const { info } = this.#member;
    if (this.#storage === undefined) return { info };
    const { readDisk } = await import('../durability/found-disk.js');
    return { info, found: await readDisk(this.#storage.folder, await this.#storage.disk(false)) };
  }

  async #record(record: ViewRecord): Promise<void> {
    if (this.#storage === undefined) return;
    const { recordView } = await import('../durability/found-disk.js');
    await recordView(this.#storage.folder, record);
    this.#recorded = record;
  }

  #tell(waitsFor: string): void {
    if (this.#toldOf !== waitsFor && performance.now() - this.#beganMs > silentMs) {
      this.#toldOf = waitsFor;
      process.emitWarning(`domain ${this.#domain} waits for ${waitsFor}`, {
        type: 'BowechoWarning',
        code: 'BE_RESTART_WAITS',
      });
    }
    this.#waitsFor = waitsFor;
  }

  #next<T>(work: () => Promise<T>): Promise<T> {
    const next = this.#work.then(work, work);
    this.#work = next.catch(() => undefined);
    return next;
  }
}

function namesOf(decision: readonly Waiting[]): string {
  return decision.map(({ disks, why }) => `${disks.join(', ')} (${why})`).join('; ');
}

function say(word: Word): string {
  return JSON.stringify(word);
}
