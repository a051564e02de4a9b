import { geoAlbers, geoAlbersUsa, geoPath, type GeoPermissibleObjects } from 'd3-geo';
import { feature, mesh } from 'topojson-client';
import type { GeometryCollection, Topology } from 'topojson-specification';
import type { PageAirport } from '../page-data.js';

export type Point = readonly [x: number, y: number];
export type Atlas = Topology<{ states: GeometryCollection; land: GeometryCollection }>;

/** A canvas fitted to the place it has on the page, sharp on any screen. */
export function fit(canvas: HTMLCanvasElement): {
  context: CanvasRenderingContext2D;
  width: number;
  height: number;
} {
  const { clientWidth: width, clientHeight: height } = canvas;
  const ratio = window.devicePixelRatio || 1;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  const context = canvas.getContext('2d')!;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  return { context, width, height };
}

/** The country: land, the borders of states, airports, and where on the canvas an airport is. */
export class CountryMap {
  readonly #canvas: HTMLCanvasElement;
  readonly #land: GeoPermissibleObjects;
  readonly #borders: GeoPermissibleObjects;
  readonly #airports: readonly PageAirport[];
  readonly #meridian: number;
  readonly #places = new Map<string, Point>();

  constructor(canvas: HTMLCanvasElement, atlas: Atlas, airports: readonly PageAirport[], meridian: number) {
    this.#canvas = canvas;
    this.#land = feature(atlas, atlas.objects.land);
    this.#borders = mesh(atlas, atlas.objects.states, (a, b) => a !== b);
    this.#airports = airports;
    this.#meridian = meridian;
  }

  place(iata: string): Point | undefined {
    return this.#places.get(iata);
  }

  draw(): void {
    const { context, width, height } = fit(this.#canvas);
    const box: [[number, number], [number, number]] = [
      [12, 6],
      [width - 12, height - 10],
    ];
    const projection = geoAlbersUsa().fitExtent(box, this.#land);
    const path = geoPath(projection, context);
    context.clearRect(0, 0, width, height);
    const fill = (shape: GeoPermissibleObjects, style: string) => {
      context.beginPath();
      path(shape);
      context.fillStyle = style;
      context.fill();
    };
    const stroke = (shape: GeoPermissibleObjects, style: string, lineWidth: number, dash: number[] = []) => {
      context.beginPath();
      path(shape);
      context.setLineDash(dash);
      context.strokeStyle = style;
      context.lineWidth = lineWidth;
      context.stroke();
    };
    context.save();
    context.shadowColor = 'rgba(80, 130, 220, 0.25)';
    context.shadowBlur = 24;
    fill(this.#land, '#17213a');
    context.restore();
    stroke(this.#borders, '#2a3957', 0.7);
    stroke(this.#land, '#3a4c70', 0.9);
    context.save();
    context.beginPath();
    path(this.#land);
    context.clip();
    stroke(this.#divide(), 'rgba(132, 146, 173, 0.55)', 1, [2, 5]);
    context.restore();
    this.#placeAirports(projection, width, height);
    this.#drawAirports(context);
    this.#nameSides(context, projection);
  }

  #divide(): GeoPermissibleObjects {
    return {
      type: 'LineString',
      coordinates: [24, 28, 32, 36, 40, 44, 50].map((latitude) => [this.#meridian, latitude]),
    };
  }

  /**
   * The projection knows the states only. What lies beyond, such as San Juan, goes where the projection of the mainland has it, as far
   * as that is on the canvas.
   */
  #placeAirports(projection: ReturnType<typeof geoAlbersUsa>, width: number, height: number): void {
    const beyond = geoAlbers().scale(projection.scale()).translate(projection.translate());
    for (const { iata, longitude, latitude } of this.#airports) {
      const [x, y] = projection([longitude, latitude]) ?? beyond([longitude, latitude])!;
      this.#places.set(iata, [Math.min(x, width - 8), Math.min(y, height - 8)]);
    }
  }

  #drawAirports(context: CanvasRenderingContext2D): void {
    const most = Math.max(...this.#airports.map(({ departures }) => departures));
    context.font = '10.5px Inter, system-ui, "DejaVu Sans", sans-serif';
    this.#airports.forEach(({ iata, departures }, rank) => {
      const [x, y] = this.#places.get(iata)!;
      const radius = 0.9 + 2.4 * Math.sqrt(departures / most);
      context.fillStyle = rank < 40 ? 'rgba(172, 190, 226, 0.75)' : 'rgba(132, 146, 173, 0.55)';
      context.beginPath();
      context.arc(x, y, radius, 0, 2 * Math.PI);
      context.fill();
      if (rank >= namedAirports || crowded.has(iata)) return;
      context.fillStyle = 'rgba(172, 190, 226, 0.6)';
      context.fillText(iata, x + radius + 3, y + 3.5);
    });
  }

  #nameSides(context: CanvasRenderingContext2D, projection: ReturnType<typeof geoAlbersUsa>): void {
    const top = projection([this.#meridian, 47.2]);
    if (!top) return;
    context.font = '11px Inter, system-ui, "DejaVu Sans", sans-serif';
    context.fillStyle = 'rgba(160, 174, 204, 0.85)';
    const [x, y] = [top[0], 16];
    context.textAlign = 'right';
    context.fillText('feed west', x - 12, y);
    context.textAlign = 'left';
    context.fillText('feed east', x + 12, y);
    context.strokeStyle = 'rgba(132, 146, 173, 0.55)';
    context.setLineDash([2, 5]);
    context.beginPath();
    context.moveTo(x, 6);
    context.lineTo(x, 24);
    context.stroke();
    context.setLineDash([]);
  }
}

/** Airports are given with the busiest first: so many get their name. */
const namedAirports = 22;
/** Names that would lie upon their neighbours'. */
const crowded = new Set(['LGA', 'JFK', 'MDW', 'DCA', 'BWI', 'OAK', 'SJC', 'SNA', 'ONT']);
