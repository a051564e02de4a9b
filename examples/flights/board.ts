import { DeparturesBoard } from './departures-board.js';
import { Member } from './member.js';

// A departures board in the terminal: the last departures of the country, in the order in which all members saw them.

await Member.run(({ live }) => {
  const board = new DeparturesBoard();
  let timer: NodeJS.Timeout | undefined;
  return {
    onFlight: ({ data }) => board.add(data),
    async start(member) {
      if (live) timer = setInterval(() => process.stdout.write(board.render(process.stdout.isTTY)), 1000);
      member.ready(0);
    },
    stop: () => clearInterval(timer),
    remarks: () => [`last departure: ${board.lastLine}`],
  };
});
