import { type Suite, onlyReadings, processes } from '../harness/comparison.js';
import { roleScript } from '../harness/session.js';
import { product } from '../product/product.js';

/**
 * The generated codecs of one type (six fields, 100 bytes of protobuf), alone in a process, against protobufjs's generated code for the same
 * type.
 */
export const codec: Suite = {
  name: 'codec',
  about: 'generated encode and decode of a message of 100 bytes against protobufjs',
  comparisons: () => [
    {
      metrics: [
        { reading: 'encode', unit: 'ns', label: 'encode' },
        { reading: 'decode', unit: 'ns', label: 'decode' },
      ],
      ours: [
        ...(['protobuf', 'xcdr2'] as const).map((representation) => ({
          case: representation,
          contender: product(
            'bowecho',
            () => [{ script: './codec-role.js', args: { representation } }],
            onlyReadings,
          ),
        })),
      ],
      references: [
        processes(
          'protobufjs',
          ({ seconds, warmupSeconds }) => [
            {
              script: roleScript(import.meta.url, '../peers/protobufjs-role.js'),
              args: { seconds, warmupSeconds },
            },
          ],
          onlyReadings,
        ),
      ],
    },
  ],
};
