import { Gateway } from 'bowecho/gateway';
import { Member } from './member.js';
import { listen, loadPage, pageServer } from './page-server.js';

// Serves the page, and lets it read the domain's topics over a WebSocket on the same port. Browsers come and go as they like: they
// are no members, and no view changes for them.

await Member.run(({ port }) => {
  let address = '';
  const whenLoaded = loadPage();
  return {
    async start(member) {
      const server = pageServer(await whenLoaded, () => address);
      const url = await listen(server, port);
      const gateway = await Gateway.start(member.participant, { server });
      address = gateway.url;
      member.ready(0);
      member.tell({ kind: 'page', url });
    },
  };
});
