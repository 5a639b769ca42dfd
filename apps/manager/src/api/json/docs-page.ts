import type { OpenApiDocument, Operation, Parameter } from './openapi-document.js';

const STYLE = `body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1c2430;background:#fff}
summary{cursor:pointer;padding:.4rem 0}code,pre{font:13px/1.45 ui-monospace,monospace}pre{background:#f3f5f8;padding:.8rem;overflow:auto;border-radius:6px}
.m{display:inline-block;width:4.5rem;font-weight:600}table{border-collapse:collapse;width:100%}td,th{text-align:left;vertical-align:top;padding:.3rem .6rem .3rem 0;border-bottom:1px solid #e3e7ec}
@media(prefers-color-scheme:dark){body{color:#dfe5ec;background:#14181d}pre{background:#1d232b}td,th{border-color:#2c343e}a{color:#8ab4ff}}`;

/** What the document says, as one page of HTML that needs nothing else. */
export function docsPage(document: OpenApiDocument): string {
  const operations = Object.entries(document.paths).flatMap(([path, methods]) => Object.entries(methods).map(([method, operation]) => ({ path, method, operation })));
  const groups = [...new Set(operations.map(({ operation }) => operation.tags[0] ?? ''))];
  const { title, description } = document.info;
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escape(title)} API</title><style>${STYLE}</style></head><body>
<h1>${escape(title)} API</h1><p>${escape(description)}</p>
<p>Send your token as <code>X-Auth-Token</code> or <code>Authorization: Bearer</code>. The same as OpenAPI 3.1: <a href="openapi.json">openapi.json</a></p>
${groups.map((group) => `<h2>${escape(group)}</h2>${operations.filter(({ operation }) => operation.tags[0] === group).map(section).join('')}`).join('\n')}
</body></html>`;
}

function section({ path, method, operation }: { path: string; method: string; operation: Operation }): string {
  const { summary, description, parameters, requestBody, responses, security } = operation;
  return `<details><summary><span class="m">${method.toUpperCase()}</span><code>${escape(path)}</code> ${escape(summary)}</summary>
${description ? `<p>${escape(description)}</p>` : ''}${security.length === 0 ? '<p>Needs no token.</p>' : ''}${parameterTable(parameters)}
${requestBody ? `<h4>Body</h4>${schemas(requestBody.content)}` : ''}
<h4>Answers</h4>${Object.entries(responses).map(([status, { description: meaning, content }]) => `<p><b>${status}</b> ${escape(meaning)}</p>${content && status !== 'default' && Number(status) < 400 ? schemas(content) : ''}`).join('')}
</details>`;
}

function parameterTable(parameters: readonly Parameter[]): string {
  if (parameters.length === 0) return '';
  const rows = parameters.map(({ name, in: place, description, schema }) => `<tr><td><code>${escape(name)}</code></td><td>${place}</td><td>${escape(description ?? '')}</td><td><code>${escape(JSON.stringify(schema))}</code></td></tr>`);
  return `<table><tr><th>Parameter</th><th>In</th><th>Meaning</th><th>Schema</th></tr>${rows.join('')}</table>`;
}

const schemas = (content: Readonly<Record<string, { readonly schema: unknown }>>): string =>
  Object.entries(content).map(([mediaType, { schema }]) => `<p><code>${escape(mediaType)}</code></p><pre>${escape(JSON.stringify(schema, null, 2))}</pre>`).join('');

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', '\'': '&#39;' };
const escape = (text: string): string => text.replace(/[&<>"']/g, (char) => ENTITIES[char] ?? char);
