import assert from 'node:assert/strict';
import { Bytes } from '../../runtime/dds/index.js';
import { LocalDomain, numbered, numberOf, range } from './local-domain.js';
import { endAll, MemberProcess, newDomain, until } from './member-process.js';

describe('200 topics', () => {
  afterEach(endAll);

  it('are opened by two participants at once, carry a sample each, and close', async () => {
    const domain = new LocalDomain();
    const [one, two] = [await domain.join(), await domain.join()];
    const begin = performance.now();
    const names = range(200).map((i) => `topic ${i}`);
    const [readers, writers] = await Promise.all([
      Promise.all(names.map((topic) => one.reader(Bytes, { topic }))),
      Promise.all(names.map((topic) => two.writer(Bytes, { topic }))),
    ]);
    await Promise.all(writers.map((writer) => writer.whenMatched(1)));
    const opened = performance.now();
    const seen = new Map<string, number>();
    for (const reader of readers)
      reader.samples$.subscribe(({ data }) => seen.set(reader.topic, numberOf(data)));
    await Promise.all(writers.map((writer, i) => writer.write(numbered(i))));
    await until(() => seen.size === 200, 'one of each');
    assert.deepEqual(
      names.map((name) => seen.get(name)),
      range(200),
    );
    await Promise.all([...readers, ...writers].map((endpoint) => endpoint.close()));
    // Each is closed once its own member has the view without it; the other's comes a moment later.
    await until(() => one.view.endpoints.length === 0, 'a view without endpoints');
    console.log(
      `      opened in ${(opened - begin).toFixed(0)} ms, all in ${(performance.now() - begin).toFixed(0)} ms, ${one.view.viewId} views`,
    );
    await domain.close();
  });

  it('are opened one after another by two processes in reasonable time', async () => {
    const [one, two] = await MemberProcess.joinAll(newDomain('memory'), 2);
    const begin = performance.now();
    for (let i = 0; i < 200; i += 20) {
      const topics = range(20, i).map((n) => `topic${n}`);
      await Promise.all([
        ...topics.map((topic) => one!.call('read', topic, 'samples$')),
        ...topics.map((topic) => two!.call('open', topic)),
      ]);
    }
    console.log(`      opened in ${(performance.now() - begin).toFixed(0)} ms`);
    for (const topic of ['topic0', 'topic199']) {
      await two!.call('whenMatched', topic, 1);
      await two!.call('start', topic, { count: 100 });
      assert.equal(await two!.call('finish', topic), 100);
      await until(async () => (await one!.call('report', topic)).count === 100, 'all delivered');
    }
    await Promise.all([one!.call('close'), two!.call('close')]);
  });
});
