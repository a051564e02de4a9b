import { Json } from 'bowecho';
import { DelayStatistics } from './delay-statistics.js';
import { Member } from './member.js';
import { topics } from './topics.js';

// Delays by airport of origin. Live, it shares what it works out on a topic of its own.

const reportsPerSecond = 2;

await Member.run(({ live }) => {
  const statistics = new DelayStatistics();
  let timer: NodeJS.Timeout | undefined;
  return {
    onFlight: ({ data }) => statistics.add(data),
    async start(member) {
      if (live) {
        const writer = await member.participant.writer(Json, { topic: topics.delays, qos: 'raw' });
        timer = setInterval(() => writer.tryWrite(statistics.report()), 1000 / reportsPerSecond);
      }
      member.ready(0);
    },
    stop: () => clearInterval(timer),
    remarks: () => [statistics.remark()],
  };
});
