import type { Diagnostic as ProtocolDiagnostic, PublishDiagnosticsParams } from 'vscode-languageserver/node';
import { DiagnosticSeverity } from 'vscode-languageserver/node';
import type { Diagnostic } from '../../idl/index.js';
import { Places } from './places.js';
import type { Project } from './project.js';

/** No editor shows more of one file in a way that helps. */
const perFileMax = 500;

/**
 * What is wrong, by file: of each open file what its own compilation says, and of files that are not open what is found on
 * the way to them.
 */
export function diagnosticsOf(project: Project): PublishDiagnosticsParams[] {
  const places = new Places(project.host);
  const byUri = new Map<string, Map<string, ProtocolDiagnostic>>();
  for (const path of project.openPaths) {
    const uri = project.host.uriOf(path);
    byUri.set(uri, byUri.get(uri) ?? new Map());
    const analysis = project.analysis(path);
    const own = analysis.files.at(-1)?.path ?? path;
    for (const diagnostic of analysis.diagnostics) {
      const at = diagnostic.span.file.path;
      if (at !== own && project.host.openAt(at) !== undefined) continue;
      const target = at === own ? uri : project.host.uriOf(at);
      const list = byUri.get(target) ?? new Map<string, ProtocolDiagnostic>();
      byUri.set(target, list);
      if (list.size >= perFileMax) continue;
      const { code, span, message } = diagnostic;
      list.set(`${code} ${span.offset} ${message}`, protocolDiagnostic(diagnostic, places));
    }
  }
  return [...byUri].map(([uri, list]) => ({ uri, diagnostics: [...list.values()] }));
}

function protocolDiagnostic(
  { code, severity, message, span, notes }: Diagnostic,
  places: Places,
): ProtocolDiagnostic {
  return {
    source: 'bowecho',
    code,
    severity: severity === 'error' ? DiagnosticSeverity.Error : DiagnosticSeverity.Warning,
    message,
    range: places.range(span),
    relatedInformation: notes.map((note) => ({
      message: note.message,
      location: places.location(note.span),
    })),
  };
}
