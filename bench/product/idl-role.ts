import { compile, formatDiagnostic, memoryHost } from '../../idl/index.js';
import { playRole } from '../harness/role.js';
import { idlText } from '../suites/idl-text.js';

/** One compilation, the first of its process. */
playRole<{ lines: number }>(({ lines }) => {
  const text = idlText(lines);
  const host = memoryHost({ 'large.idl': text });
  const start = performance.now();
  const { model, diagnostics } = compile({ files: ['large.idl'], host });
  const seconds = (performance.now() - start) / 1000;
  if (model === undefined) throw new Error(formatDiagnostic(diagnostics[0]!));
  return Promise.resolve({
    rate: text.split('\n').length / seconds,
    // maxRSS is in KiB.
    memory: process.resourceUsage().maxRSS / 1024,
  });
});
