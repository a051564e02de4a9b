/** The versions that a new project asks for. */
export interface ProjectVersions {
  readonly bowecho: string;
  readonly rxjs: string;
  readonly tsx: string;
  readonly typescript: string;
  readonly node: string;
  readonly nodeTypes: string;
}

/** The files of a new project, by path. */
export function projectFiles(name: string, versions: ProjectVersions): Record<string, string> {
  const packageJson = {
    name,
    version: '0.1.0',
    private: true,
    type: 'module',
    engines: { node: versions.node },
    scripts: {
      gen: 'bowecho gen idl/weather.idl --out src/generated',
      subscribe: 'npm run --silent gen && tsx src/subscribe.ts',
      publish: 'npm run --silent gen && tsx src/publish.ts',
      start: 'npm run --silent gen && tsx src/start.ts',
      types: 'npm run --silent gen && tsc',
    },
    dependencies: { bowecho: versions.bowecho, rxjs: versions.rxjs },
    devDependencies: {
      '@types/node': versions.nodeTypes,
      tsx: versions.tsx,
      typescript: versions.typescript,
    },
  };
  const tsconfig = {
    compilerOptions: {
      target: 'es2023',
      lib: ['es2023', 'esnext.disposable', 'dom'],
      module: 'nodenext',
      strict: true,
      noEmit: true,
      skipLibCheck: true,
      types: ['node'],
    },
    include: ['src'],
  };
  return {
    'package.json': `${JSON.stringify(packageJson, undefined, 2)}\n`,
    'tsconfig.json': `${JSON.stringify(tsconfig, undefined, 2)}\n`,
    '.gitignore': 'node_modules/\nsrc/generated/\n',
    'idl/weather.idl': idl,
    'src/publish.ts': publish,
    'src/subscribe.ts': subscribe,
    'src/start.ts': start,
    'README.md': readme(name),
  };
}

const idl = `/// What weather stations tell.
module weather {

  /// One observation.
  @topic
  struct Observation {
    /// Which station observed: the latest of each is an instance of its own.
    @key string<16> station;
    /// Microseconds since 1970.
    int64 time;
    /// Degrees Celsius.
    double temperature;
    /// Metres per second; left out by stations that have no anemometer.
    @optional float wind;
  };

};
`;

const publish = `import { Participant } from 'bowecho';
import { Observation } from './generated/weather.js';

await using participant = await Participant.join({ domain: 'weather' });
const writer = await participant.writer(Observation, { qos: 'atomic' });

for (let i = 0; i < 10; i++) {
  const time = BigInt(Date.now()) * 1000n;
  await writer.write({ station: 'Bow', time, temperature: 20 + Math.sin(i), wind: i });
  await new Promise((resolve) => setTimeout(resolve, 500));
}
await writer.whenStable();
`;

const subscribe = `import { Participant } from 'bowecho';
import { Observation } from './generated/weather.js';

const participant = await Participant.join({ domain: 'weather' });
const reader = await participant.reader(Observation, { qos: 'atomic' });

reader.samples$.subscribe(({ data }) => {
  console.log(\`\${data.station}: \${data.temperature.toFixed(1)} °C, wind \${data.wind ?? 'unknown'}\`);
});
process.once('SIGINT', () => void participant.close());
`;

const start = `// A writer and a reader in one process, to see that it works; subscribe.ts and publish.ts are for two terminals.
import { Participant } from 'bowecho';
import { Observation } from './generated/weather.js';

await using participant = await Participant.join({ domain: 'weather' });
const reader = await participant.reader(Observation, { qos: 'atomic' });
const writer = await participant.writer(Observation, { qos: 'atomic' });

reader.samples$.subscribe(({ data }) => console.log(\`\${data.station}: \${data.temperature} °C\`));
for (const temperature of [19.5, 20, 20.5]) {
  await writer.write({ station: 'Bow', time: BigInt(Date.now()) * 1000n, temperature });
}
await writer.whenStable();
`;

function readme(name: string): string {
  return `# ${name}

A project with [Bowecho](https://www.npmjs.com/package/bowecho): publish and subscribe, typed by IDL.

- \`npm install\`, then \`npm start\`: a writer and a reader in one process.
- \`npm run subscribe\` in one terminal, \`npm run publish\` in another: two processes that share memory.
- \`idl/weather.idl\` declares the topic; \`npm run gen\` makes \`src/generated/weather.ts\` from it.
- \`npx bowecho check idl/weather.idl\` shows what is wrong with it.
`;
}
