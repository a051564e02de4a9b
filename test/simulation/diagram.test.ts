import assert from 'node:assert/strict';
import { drawDiagram } from './diagram.js';
import { runSeed } from './run-seed.js';
import { lineOf, Trace, type TraceEvent } from './trace.js';

function traceOf(seed: number): readonly TraceEvent[] {
  const trace = new Trace();
  runSeed(seed, { trace });
  return trace.events;
}

const count = (text: string, what: string) => text.split(what).length - 1;

describe('the space-time diagram of a trace', () => {
  it('has a lane for each member, a line for each put, and a mark for what befell somebody', () => {
    const put = { kind: 'travel', atUs: 10, member: 1, target: 2, text: 'suspect' } as const;
    const svg = drawDiagram(
      [
        { kind: 'install', atUs: 0, member: 1, text: 'view 3: 1 2' },
        { kind: 'install', atUs: 1, member: 2, text: 'view 3: 1 2' },
        { ...put, toUs: 40 },
        { ...put, atUs: 12, text: 'trim' },
        { ...put, atUs: 13, toUs: 60, text: 'life' },
        { kind: 'fault', atUs: 50, member: 2, text: '#4 crash in phase steady' },
        { kind: 'crash', atUs: 50, member: 2, text: 'crashed' },
      ],
      'Seed 1: oneTrim: 3 < 4 & 5',
    );
    assert.match(svg, /member 1<.*view 3: 1 2.*member 2</s);
    assert.match(svg, /<title>suspect: 1 to 2, 30 µs<\/title>/);
    assert.match(svg, /stroke-dasharray="3 3"><title>trim: 1 to 2, lost/);
    assert.doesNotMatch(svg, /life/);
    assert.match(svg, />#4</);
    assert.match(svg, /<title>50 µs: crashed<\/title>/);
    assert.match(svg, /3 &lt; 4 &amp; 5/);
  });

  it('is bounded, whatever the run, and well-formed', () => {
    for (const seed of [2, 7, 31]) {
      const trace = traceOf(seed);
      const svg = drawDiagram(trace, `Seed ${seed}`);
      assert.ok(trace.length > 1_000 && svg.length < 250_000, `${svg.length} characters`);
      assert.ok(count(svg, '<line') < 600);
      assert.doesNotMatch(svg, /NaN|undefined|Infinity/);
      for (const tag of ['svg', 'text', 'title'])
        assert.equal(count(svg, `<${tag}`), count(svg, `</${tag}>`));
    }
  });
});

describe('a trace', () => {
  it('tells when each put arrived', () => {
    const travels = traceOf(7).filter(({ kind }) => kind === 'travel');
    const arrived = travels.filter(({ toUs }) => toUs !== undefined);
    assert.ok(arrived.length > travels.length / 2);
    for (const { atUs, toUs } of arrived) assert.ok(toUs! >= atUs);
    assert.match(lineOf(arrived[0]!), /^\d+ µs {2}member \d+ {2}travel .* to \d+, there at \d+$/);
  });
});
