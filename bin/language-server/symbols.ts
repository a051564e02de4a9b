import type { DocumentSymbol } from 'vscode-languageserver/node';
import { SymbolKind } from 'vscode-languageserver/node';
import type { Analysis } from '../../idl/analyse.js';
import type { Identifier } from '../../idl/expression-syntax.js';
import type { Span } from '../../idl/index.js';
import { spanTo } from '../../idl/source.js';
import type {
  DefinitionSyntax,
  ExportSyntax,
  FactorySyntax,
  MemberSyntax,
  StateSyntax,
} from '../../idl/syntax.js';
import { Places } from './places.js';
import type { Project } from './project.js';

const kinds: Readonly<Record<Exclude<DefinitionSyntax['kind'], 'keylist'>, SymbolKind>> = {
  module: SymbolKind.Module,
  struct: SymbolKind.Struct,
  union: SymbolKind.Struct,
  forward: SymbolKind.Struct,
  enum: SymbolKind.Enum,
  bitmask: SymbolKind.Enum,
  bitset: SymbolKind.Struct,
  typedef: SymbolKind.TypeParameter,
  constant: SymbolKind.Constant,
  exception: SymbolKind.Class,
  interface: SymbolKind.Interface,
  valuetype: SymbolKind.Class,
  annotation: SymbolKind.Property,
  unsupported: SymbolKind.Object,
};

/** What a file declares, as a tree. */
export function symbolsOf(project: Project, { files, syntax }: Analysis): DocumentSymbol[] {
  const path = files.at(-1)?.path;
  const outline = new Outline(new Places(project.host));
  const own = syntax.filter(({ span }) => span.file.path === path);
  return own.flatMap((definition) => outline.definition(definition));
}

class Outline {
  readonly #places: Places;

  constructor(places: Places) {
    this.#places = places;
  }

  definition(syntax: DefinitionSyntax): DocumentSymbol[] {
    if (syntax.kind === 'keylist') return [];
    const kind = kinds[syntax.kind];
    if (syntax.kind === 'typedef')
      return syntax.declarators.map(({ name }) => this.#symbol(name, kind, syntax.span));
    if (syntax.kind === 'unsupported')
      return syntax.names.map((name) => this.#symbol(name, kind, syntax.span));
    return [this.#symbol(syntax.name, kind, syntax.span, this.#children(syntax))];
  }

  #children(syntax: DefinitionSyntax): DocumentSymbol[] {
    switch (syntax.kind) {
      case 'module':
        return syntax.definitions.flatMap((definition) => this.definition(definition));
      case 'struct':
      case 'exception':
        return syntax.members.flatMap((member) => this.#members(member));
      case 'union':
        return syntax.cases.flatMap(({ member }) => this.#members(member));
      case 'enum':
      case 'bitmask':
        return syntax.enumerators.map(({ name }) => this.#symbol(name, SymbolKind.EnumMember, name.span));
      case 'bitset':
        return syntax.fields.flatMap(({ names }) =>
          names.map((name) => this.#symbol(name, SymbolKind.Field, name.span)),
        );
      case 'interface':
      case 'valuetype':
        return syntax.exports.flatMap((each) => this.#export(each));
      default:
        return [];
    }
  }

  #export(each: ExportSyntax | StateSyntax | FactorySyntax): DocumentSymbol[] {
    switch (each.kind) {
      case 'operation':
        return [this.#symbol(each.name, SymbolKind.Method, each.name.span)];
      case 'factory':
        return [this.#symbol(each.operation.name, SymbolKind.Constructor, each.operation.name.span)];
      case 'attribute':
        return each.names.map((name) => this.#symbol(name, SymbolKind.Property, name.span));
      case 'state':
        return this.#members(each.member);
      default:
        return this.definition(each);
    }
  }

  #members({ declarators }: MemberSyntax): DocumentSymbol[] {
    return declarators.map(({ name }) => this.#symbol(name, SymbolKind.Field, name.span));
  }

  #symbol(name: Identifier, kind: SymbolKind, whole: Span, children: DocumentSymbol[] = []): DocumentSymbol {
    // What an include or a macro splits has no span that holds its name: then the name is all that is shown.
    const holdsName =
      whole.file === name.span.file &&
      whole.offset <= name.span.offset &&
      whole.offset + whole.length >= name.span.offset + name.span.length;
    const range = this.#places.range(holdsName ? whole : spanTo(name.span, whole));
    return { name: name.text, kind, range, selectionRange: this.#places.range(name.span), children };
  }
}
