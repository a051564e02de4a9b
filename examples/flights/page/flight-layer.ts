import type { Flight } from '../generated/flights.js';
import { delayColor } from './delay-colors.js';
import { type CountryMap, fit, type Point } from './map.js';

/** More are not drawn at once: at high speeds the eye cannot follow them anyway. */
const drawnMax = 350;
const segments = 14;
/** The part of the way that the trail covers. */
const trail = 0.55;
const fadeMs = 900;

interface Arc {
  readonly from: Point;
  readonly bend: Point;
  readonly to: Point;
  readonly delay: number;
  readonly beganMs: number;
  readonly lastsMs: number;
}

/** Flights under way, as arcs from origin to destination. */
export class FlightLayer {
  readonly #map: CountryMap;
  readonly #canvas: HTMLCanvasElement;
  #surface: ReturnType<typeof fit>;
  #arcs: Arc[] = [];

  constructor(canvas: HTMLCanvasElement, map: CountryMap) {
    this.#canvas = canvas;
    this.#map = map;
    this.#surface = fit(canvas);
  }

  resize(): void {
    this.#surface = fit(this.#canvas);
    this.#arcs = [];
  }

  depart({ origin, destination, distance, delay }: Flight): void {
    const from = this.#map.place(origin);
    const to = this.#map.place(destination);
    if (!from || !to || this.#arcs.length >= drawnMax) return;
    const lastsMs = 1300 + Math.min(distance, 3000) * 1.3;
    this.#arcs.push({ from, bend: this.#bend(from, to), to, delay, beganMs: performance.now(), lastsMs });
  }

  /** The arc bulges to the north, the more the longer it is, and stays on the canvas. */
  #bend([x1, y1]: Point, [x2, y2]: Point): Point {
    const bulge = x2 >= x1 ? 0.22 : -0.22;
    const x = (x1 + x2) / 2 + (y2 - y1) * bulge;
    return [Math.min(x, this.#surface.width - 8), (y1 + y2) / 2 - (x2 - x1) * bulge];
  }

  draw(nowMs: number): void {
    const { context, width, height } = this.#surface;
    context.clearRect(0, 0, width, height);
    context.lineCap = 'round';
    // Where trails cross, they shine.
    context.globalCompositeOperation = 'lighter';
    this.#arcs = this.#arcs.filter(({ beganMs, lastsMs }) => nowMs < beganMs + lastsMs + fadeMs);
    for (const arc of this.#arcs) drawArc(context, arc, nowMs - arc.beganMs);
    context.globalCompositeOperation = 'source-over';
  }
}

function drawArc(context: CanvasRenderingContext2D, arc: Arc, ageMs: number): void {
  const head = ease(Math.min(1, ageMs / arc.lastsMs));
  const gone = Math.max(0, ageMs - arc.lastsMs) / fadeMs;
  const tail = Math.max(0, head - trail) + gone * trail;
  const strength = 1 - gone;
  context.lineWidth = 1.4;
  for (let s = 0; s < segments; s++) {
    const a = tail + ((head - tail) * s) / segments;
    const b = tail + ((head - tail) * (s + 1)) / segments;
    const [x1, y1] = along(arc, a);
    const [x2, y2] = along(arc, b);
    context.strokeStyle = delayColor(arc.delay, 0.75 * strength * ((s + 1) / segments) ** 1.6);
    context.beginPath();
    context.moveTo(x1, y1);
    context.lineTo(x2, y2);
    context.stroke();
  }
  if (gone === 0) {
    const [x, y] = along(arc, head);
    disc(context, x, y, 4.5, delayColor(arc.delay, 0.2));
    disc(context, x, y, 1.9, delayColor(arc.delay, 1));
  } else ring(context, arc.to, gone, arc.delay);
  if (ageMs < 700) ring(context, arc.from, ageMs / 700, arc.delay);
}

function along({ from, bend, to }: Arc, t: number): Point {
  const u = 1 - t;
  return [
    u * u * from[0] + 2 * u * t * bend[0] + t * t * to[0],
    u * u * from[1] + 2 * u * t * bend[1] + t * t * to[1],
  ];
}

function ease(t: number): number {
  return t * t * (3 - 2 * t);
}

function disc(context: CanvasRenderingContext2D, x: number, y: number, radius: number, style: string): void {
  context.fillStyle = style;
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.fill();
}

function ring(context: CanvasRenderingContext2D, [x, y]: Point, share: number, delay: number): void {
  context.strokeStyle = delayColor(delay, 0.5 * (1 - share));
  context.lineWidth = 1;
  context.beginPath();
  context.arc(x, y, 2 + 8 * share, 0, 2 * Math.PI);
  context.stroke();
}
