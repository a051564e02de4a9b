import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { command } from './commands.js';

/** Bytes that a host's link has carried. */
export interface LinkBytes {
  readonly sent: number;
  readonly received: number;
}

/** Namespaces and folders are named by the process that made them, so that those which a killed one left behind can be told, and swept. */
const prefix = 'bowecho-';
/** Unlike the files of domains in shared memory, which go on with the number of their user. */
const folderPrefix = 'bowecho-hosts-';
const sharedFolder = '/dev/shm';
const burstBytes = 128 * 1024;
/** Waiting packets a port: what a switch with little memory has. */
const queueBytes = 512 * 1024;
/**
 * How senders find their pace. The machine's own choice may be one that times how fast packets leave, and takes links that `tc` makes for far faster ones (bbr does). A kernel permits this one
 * in every namespace; where nothing is lost, it does as the usual one does (cubic).
 */
const congestionControl = 'reno';

export interface HostOptions {
  /** Limits each link in both directions, in the words of tc (`100mbit`); each host that sends to one gets its share of that one's link. */
  readonly rate?: string | undefined;
  /** The rack of each host, by number from 0: each has a switch of its own, and a link (with this rate) to the one between them. Without, all are on one switch. */
  readonly racks?: readonly number[] | undefined;
  readonly uplinkRate?: string | undefined;
  /** What names stand for, to programs that `machine` starts: hosts by number, one or several. */
  readonly names?: Readonly<Record<string, readonly number[]>> | undefined;
}

/**
 * Hosts on this machine: network namespaces, each joined by a link to one switch, or to that of its rack. Links can be slow, be cut, and the whole be parted. Needs root (or
 * `unshare -Urnm`) and iproute2.
 *
 * @example
 * const hosts = Hosts.open(3, { rate: '100mbit' });
 * const child = fork(script, { ...hosts.within(0) });   // a Node process on the first host
 * hosts.part([[0, 1], [2]]);
 * hosts.close();
 */
export class Hosts {
  readonly #switch: string;
  readonly #names: readonly string[];
  readonly #racks: readonly number[] | undefined;
  /** What each host has for `/dev/shm`, where it has one of its own. */
  readonly #shared: string;
  /** What each has for `/etc/hosts`, where names are given. */
  readonly #nameTable: string | undefined;

  /** Makes `count` hosts. */
  static open(count: number, { rate, racks, uplinkRate, names }: HostOptions = {}): Hosts {
    sweep();
    const hosts = new Hosts(count, racks, names);
    try {
      hosts.#make(rate, uplinkRate);
    } catch (error) {
      hosts.close();
      throw error;
    }
    return hosts;
  }

  /** Why hosts cannot be made here; undefined where they can. */
  static get absent(): string | undefined {
    try {
      new Hosts(0).#probe();
      return undefined;
    } catch (error) {
      return `no network namespaces: ${(error as Error).message}`;
    }
  }

  private constructor(count: number, racks?: readonly number[], names?: HostOptions['names']) {
    this.#racks = racks;
    this.#switch = `${prefix}${process.pid}-switch`;
    this.#shared = join(sharedFolder, `${folderPrefix}${process.pid}`);
    this.#names = Array.from({ length: count }, (_, host) => `${prefix}${process.pid}-${host}`);
    this.#nameTable = names && this.#tableOf(names);
  }

  /** Under which the others reach that host. */
  address(host: number): string {
    return `10.77.0.${host + 1}`;
  }

  /** How a process is started on that host: options for `fork`. */
  within(host: number): { execPath: string; execArgv: string[] } {
    return { execPath: 'ip', execArgv: ['netns', 'exec', this.#names[host]!, process.execPath] };
  }

  /** A command that runs the program that follows it on that host, with a `/dev/shm` that only programs see which it runs there, and the names that were given. */
  machine(host: number): string[] {
    const shared = join(this.#shared, String(host));
    mkdirSync(shared, { recursive: true });
    const named = this.#nameTable === undefined ? '' : `mount --bind ${this.#nameTable} /etc/hosts && `;
    const run = `${named}mount --bind ${shared} /dev/shm && exec "$@"`;
    return ['ip', 'netns', 'exec', this.#names[host]!, 'sh', '-c', run, 'sh'];
  }

  #tableOf(names: NonNullable<HostOptions['names']>): string {
    const lines = Object.entries(names).flatMap(([name, hosts]) =>
      hosts.map((host) => `${this.address(host)} ${name}\n`),
    );
    mkdirSync(this.#shared, { recursive: true });
    const table = join(this.#shared, 'names');
    writeFileSync(table, lines.join(''));
    return table;
  }

  /** What processes of one host have sent each other by the network, headers included. */
  loopbackBytes(host: number): number {
    const [link] = JSON.parse(command(`ip -n ${this.#names[host]!} -s -j link show lo`)) as [
      { stats64: { tx: { bytes: number } } },
    ];
    return link.stats64.tx.bytes;
  }

  /** Hosts of different groups do not hear each other any more; connections stay as they are. */
  part(groups: readonly (readonly number[])[]): void {
    groups.forEach((group, bridge) => {
      this.#bridge(bridge);
      for (const host of group) command(`ip -n ${this.#switch} link set p${host} master br${bridge}`);
    });
  }

  /** All hear each other again. */
  heal(): void {
    this.#names.forEach((_, host) =>
      command(`ip -n ${this.#switch} link set p${host} master ${this.#bridgeOf(host)} up`),
    );
  }

  /** Cuts a host off, as if its cable were pulled. */
  cut(host: number): void {
    command(`ip -n ${this.#switch} link set p${host} down`);
  }

  /** What the link of a host has carried since it was made, headers included. */
  bytes(host: number): LinkBytes {
    return this.#bytesOf(`p${host}`);
  }

  /** The same of the link between the switch of a rack and the others: what the rack has sent, and received. */
  uplinkBytes(rack: number): LinkBytes {
    return this.#bytesOf(`u${rack}`);
  }

  #bytesOf(port: string): LinkBytes {
    const [link] = JSON.parse(command(`ip -n ${this.#switch} -s -j link show ${port}`)) as [
      { stats64: { rx: { bytes: number }; tx: { bytes: number } } },
    ];
    return { sent: link.stats64.rx.bytes, received: link.stats64.tx.bytes };
  }

  /** Kills what still runs on the hosts, and removes them. */
  close(): void {
    for (const name of [this.#switch, ...this.#names]) remove(name);
    removeFolder(this.#shared);
  }

  #probe(): void {
    command(`ip netns add ${this.#switch}`);
    remove(this.#switch);
  }

  #make(rate: string | undefined, uplinkRate: string | undefined): void {
    command(`ip netns add ${this.#switch}`);
    this.#bridge(0);
    for (const rack of new Set(this.#racks)) this.#uplink(rack, uplinkRate);
    this.#names.forEach((name, host) => {
      command(`ip netns add ${name}`);
      command(`ip -n ${this.#switch} link add p${host} type veth peer name e0 netns ${name}`);
      command(`ip -n ${this.#switch} link set p${host} master ${this.#bridgeOf(host)} up`);
      command(`ip -n ${name} link set lo up`);
      command(`ip -n ${name} address add ${this.address(host)}/24 dev e0`);
      command(`ip -n ${name} link set e0 up`);
      command(`ip netns exec ${name} sysctl -qw net.ipv4.tcp_congestion_control=${congestionControl}`);
      if (rate === undefined) return;
      this.#limit(`tc -n ${name}`, 'e0', rate);
      this.#limit(`tc -n ${this.#switch}`, `p${host}`, rate);
      this.#share(host, rate);
    });
  }

  /** The switch of a rack, and its link to the one between them. */
  #uplink(rack: number, rate: string | undefined): void {
    this.#bridge(rack + 1);
    command(`ip -n ${this.#switch} link add u${rack} type veth peer name d${rack}`);
    command(`ip -n ${this.#switch} link set u${rack} master br0 up`);
    command(`ip -n ${this.#switch} link set d${rack} master br${rack + 1} up`);
    if (rate === undefined) return;
    this.#limit(`tc -n ${this.#switch}`, `u${rack}`, rate);
    this.#limit(`tc -n ${this.#switch}`, `d${rack}`, rate);
  }

  #bridgeOf(host: number): string {
    return `br${this.#racks === undefined ? 0 : this.#racks[host]! + 1}`;
  }

  #bridge(number: number): void {
    const known = command(`ip -n ${this.#switch} -o link show type bridge`).includes(`br${number}:`);
    if (known) return;
    command(`ip -n ${this.#switch} link add br${number} type bridge stp_state 0 forward_delay 0`);
    command(`ip -n ${this.#switch} link set br${number} up`);
  }

  #limit(tc: string, device: string, rate: string): void {
    command(`${tc} qdisc add dev ${device} root handle 1: htb default 199`);
    command(
      `${tc} class add dev ${device} parent 1: classid 1:1 htb rate ${rate} ceil ${rate} quantum 60000 burst ${burstBytes} cburst ${burstBytes}`,
    );
    this.#queue(tc, device, 99, rate);
  }

  /** A plain queue is unfair to some of those who send to one host at a time: each gets one of its own. */
  #share(host: number, rate: string): void {
    const tc = `tc -n ${this.#switch}`;
    this.#names.forEach((_, from) => {
      this.#queue(tc, `p${host}`, from, rate);
      command(
        `${tc} filter add dev p${host} parent 1: protocol ip prio 1 u32 match ip src ${this.address(from)}/32 flowid 1:1${from}`,
      );
    });
  }

  #queue(tc: string, device: string, number: number, rate: string): void {
    command(
      `${tc} class add dev ${device} parent 1:1 classid 1:1${number} htb rate 1mbit ceil ${rate} quantum 3000 burst 16k cburst ${burstBytes}`,
    );
    command(`${tc} qdisc add dev ${device} parent 1:1${number} bfifo limit ${queueBytes}`);
  }
}

/** Removes what processes that are no more have left behind. */
function sweep(): void {
  for (const line of command('ip netns list').split('\n')) {
    const [name] = line.split(' ') as [string];
    if (isLeft(name, prefix)) remove(name);
  }
  for (const name of readdirSync(sharedFolder)) {
    if (isLeft(name, folderPrefix)) removeFolder(join(sharedFolder, name));
  }
}

/** Whether what has this name was made by a process that is no more, whose number comes after the prefix. */
function isLeft(name: string, prefix: string): boolean {
  const [maker] = /^\d+/.exec(name.startsWith(prefix) ? name.slice(prefix.length) : '') ?? [];
  return maker !== undefined && !isAlive(Number(maker));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function remove(name: string): void {
  try {
    const pids = command(`ip netns pids ${name}`).split('\n').filter(Boolean);
    for (const pid of pids) process.kill(Number(pid), 'SIGKILL');
    command(`ip netns delete ${name}`);
  } catch {
    // It was not there.
  }
}

function removeFolder(path: string): void {
  rmSync(path, { recursive: true, force: true });
}
