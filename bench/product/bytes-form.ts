import { Bytes } from '../../runtime/dds/index.js';
import { touch } from '../harness/touch.js';
import type { Form } from './form.js';
import { Payload, Tally } from './payload.js';
import { bytesSource } from './write-fast.js';

/** The built-in type `Bytes`: a message is what it is. */
export const bytesForm: Form = {
  async openWriter(participant, endpoint, bytes, rank) {
    return bytesSource(await participant.writer(Bytes, endpoint), new Payload(bytes, rank));
  },
  async openReader(participant, endpoint, _bytes, way) {
    const reader = await participant.reader(Bytes, endpoint);
    const tally = new Tally();
    if (way === 'borrow') reader.borrow(tally.take);
    else {
      reader.samples$.subscribe(({ data }) => {
        tally.touched = (tally.touched + touch(data)) | 0;
        tally.count += 1;
      });
    }
    return tally;
  },
};
