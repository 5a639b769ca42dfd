export { irregular, parseCategory, renderCategory, sameCategory, unquote } from './category.js';
export type { Category } from './category.js';
export { parseAttributes, renderAttribute, UNSUPPORTED_ATTRIBUTES } from './attribute.js';
export { splitOutsideQuotes } from './split-header.js';
