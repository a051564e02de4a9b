import type { MemberId } from '../../transport/transport.js';
import { TimeAxis } from './time-axis.js';
import type { TraceEvent } from './trace.js';

/** Puts that are drawn at most, so that the picture stays legible: the last ones before the end. */
const arrowsMax = 450;
const noteMax = 14;

const left = 90;
const plotWidth = 1480;
const width = left + plotWidth + 30;
const laneGap = 66;
const bandHeight = 18;
const charsMax = 190;

/** By what a put says: its colour. What is not here is data, or a counter of the steady state. */
const colours: Readonly<Record<string, string>> = {
  suspect: '#d1495b',
  proposal: '#2e6fb7',
  commit: '#1b998b',
  wedge: '#a8672a',
  trim: '#7b4fb5',
  install: '#3d8b37',
  attached: '#7f9c36',
  history: '#c2691c',
};
const dataColour = '#b9c0c8';
const viewColours = ['#dbe7f5', '#e6f0d8', '#fbeed3', '#eadff3', '#d8efec', '#f7dfe0'];

/**
 * What happened, as a space-time diagram in SVG: a lane for each member, on which its views follow one another; a line for each put, from where
 * and when it was made to where and when it arrived; marks for faults and for what became of members. Bounded in size: of a long trace, its
 * end.
 */
export function drawDiagram(trace: readonly TraceEvent[], heading: string): string {
  const shown = endOf(trace);
  return new Diagram(trace, shown, heading).draw();
}

/** The events that are drawn: from the earliest on after which no more than `arrowsMax` puts were made. */
function endOf(trace: readonly TraceEvent[]): readonly TraceEvent[] {
  let arrows = 0;
  for (let i = trace.length - 1; i >= 0; i--) {
    if (!isArrow(trace[i]!)) continue;
    if (++arrows > arrowsMax) return trace.slice(i + 1);
  }
  return trace;
}

/** Signs of life and the news of a region would hide what matters. */
function isArrow({ kind, text }: TraceEvent): boolean {
  return kind === 'travel' && text !== 'life' && text !== 'announce';
}

class Diagram {
  readonly #trace: readonly TraceEvent[];
  readonly #shown: readonly TraceEvent[];
  readonly #heading: string;
  readonly #axis: TimeAxis;
  readonly #lanes: ReadonlyMap<MemberId, number>;
  readonly #top: number;

  constructor(trace: readonly TraceEvent[], shown: readonly TraceEvent[], heading: string) {
    this.#trace = trace;
    this.#shown = shown;
    this.#heading = heading;
    const drawn = shown.filter((event) => event.kind !== 'travel' || isArrow(event));
    const times = drawn.flatMap(({ atUs, toUs }) => (toUs === undefined ? [atUs] : [atUs, toUs]));
    this.#axis = new TimeAxis(times, left, left + plotWidth);
    const members = [...new Set(trace.map(({ member }) => member))].sort((a, b) => a - b);
    this.#top = 70 + 18 * linesOf(heading).length;
    this.#lanes = new Map(members.map((member, i) => [member, this.#top + i * laneGap]));
  }

  get #bottom(): number {
    return this.#top + (this.#lanes.size - 1) * laneGap + bandHeight;
  }

  draw(): string {
    const faults = this.#shown.filter(({ kind }) => kind === 'fault').slice(0, noteMax);
    const height = this.#bottom + 90 + faults.length * 17;
    return [
      `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="Helvetica, Arial, sans-serif" font-size="12">`,
      `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
      ...this.#title(),
      ...this.#ticks(),
      ...[...this.#lanes.keys()].flatMap((member) => this.#lane(member)),
      ...this.#arrows(),
      ...this.#shown.flatMap((event) => this.#mark(event)),
      ...this.#legend(),
      ...faults.map((fault, i) => this.#noteOf(fault, this.#bottom + 84 + i * 17)),
      '</svg>',
      '',
    ].join('\n');
  }

  #title(): string[] {
    return linesOf(this.#heading).map(
      (line, i) =>
        `<text x="16" y="${26 + i * 18}" font-size="${i === 0 ? 15 : 13}" font-weight="${i === 0 ? 'bold' : 'normal'}" fill="#22303c">${escaped(line)}</text>`,
    );
  }

  #ticks(): string[] {
    const y = this.#top - 20;
    return this.#axis
      .ticks(12)
      .flatMap(({ x, label }) => [
        `<line x1="${x}" y1="${y + 5}" x2="${x}" y2="${this.#bottom + 10}" stroke="#eef0f2"/>`,
        `<text x="${x}" y="${y}" text-anchor="middle" font-size="11" fill="#7a8691">${label}</text>`,
      ]);
  }

  // ---- lanes ----

  /** The views of a member, one after the other, up to its end. */
  #lane(member: MemberId): string[] {
    const y = this.#lanes.get(member)!;
    const own = this.#trace.filter((event) => event.member === member);
    const end = own.find(({ kind }) => kind === 'crash' || kind === 'halt' || kind === 'leave');
    const installs = own.filter(
      ({ kind, atUs }) => kind === 'install' && (end === undefined || atUs <= end.atUs),
    );
    const endX = end === undefined ? left + plotWidth : this.#axis.x(end.atUs);
    const bands = installs.flatMap((install, i) => {
      const x = this.#axis.x(install.atUs);
      const next = installs[i + 1];
      return this.#band(x, next === undefined ? endX : this.#axis.x(next.atUs), y, install.text);
    });
    return [
      `<text x="${left - 14}" y="${y + 4}" text-anchor="end" font-weight="bold" fill="#22303c">member ${member}</text>`,
      `<line x1="${left}" y1="${y}" x2="${endX}" y2="${y}" stroke="#cfd5db"/>`,
      ...bands,
    ];
  }

  #band(x: number, endX: number, y: number, text: string): string[] {
    if (endX - x < 0.5) return [];
    const viewId = Number(/view (\d+)/.exec(text)![1]);
    const fill = viewColours[viewId % viewColours.length]!;
    const rect = `<rect x="${x}" y="${y - bandHeight / 2}" width="${round(endX - x)}" height="${bandHeight}" rx="3" fill="${fill}" stroke="#c3ccd4" stroke-width="0.5"><title>${escaped(text)}</title></rect>`;
    const label = endX - x > text.length * 5.6 + 10 ? text : endX - x > 46 ? `view ${viewId}` : '';
    const caption = `<text x="${x + 5}" y="${y + 4}" font-size="10.5" fill="#4a5763">${escaped(label)}</text>`;
    return label === '' ? [rect] : [rect, caption];
  }

  // ---- puts ----

  #arrows(): string[] {
    const arrows = this.#shown.filter(isArrow);
    const isData = ({ text }: TraceEvent) => colours[text] === undefined;
    return [...arrows.filter(isData), ...arrows.filter((event) => !isData(event))].map((event) =>
      this.#arrow(event),
    );
  }

  /** What never arrived ends half way, dashed. */
  #arrow({ atUs, toUs, member, target, text }: TraceEvent): string {
    const [from, to] = [this.#lanes.get(member)!, this.#lanes.get(target!) ?? this.#bottom];
    const down = Math.sign(to - from);
    const x1 = this.#axis.x(atUs);
    const y1 = from + (down * bandHeight) / 2;
    const lost = toUs === undefined;
    const x2 = lost ? x1 + 14 : this.#axis.x(toUs);
    const y2 = lost ? (from + to) / 2 : to - (down * bandHeight) / 2;
    const colour = colours[text];
    const stroke = `stroke="${colour ?? dataColour}" stroke-width="${colour === undefined ? 0.7 : 1.2}"`;
    const dashes = lost ? ' stroke-dasharray="3 3"' : '';
    const title = `${text || 'data, counters'}: ${member} to ${target}, ${lost ? 'lost, or still under way' : `${toUs - atUs} µs`}`;
    const head =
      colour === undefined || lost ? '' : `<circle cx="${x2}" cy="${y2}" r="1.9" fill="${colour}"/>`;
    return `<line x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}" ${stroke}${dashes}><title>${escaped(title)}</title></line>${head}`;
  }

  // ---- what befell members ----

  #mark(event: TraceEvent): string[] {
    const x = this.#axis.x(event.atUs);
    const y = this.#lanes.get(event.member)!;
    const title = `<title>${escaped(`${event.atUs} µs: ${event.text}`)}</title>`;
    switch (event.kind) {
      case 'fault':
        return [
          `<path d="M${x} ${y - 25} l6 7 l-6 7 l-6 -7 z" fill="#e4572e" stroke="#ffffff">${title}</path>`,
          `<text x="${x}" y="${y - 28}" text-anchor="middle" font-size="10.5" font-weight="bold" fill="#b23a17">${numberOf(event)}</text>`,
        ];
      case 'crash':
        return [
          `<path d="M${x - 6} ${y - 6} L${x + 6} ${y + 6} M${x + 6} ${y - 6} L${x - 6} ${y + 6}" stroke="#b5121b" stroke-width="3">${title}</path>`,
        ];
      case 'halt':
      case 'leave':
        return [
          `<rect x="${x - 5}" y="${y - 5}" width="10" height="10" fill="${event.kind === 'halt' ? '#b5121b' : '#66717c'}">${title}</rect>`,
        ];
      case 'suspect':
        return [`<circle cx="${x}" cy="${y + 16}" r="3.2" fill="${colours['suspect']!}">${title}</circle>`];
      case 'trim':
        return [`<path d="M${x} ${y - 9} v18" stroke="${colours['trim']!}" stroke-width="2">${title}</path>`];
      case 'join':
        return [
          `<circle cx="${x}" cy="${y}" r="4" fill="#ffffff" stroke="#3d8b37" stroke-width="2">${title}</circle>`,
        ];
      default:
        return [];
    }
  }

  #noteOf({ member, text, atUs }: TraceEvent, y: number): string {
    return `<text x="${left}" y="${y}" fill="#b23a17">${escaped(`${text}, at a put of member ${member}, ${this.#axis.label(atUs)}`)}</text>`;
  }

  #legend(): string[] {
    const y = this.#bottom + 40;
    const puts = [...Object.entries(colours), ['data, counters', dataColour] as const].map(
      ([text, colour], i) =>
        `<line x1="${left + i * 108}" y1="${y}" x2="${left + i * 108 + 22}" y2="${y}" stroke="${colour}" stroke-width="2"/><text x="${left + i * 108 + 28}" y="${y + 4}" fill="#4a5763">${text}</text>`,
    );
    const marks =
      'bands: views · lines: puts, dashed where lost · ◆ fault · ✕ crash · ■ halted or left · ● suspects somebody · │ acts on a trim · ○ asks to join. Time is compressed where little happens.';
    return [...puts, `<text x="${left}" y="${y + 22}" fill="#7a8691">${escaped(marks)}</text>`];
  }
}

function numberOf({ text }: TraceEvent): string {
  return /#\d+/.exec(text)?.[0] ?? '';
}

/** A heading in lines that fit, cut after the fourth. */
function linesOf(heading: string): string[] {
  const lines = [''];
  for (const word of heading.split(' ')) {
    if (lines.at(-1)!.length + word.length >= charsMax) lines.push('');
    lines[lines.length - 1] = `${lines.at(-1)!} ${word}`.trim();
  }
  return lines.slice(0, 4).map((line) => line.slice(0, charsMax));
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function escaped(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
}
