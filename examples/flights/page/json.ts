/** The built-in type of topics that are JSON. It holds no code of Node's, so it may run in a page. */
export { Json } from '../../../codegen/support/builtin-types.js';
