import { Participant } from '../../../runtime/dds/index.js';
import { Position } from '../position.js';

/** A member of its own process: writes `count` positions, one of ten instances each, and leaves. */
const [domain, count] = [process.argv[2]!, Number(process.argv[3])];
const participant = await Participant.join({ domain, name: 'feed' });
const writer = await participant.writer(Position, { topic: 'positions' });
await writer.whenMatched(1);
for (let x = 0; x < count; x++) await writer.write({ id: x % 10, x });
await writer.whenStable();
await participant.close();
