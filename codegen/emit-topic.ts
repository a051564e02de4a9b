import { CodeLines } from './code-lines.js';
import { emitKey } from './emit-key.js';
import type { Emitted } from './emit-types.js';
import { quoted } from './literal.js';
import { byteLengthOf, layoutOf } from './layout.js';
import type { ModuleWriter } from './module-writer.js';
import { typeOnly } from './module-writer.js';
import { holdsRecursive } from './recursion.js';
import { schemaOf, typeHashOf } from './schema-of.js';
import type { Aggregate } from './shape.js';
import { encapsulation } from './xcdr2-form.js';

/** The topic descriptor of a struct or union, of the same name as its type. */
export function emitTopic(module: ModuleWriter, aggregate: Aggregate, xcdr2: boolean): Emitted {
  const names = module.names.get(aggregate.name)!;
  const layout = aggregate.kind === 'struct' ? layoutOf(module.model, aggregate) : undefined;
  const topicType = module.supportType('TopicType');
  const type = `${topicType}<${names.type}${layout ? `, ${names.view}` : ''}>`;
  const schema = schemaOf(module.model, aggregate);
  const checkObject = module.support('checkObject');
  const name = `'${aggregate.name}'`;
  let inPlace = '';
  if (layout !== undefined) {
    const bytes = byteLengthOf(layout);
    const tail = Array.from(
      { length: bytes - layout.size },
      (_, i) => `      target.bytes[offset + ${layout.size + i}] = 0;
`,
    );
    inPlace =
      `  inPlace: {\n    byteLength: ${bytes},\n` +
      `    encode(sample, target, offset, limit) {\n      ${checkObject}(sample, ${name});\n` +
      `      if (limit - offset < ${bytes}) return -1;\n` +
      `      ${names.write}(sample, target, offset);\n${tail.join('')}      return offset + ${bytes};\n    },\n` +
      `    decode(source, offset, length) {\n      ${module.support('checkLength')}(length, ${bytes}, ${name});\n` +
      `      return ${names.read}(source, offset);\n    },\n` +
      `    createView() {\n      return new ${names.view}();\n    },\n  },\n`;
  }
  const doc = `/** The topic type \`${aggregate.name}\`. */\n`;
  return {
    code:
      `${doc}export const ${names.type}${typeOnly(`: ${type}`)} = {\n` +
      `  name: ${name},\n  typeHash: '${typeHashOf(schema)}',\n  extensibility: '${aggregate.extensibility}',\n` +
      `  schema:\n    ${quoted(schema)},\n` +
      `  protobuf: {\n    encode(sample, target, offset, limit) {\n      ${checkObject}(sample, ${name});\n${start(module, aggregate)}` +
      `      return ${names.encode}(sample, target, offset, limit);\n    },\n` +
      `    decode(source, offset, length) {\n` +
      statement(`return ${names.decode}(protobufReader.start(source, offset, length, ${name}));`) +
      `    },\n  },\n` +
      `${inPlace}${xcdr2 ? xcdr2Text(module, aggregate) : ''}${emitKey(module, aggregate)}};\n`,
    declaration: `${doc}export declare const ${names.type}: ${type};\n`,
  };
}

/** The `xcdr2` property of a topic descriptor. */
function xcdr2Text(module: ModuleWriter, aggregate: Aggregate): string {
  const names = module.names.get(aggregate.name)!;
  const kind = encapsulation[aggregate.extensibility];
  const name = `'${aggregate.name}'`;
  return (
    `  xcdr2: {\n    encode(sample, target, offset, limit) {\n      ${module.support('checkObject')}(sample, ${name});\n${start(module, aggregate)}` +
    `      const begin = ${module.support('openXcdr2')}(target, offset, limit, ${kind});\n` +
    `      return begin < 0 ? -1 : ${names.encodeXcdr2}(sample, target, begin, limit, begin);\n    },\n` +
    `    decode(source, offset, length) {\n` +
    statement(`return ${names.decodeXcdr2}(xcdr2Reader.start(source, offset, length, ${kind}, ${name}));`) +
    `    },\n  },\n`
  );
}

/** The statement before a sample is encoded in which a type can contain itself. */
function start(module: ModuleWriter, aggregate: Aggregate): string {
  return holdsRecursive(module.model, aggregate) ? `      ${module.support('startNesting')}();\n` : '';
}

/** A statement of a method. */
function statement(text: string): string {
  const lines = new CodeLines(3);
  lines.add(text);
  return lines.text;
}
