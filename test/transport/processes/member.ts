import { MemoryHost } from '../../../transport/memory/host.js';
import type { MemoryHostOptions } from '../../../transport/memory/host.js';
import { TcpHost } from '../../../transport/tcp/host.js';
import type { TcpHostOptions } from '../../../transport/tcp/options.js';
import { MixedHost } from '../../../transport/mixed/host.js';
import type { MixedHostOptions } from '../../../transport/mixed/host.js';
import { openHost } from '../../../transport/open-host.js';
import type { OpenHostOptions } from '../../../transport/open-host.js';
import { SeededRandom } from '../../../transport/simulated/random.js';
import type { Host } from '../../../transport/host.js';
import type { Region } from '../../../transport/transport.js';
import { answerCalls } from './called-process.js';

/** Of a member that shares memory with its neighbours. */
export type SharingOptions = MixedHostOptions & { readonly sharePages: true };

/** Of a member whose domain is an address. */
export type AddressOptions = OpenHostOptions & { readonly domain: string };

/** A member in a process of its own, driven by the test through the channel of `fork`; see member-process.ts. */
let host: Host;
const regions = new Map<string, Region>();
const greetings: string[] = [];

const methods = {
  open: async (options: MemoryHostOptions | TcpHostOptions | SharingOptions | AddressOptions) => {
    if ('sharePages' in options) host = await MixedHost.open(options);
    else if ('address' in options) host = await TcpHost.open(options);
    else if (options.domain.startsWith('rdma:')) host = await openHost(options.domain, options);
    else host = await MemoryHost.open(options);
    return host.self;
  },
  address: () => host.address!,
  subject: () => host.subject ?? null,
  introduce: (peer: number, address: string, subject: string | null = null) => {
    host.introduce!(peer, address, subject ?? undefined);
  },
  /** A heart that beats in the first counter of a region. */
  beat: (name: string) => {
    host.startHeartbeat(regions.get(name)!.memory, 0);
  },
  /** Blocks the event loop, busily. */
  compute: (ms: number) => {
    spin(ms * 1000);
  },
  meet: async (greeting: string, timeoutMs: number) => await host.meet(greeting, { timeoutMs }),
  openDoor: (reply: 'welcome' | 'refuse' | 'nothing') => {
    host.openDoor((stranger, greeting, answer) => {
      greetings.push(greeting);
      if (reply === 'welcome') answer({ welcome: `${host.self} welcomes ${stranger}` });
      if (reply === 'refuse') answer({ refused: `${host.self} refuses ${stranger}` });
    });
  },
  greetings: () => greetings,
  allocate: (name: string, byteLength: number, peers: number[]) => {
    regions.set(name, host.allocate(name, byteLength, peers));
  },
  store: (name: string, index: number, value: number) => {
    const region = regions.get(name)!;
    region.memory.f64[index] = value;
    region.put(index * 8, index * 8 + 8);
    host.flush();
  },
  read: (owner: number, name: string, byteLength: number, index: number) =>
    host.attach(owner, name, byteLength)?.memory.f64[index],
  storeInReplica: (owner: number, name: string, byteLength: number) => {
    host.attach(owner, name, byteLength)!.memory.f64[0] = 1;
  },
  watch: (peer: number) => {
    host.watch(peer);
  },
  traffic: () => host.traffic!(),
  isDead: (peer: number) => host.isDead(peer),
  pingPong,
  close: async () => {
    await host.close();
  },
  exit: () => {
    setImmediate(() => process.exit());
  },
};

export type MemberMethods = typeof methods;

/** Plays `rounds` rounds with `peer`, and sleeps wherever it has to wait; gives how often it slept. */
async function pingPong(
  peer: number,
  rounds: number,
  serves: boolean,
  seed: number,
  name = 'ball',
): Promise<number> {
  const random = new SeededRandom(seed);
  const mine = host.allocate(name, 64, [peer]);
  let theirs = host.attach(peer, name, 64);
  while (theirs === undefined) {
    await new Promise((resolve) => setTimeout(resolve, 1));
    theirs = host.attach(peer, name, 64);
  }
  const ball = theirs.memory.f64;
  let wake: () => void = () => undefined;
  host.onBell(() => {
    wake();
  });
  let sleeps = 0;
  for (let round = 1; round <= rounds; round++) {
    if (serves) {
      if (random.below(100) < 10) await pause();
      play(round);
    }
    // Now and then it keeps looking for so long that the other's answer finds it awake; else it goes to sleep at about the moment
    // at which an answer comes from one that is awake. That is where a wake-up could be lost.
    const patience = random.below(3) === 0 ? 200_000 : random.below(300);
    for (let looks = 0; looks < patience && ball[0]! < round; looks++);
    while (ball[0]! < round) {
      host.raiseSleeping();
      if (ball[0]! < round) {
        sleeps++;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      host.lowerSleeping();
    }
    if (!serves) {
      if (random.below(100) < 10) await pause();
      play(round);
    }
  }
  return sleeps;

  function play(round: number): void {
    mine.memory.f64[0] = round;
    mine.put(0, 8);
    host.flush();
  }

  async function pause(): Promise<void> {
    const chance = random.below(3);
    if (chance === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    else if (chance === 1) await new Promise((resolve) => setImmediate(resolve));
    else spin(random.below(100));
  }
}

function spin(us: number): void {
  const end = performance.now() + us / 1000;
  while (performance.now() < end);
}

answerCalls(methods);
