import type { Restart, RestartTopic } from './restart.js';
import { restartRecord } from './restart.js';
import type { Member } from './view.js';
import type { ViewRecord } from './view-record.js';

/** A log that is brought to the end of its topic, before the restart's view says that it goes there. */
export interface TopUp {
  readonly disk: string;
  readonly topic: RestartTopic;
}

/**
 * One attempt to begin a domain again (protocol.md, section 8): logs are topped up; then every disk that is there records the restart's view; and only then is it
 * used. It may end anywhere: what is on the disks by then is what the next attempt begins with.
 */
export class RestartCourse {
  readonly restart: Restart;
  readonly topUps: readonly TopUp[];
  readonly #domain: number;
  readonly #unprepared: Set<string>;
  readonly #whole = new Map<string, Set<string>>();

  /** `stores` says which of the disks are to have which topics, beside those whose logs go to the end already. `domain` is random. */
  constructor(restart: Restart, domain: number, stores: (disk: string, topic: string) => boolean) {
    this.restart = restart;
    this.#domain = domain;
    this.#unprepared = new Set(restart.disks);
    for (const { topic, from } of restart.topics)
      this.#whole.set(topic, new Set(from.map(({ disk }) => disk)));
    this.topUps = restart.topics.flatMap((topic) =>
      restart.disks
        .filter((disk) => !this.#whole.get(topic.topic)!.has(disk) && stores(disk, topic.topic))
        .map((disk) => ({ disk, topic })),
    );
  }

  toppedUp({ disk, topic }: TopUp): void {
    this.#whole.get(topic.topic)!.add(disk);
  }

  /** What every disk is to record, once the logs are topped up. `members` are those who go on, in rank order. */
  recordFor(members: Member[]): ViewRecord {
    return restartRecord(this.restart, this.#domain, members, ({ topic }) => [...this.#whole.get(topic)!]);
  }

  /** The record is durable on that disk. */
  preparedOn(disk: string): void {
    this.#unprepared.delete(disk);
  }

  /** Every disk that is there has the record: the view may be used. */
  get mayBegin(): boolean {
    return this.#unprepared.size === 0;
  }
}
