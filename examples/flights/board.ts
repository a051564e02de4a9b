import { DeparturesBoard } from './departures-board.js';
import { Member } from './member.js';

// A departures board: the last departures of the country, in the order in which all members saw them. The terminal is the demo's, so
// the lines go there.

const drawnEveryMs = 1000;

await Member.run(({ live }) => {
  const board = new DeparturesBoard();
  let timer: NodeJS.Timeout | undefined;
  return {
    onFlight: ({ data }) => board.add(data),
    async start(member) {
      const draw = () => {
        if (board.departures > 0) member.tell({ kind: 'board', lines: board.lines });
      };
      if (live) timer = setInterval(draw, drawnEveryMs);
      member.ready(0);
    },
    stop: () => clearInterval(timer),
    remarks: () => [`last departure: ${board.lastLine}`],
  };
});
