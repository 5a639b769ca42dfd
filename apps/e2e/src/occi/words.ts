/** What the rows have in common. */
export const ORDER = 'order; scheme="http://schemas.fogbowcloud.org/order#"; class="kind"';
export const SMALL = 'fogbow_small; scheme="http://schemas.fogbowcloud.org/template/resource#"; class="mixin"';
export const INFRASTRUCTURE = 'http://schemas.ogf.org/occi/infrastructure#';
export const kind = (term: string): string => `${term}; scheme="${INFRASTRUCTURE}"; class="kind"`;
export const OS = `e2e_os; scheme="http://example.org/os#"; class="mixin"; rel="${INFRASTRUCTURE}os_tpl"`;
export const SIZE = `e2e_size; scheme="http://example.org/size#"; class="mixin"; rel="${INFRASTRUCTURE}resource_tpl"`;
export const PREFIX = 'org.fogbowcloud.order.';
export const COMPUTE = `${PREFIX}resource-kind=compute`;
export const TEXT = { 'Content-Type': 'text/occi' };
export const post = (Category: string | readonly string[], attributes?: string | readonly string[], more: Record<string, string> = {}): Record<string, string | readonly string[]> =>
  ({ ...TEXT, Category, ...(attributes ? { 'X-OCCI-Attribute': attributes } : {}), ...more });
export const UUID = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}';
export const last = (text: unknown): string => String(text).split('/').at(-1) ?? '';
export const UNSUPPORTED = 'There are unsupported attributes in the request.';
export const IRREGULAR = 'Irregular Syntax.';
