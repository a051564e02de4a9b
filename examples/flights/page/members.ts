import type { MemberReport } from '../topics.js';
import { type Agreement, compare } from './agreement.js';
import { element } from './element.js';

const roles: Readonly<Record<string, string>> = {
  west: 'feed',
  east: 'feed',
  board: 'reader',
  stats: 'reader',
  gateway: 'this page',
};
const order = Object.keys(roles);

/** The members side by side: how far each is, and the hash of what it delivered. */
export class MembersPanel {
  readonly #list: HTMLElement;
  readonly #verdict: HTMLElement;
  readonly #view: HTMLElement;
  readonly #reports = new Map<string, MemberReport>();
  readonly #cards = new Map<string, Card>();
  #agreement: Agreement | undefined;

  constructor(list: HTMLElement, verdict: HTMLElement, view: HTMLElement) {
    this.#list = list;
    this.#verdict = verdict;
    this.#view = view;
  }

  accept(report: MemberReport): void {
    this.#reports.set(report.name, report);
    if (this.#cards.has(report.name)) return;
    this.#cards.set(report.name, new Card(report));
    const names = [...this.#cards.keys()].sort((a, b) => order.indexOf(a) - order.indexOf(b));
    this.#list.replaceChildren(...names.map((name) => this.#cards.get(name)!.root));
  }

  draw(): void {
    const gateway = this.#reports.get('gateway');
    if (gateway === undefined) return;
    const present = [...this.#reports.values()].filter(({ name }) => gateway.view.includes(name));
    const now = compare(present);
    // Right after a change of rate there may be no place in common for a moment: the last comparison still holds.
    if (now.place !== undefined) this.#agreement = now;
    for (const [name, card] of this.#cards) {
      card.draw(this.#reports.get(name)!, this.#agreement, gateway.view.includes(name));
    }
    this.#drawVerdict(present.length);
    this.#view.textContent = `view ${gateway.viewId}, ${gateway.view.length} members`;
  }

  #drawVerdict(members: number): void {
    const { place, agree } = this.#agreement ?? {};
    if (place === undefined) return;
    this.#verdict.dataset.agree = String(agree);
    this.#verdict.textContent = agree
      ? `All ${members} members delivered the same ${place.toLocaleString('en')} flights in the same order`
      : `The members do not agree on the first ${place.toLocaleString('en')} flights`;
  }
}

class Card {
  readonly root = element('li');
  readonly #mark = element('span', 'mark');
  readonly #place = element('p', 'place');
  readonly #stripes = element('canvas', 'stripes');
  readonly #hash = element('code', 'hash');
  #drawn = '';

  constructor({ name, pid }: MemberReport) {
    const head = element('p', 'member-head');
    head.append(element('b', '', name), element('span', 'role', roles[name] ?? ''), this.#mark);
    this.root.append(head, this.#place, this.#stripes, this.#hash);
    this.root.dataset.member = name;
    this.root.title = `process ${pid}`;
    this.#stripes.width = 16;
    this.#stripes.height = 1;
  }

  draw(report: MemberReport, agreement: Agreement | undefined, present: boolean): void {
    const hash = agreement?.hashes.get(report.name);
    const step = hash === undefined ? 'unknown' : String(agreement!.agree);
    this.root.dataset.gone = String(!present);
    this.root.dataset.step = step;
    this.#mark.textContent = !present
      ? 'left the view'
      : step === 'true'
        ? '✓ in step'
        : step === 'false'
          ? '✗ differs'
          : '';
    this.#place.textContent = report.delivered.toLocaleString('en');
    if (hash === undefined || hash === this.#drawn || !present) return;
    this.#drawn = hash;
    this.#hash.textContent = hash.replace(/(.{4})(?=.)/g, '$1 ');
    paint(this.#stripes, hash);
  }
}

/** A hash as a row of colours, one a digit: the eye sees at once whether two are equal. */
function paint(canvas: HTMLCanvasElement, hash: string): void {
  const context = canvas.getContext('2d')!;
  [...hash].forEach((digit, i) => {
    const value = parseInt(digit, 16);
    context.fillStyle = `hsl(${170 + value * 9} ${38 + (value % 4) * 8}% ${26 + (value % 5) * 9}%)`;
    context.fillRect(i, 0, 1, 1);
  });
}
