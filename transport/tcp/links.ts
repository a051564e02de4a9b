import { formatHostPort, parseHostPort } from './address.js';
import { drawNonce, subjectShown } from './credentials.js';
import type { Credentials } from './credentials.js';
import { Dialing } from './dialing.js';
import type { Fabric } from './fabric.js';
import { Heart } from './heart.js';
import { encodeHello } from './hello.js';
import { Link } from './link.js';
import type { MemoryBudget } from './memory-budget.js';
import type { Neighbours } from './neighbours.js';
import type { Refusals } from './refusals.js';
import type { TcpRegion } from './region.js';
import type { MemberId } from '../transport.js';
import type { Receiver } from './visit.js';
import { LinkError } from './wire.js';

/** Peers that linked with this member before it was told of them: they installed a view first. */
const unintroducedMax = 1_024;
/** Whoever ends a connection without a word may be in a crowd of strangers. */
const againMs = 100;

export interface LinksOptions {
  readonly self: MemberId;
  readonly domain: string;
  readonly credentials: Credentials;
  readonly refusals: Refusals;
  readonly budget: MemoryBudget;
  readonly fabric: Fabric | undefined;
  readonly neighbours: Neighbours | undefined;
  readonly handshakeMs: number;
}

export interface LinksEvents {
  /** Guards have arrived. */
  arrived(): void;
  /** The peer is to be told of my regions. */
  opened(link: Link): void;
  lost(peer: MemberId): void;
}

/** The links with all peers: how each comes into being, who may have it, and the heart that beats for those who have. */
export class Links {
  readonly list: Link[] = [];
  readonly #options: LinksOptions;
  readonly #events: LinksEvents;
  readonly #links = new Map<MemberId, Link>();
  readonly #tokens = new Map<string, MemberId>();
  #heart: Heart | undefined;
  #beat: { region: string; index: number } | undefined;
  #sending = false;
  #closed = false;
  readonly #send = () => {
    this.#sending = false;
    const links = this.list;
    for (let i = 0; i < links.length; i++) links[i]!.send();
  };

  constructor(options: LinksOptions, events: LinksEvents) {
    this.#options = options;
    this.#events = events;
  }

  find(peer: MemberId): Link | undefined {
    return this.#links.get(peer);
  }

  /** The link with `peer`, which waits for its connection where there was none. */
  with(peer: MemberId): Link {
    let link = this.#links.get(peer);
    if (link === undefined) {
      const { budget, fabric } = this.#options;
      const lost = (gone: Link, error: LinkError | undefined) => this.#lost(gone, error);
      link = new Link(peer, { arrived: () => this.#events.arrived(), lost }, budget.account(), fabric);
      this.#links.set(peer, link);
      this.list.push(link);
    }
    return link;
  }

  /** Where peers listen, as far as that is known. */
  get addresses(): string[] {
    return this.list.flatMap(({ address }) => (address ? [formatHostPort(address)] : []));
  }

  // ---- what is to go ----

  tell(region: TcpRegion): void {
    for (const link of this.list) if (link.state === 'open') link.tell(region);
    this.#sendSoon();
  }

  flush(): void {
    const links = this.list;
    for (let i = 0; i < links.length; i++) links[i]!.flush();
    this.#sendSoon();
  }

  /** Once the turn is over: all that gathered in it goes at once. */
  #sendSoon(): void {
    if (this.#sending) return;
    this.#sending = true;
    queueMicrotask(this.#send);
  }

  // ---- how a link comes into being, and its end ----

  /** Of two members, the one with the larger number connects. */
  introduce(peer: MemberId, address: string, subject?: string): void {
    const { self } = this.#options;
    if (this.#closed || peer === self) return;
    const link = this.with(peer);
    if (link.address !== undefined || link.state === 'lost') return;
    link.address = parseHostPort(address);
    link.subject = subject;
    if (link.state === 'open' && link.shown !== subject) link.lose(new LinkError(impostor(link, link.shown)));
    if (self > peer) this.#dial(link, performance.now() + this.#options.handshakeMs);
    else this.#beatFor(link);
  }

  /** Until it is linked, refused, or found to be nowhere, but not for ever. */
  #dial(link: Link, untilMs: number): void {
    if (this.#closed || link.state !== 'waiting') return;
    const token = drawNonce();
    const { self, domain, credentials, refusals, neighbours } = this.#options;
    const patienceMs = Math.max(againMs, untilMs - performance.now());
    const options = { self, domain, credentials, purpose: 'link' as const, ...link.address!, patienceMs };
    new Dialing(options, {
      known(peer, dialing) {
        if (peer === link.peer) dialing.send({ kind: 'link', token, seen: neighbours?.sight(peer) });
        else dialing.fail({ refused: `member ${peer} is there` });
      },
      frame: (frame, dialing) => {
        if (frame.kind !== 'link' || link.state !== 'waiting') {
          dialing.fail({ refused: `it said ${frame.kind} out of turn` });
          return;
        }
        const shown = subjectShown(dialing.socket);
        if (shown !== link.subject) {
          const refused = impostor(link, shown);
          refusals.add('member', formatHostPort(link.address!), refused);
          dialing.fail({ refused });
          return;
        }
        this.#tokens.set(token, link.peer);
        if (neighbours?.isMine(frame.seen) === true) this.#isNear(link);
        this.#open(link, frame.token, dialing.socket, dialing.handOver());
      },
      failed: (failure) => {
        const isTurnedAway = 'none' in failure && (failure.none === 'mute' || failure.none === 'gone');
        if (!isTurnedAway || performance.now() + againMs > untilMs) link.lose();
        else setTimeout(() => this.#dial(link, untilMs), againMs).unref();
      },
    });
  }

  /** The answer to a peer that connects. */
  accept(
    peer: MemberId,
    token: string,
    shown: string | undefined,
    seen: string | undefined,
  ): ReturnType<Receiver['link']> {
    const { self } = this.#options;
    const known = this.#links.get(peer);
    if (this.#closed) return { refused: `member ${self} is closed` };
    if (peer <= self)
      return { refused: `member ${self} connects to member ${peer}, not the other way round` };
    if (known !== undefined && known.state !== 'waiting')
      return {
        refused: `member ${peer} is linked with member ${self}, or was: a member that comes back is a new one`,
      };
    if (known?.address !== undefined && shown !== known.subject) return { refused: impostor(known, shown) };
    const unintroduced = this.list.filter(({ address }) => address === undefined).length;
    if (known === undefined && unintroduced >= unintroducedMax)
      return { refused: `member ${self} waits to hear of ${unintroduced} others` };
    const mine = drawNonce();
    this.#tokens.set(mine, peer);
    const { neighbours } = this.#options;
    const sight = neighbours?.isMine(seen) === true ? neighbours.sight(peer) : undefined;
    return {
      token: mine,
      seen: sight,
      begin: (socket, rest) => {
        const link = this.with(peer);
        if (link.state !== 'waiting') {
          socket.destroy();
          return;
        }
        if (sight !== undefined) this.#isNear(link);
        this.#open(link, token, socket, rest);
      },
    };
  }

  #isNear(link: Link): void {
    link.sendNothing();
    this.#options.neighbours!.found(link.peer);
  }

  #open(link: Link, token: string, socket: Parameters<Link['open']>[0], rest: Buffer): void {
    link.token = token;
    link.shown = subjectShown(socket);
    this.#events.opened(link);
    link.open(socket, rest);
    this.#beatFor(link);
  }

  #lost(link: Link, error: LinkError | undefined): void {
    if (error !== undefined) {
      this.#options.refusals.add('link', `member ${link.peer}`, error.message);
      this.#options.neighbours?.spoilt(link.peer);
    }
    this.#heart?.drop(link.peer);
    for (const [token, peer] of this.#tokens) if (peer === link.peer) this.#tokens.delete(token);
    this.#events.lost(link.peer);
  }

  /** Nothing begins any more; resolves once every peer has heard the last, or takes too long. */
  async leave(): Promise<void> {
    this.#closed = true;
    await Promise.all(this.list.map((link) => link.leave()));
  }

  // ---- the heart ----

  /** From now on it beats for all, as the counter at `index` of the region, and in step with `beats`, where that is given. */
  startHeart(region: string, index: number, beats?: SharedArrayBuffer): void {
    if (this.#heart !== undefined || this.#closed) return;
    this.#beat = { region, index };
    this.#heart = new Heart(() => this.#options.credentials.connectOptions, beats);
    for (const link of this.list) this.#beatFor(link);
  }

  async stopHeart(): Promise<void> {
    await this.#heart?.stop();
  }

  /** Once it is known where the peer listens, and what to show there. */
  #beatFor({ peer, address, token, state, isNear }: Link): void {
    if (isNear || state !== 'open') return;
    if (this.#heart === undefined || address === undefined || token === undefined) return;
    this.#heart.add(peer, address, encodeHello({ kind: 'beat', token, ...this.#beat! }));
  }

  /** A token is good for one connection. A beat moves one counter in one region of its own member, and only on. */
  beatOf(token: string, region: string, index: number): ((beats: number) => void) | undefined {
    const link = this.#links.get(this.#tokens.get(token) ?? 0);
    this.#tokens.delete(token);
    if (link === undefined) return undefined;
    return (beats) => {
      link.beat(region, index, beats);
    };
  }
}

function impostor({ peer, subject }: Link, shown: string | undefined): string {
  return `member ${peer} was let in with the certificate of ${subject ?? 'nobody'}, and here it shows that of ${shown ?? 'nobody'}`;
}
