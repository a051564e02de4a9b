import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import type { DoorReply, Host } from '../host.js';
import { FrameError, FrameReader, encodeFrame } from './frames.js';
import type { DoorFrame } from './frames.js';

/** Strangers served at once; more are turned away and come again. */
const STRANGERS_MAX = 64;
/** How long a connection may take to say what it wants, and to go after it was answered. */
const PATIENCE_MS = 5_000;

type Answer = Parameters<Host['openDoor']>[0];

/**
 * A member's socket. Peers connect to it to see it die; strangers, once the door is open, to be let in. Nothing that comes in
 * here can do harm: what is not a frame, or not at its turn, ends the connection.
 */
export class Door {
  readonly #server: Server;
  readonly #connections = new Set<Socket>();
  #strangers = 0;
  #answer: Answer | undefined;

  private constructor() {
    this.#server = createServer((socket) => {
      this.#receive(socket);
    });
  }

  static async listen(path: string): Promise<Door> {
    const door = new Door();
    await new Promise<void>((resolve, reject) => {
      door.#server.once('error', reject);
      // Exclusive: in a cluster's worker, the socket is this process's own.
      door.#server.listen({ path, exclusive: true }, resolve);
    });
    door.#server.on('error', () => undefined);
    door.#server.unref();
    return door;
  }

  open(answer: Answer): void {
    this.#answer = answer;
  }

  ref(): void {
    this.#server.ref();
  }

  unref(): void {
    this.#server.unref();
  }

  async close(): Promise<void> {
    for (const socket of this.#connections) socket.destroy();
    await new Promise<void>((resolve) => {
      this.#server.close(() => {
        resolve();
      });
    });
  }

  #receive(socket: Socket): void {
    if (this.#strangers >= STRANGERS_MAX) {
      socket.destroy();
      return;
    }
    new Visit(socket, this.#answer, {
      begin: () => {
        this.#connections.add(socket);
        this.#strangers++;
      },
      // A watcher stays as long as we live: it does not count.
      becomesWatcher: () => this.#strangers--,
      end: (wasWatcher) => {
        this.#connections.delete(socket);
        if (!wasWatcher) this.#strangers--;
      },
    });
  }
}

interface Counting {
  begin(): void;
  becomesWatcher(): void;
  end(wasWatcher: boolean): void;
}

/** One connection: says nothing yet, then watches, or greets and waits for its answer. */
class Visit {
  readonly #socket: Socket;
  readonly #answer: Answer | undefined;
  readonly #counting: Counting;
  readonly #frames = new FrameReader();
  readonly #timer: NodeJS.Timeout;
  #state: 'silent' | 'watching' | 'greeted' | 'asked' | 'answered' = 'silent';
  #greet: Extract<DoorFrame, { kind: 'greet' }> | undefined;

  constructor(socket: Socket, answer: Answer | undefined, counting: Counting) {
    this.#socket = socket;
    this.#answer = answer;
    this.#counting = counting;
    counting.begin();
    socket.unref();
    this.#timer = setTimeout(() => socket.destroy(), PATIENCE_MS).unref();
    socket.on('data', (chunk) => {
      this.#read(chunk);
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      clearTimeout(this.#timer);
      counting.end(this.#state === 'watching');
    });
  }

  #read(chunk: Buffer): void {
    try {
      for (const frame of this.#frames.push(chunk)) this.#take(frame);
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      // In vain where the other side speaks no Bowecho; of use where its version is another.
      this.#last({ kind: 'refused', refused: error.message });
    }
  }

  #take(frame: DoorFrame): void {
    if (this.#socket.destroyed || this.#state === 'answered') return;
    if (frame.kind === 'watch' && this.#state === 'silent') {
      this.#state = 'watching';
      clearTimeout(this.#timer);
      this.#counting.becomesWatcher();
    } else if (frame.kind === 'greet' && this.#state === 'silent') {
      if (this.#answer === undefined) {
        this.#last({ kind: 'closed' });
        return;
      }
      this.#state = 'greeted';
      this.#greet = frame;
      this.#socket.write(encodeFrame({ kind: 'heard' }));
    } else if (frame.kind === 'please' && this.#state === 'greeted') {
      // Only now: a stranger that gave us up meanwhile (we were stopped) may be on its way in through another member.
      this.#state = 'asked';
      clearTimeout(this.#timer);
      this.#answer?.(this.#greet!.from, this.#greet!.greeting, (reply) => {
        this.#reply(reply);
      });
    } else {
      this.#socket.destroy();
    }
  }

  #reply(reply: DoorReply): void {
    if (this.#state !== 'asked' || this.#socket.destroyed) return;
    try {
      this.#last('welcome' in reply ? { kind: 'welcome', ...reply } : { kind: 'refused', ...reply });
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      this.#last({ kind: 'refused', refused: error.message });
    }
  }

  #last(frame: DoorFrame): void {
    const bytes = encodeFrame(frame);
    if (this.#state !== 'watching') this.#state = 'answered';
    this.#socket.end(bytes);
    setTimeout(() => this.#socket.destroy(), PATIENCE_MS).unref();
  }
}
