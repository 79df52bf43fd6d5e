interface DocumentedOperation {
  operationId: string;
  tags: string[];
  summary: string;
  description?: string;
  security?: unknown[];
  parameters?: { name: string; in: string; required: boolean; description?: string }[];
  requestBody?: { content: Record<string, { schema: unknown }> };
  responses: Record<string, { description: string; content?: Record<string, { schema: unknown }> }>;
}

/** A page to read the OpenAPI document on: plain HTML, nothing loaded from elsewhere, no script. */
export function docsPage(document: Record<string, unknown>): string {
  const paths = document.paths as Record<string, Record<string, DocumentedOperation>>;
  const schemas = (document.components as { schemas: Record<string, unknown> }).schemas;
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, spec]) => ({ path, method, spec })),
  );
  const tags = [...new Set(operations.flatMap(({ spec }) => spec.tags))];
  const sections = tags.map((tag) => {
    const own = operations.filter(({ spec }) => spec.tags.includes(tag));
    return `<h2 id="${escaped(tag)}">${escaped(tag)}</h2>${own.map(operationHtml).join('')}`;
  });
  const shapes = Object.entries(schemas).map(
    ([name, schema]) =>
      `<details id="schema-${escaped(name)}"><summary><code>${escaped(name)}</code></summary>${json(schema)}</details>`,
  );
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Groundcrew API</title><style>${style}</style></head><body>
<h1>Groundcrew API</h1>
<p>The machine-readable document is <a href="/openapi.json">/openapi.json</a>.
Commands need an <code>Idempotency-Key</code>; errors are problems (RFC 9457) whose <code>code</code> never changes.</p>
<nav>${tags.map((tag) => `<a href="#${escaped(tag)}">${escaped(tag)}</a>`).join(' · ')} · <a href="#schemas">Schemas</a></nav>
${sections.join('\n')}
<h2 id="schemas">Schemas</h2>
${shapes.join('\n')}
</body></html>
`;
}

function operationHtml(entry: { path: string; method: string; spec: DocumentedOperation }): string {
  const { path, method, spec } = entry;
  const parameters = (spec.parameters ?? []).map(
    (parameter) =>
      `<tr><td><code>${escaped(parameter.name)}</code></td><td>${escaped(parameter.in)}</td><td>${
        parameter.required ? 'required' : ''
      }</td><td>${escaped(parameter.description ?? '')}</td></tr>`,
  );
  const bodies = Object.entries(spec.requestBody?.content ?? {}).map(
    ([type, { schema }]) => `<li><code>${escaped(type)}</code> ${schemaLink(schema)}</li>`,
  );
  const responses = Object.entries(spec.responses).map(([status, { description, content }]) => {
    const shapes = Object.entries(content ?? {}).map(
      ([type, { schema }]) => `<code>${escaped(type)}</code> ${schemaLink(schema)}`,
    );
    return `<li><b>${escaped(status)}</b> ${escaped(description)} ${shapes.join(', ')}</li>`;
  });
  return `<details id="${escaped(spec.operationId)}"><summary><span class="verb ${escaped(method)}">${escaped(
    method.toUpperCase(),
  )}</span> <code>${escaped(path)}</code> ${escaped(spec.summary)}</summary>
<p>${spec.security?.length === 0 ? 'Open to everybody.' : escaped(spec.description ?? '')}</p>
${parameters.length > 0 ? `<table>${parameters.join('')}</table>` : ''}
${bodies.length > 0 ? `<p>Body</p><ul>${bodies.join('')}</ul>` : ''}
<p>Answers</p><ul>${responses.join('')}</ul></details>`;
}

function schemaLink(schema: unknown): string {
  const reference = (schema as { $ref?: string }).$ref;
  if (reference === undefined) return '';
  const name = reference.slice(reference.lastIndexOf('/') + 1);
  return `<a href="#schema-${escaped(name)}">${escaped(name)}</a>`;
}

function json(value: unknown): string {
  return `<pre>${escaped(JSON.stringify(value, null, 2))}</pre>`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

const style = `body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1b1b1b;background:#fff}
code,pre{font:13px/1.5 ui-monospace,monospace}pre{background:#f4f4f4;padding:.75rem;overflow:auto}
details{border:1px solid #ddd;border-radius:6px;margin:.4rem 0;padding:.4rem .75rem}summary{cursor:pointer}
td{padding:.15rem .75rem .15rem 0;vertical-align:top}.verb{display:inline-block;min-width:4rem;font-weight:700}
.get{color:#0b5cad}.post{color:#0a7a3d}.patch{color:#8a5a00}.delete{color:#b3261e}
@media (prefers-color-scheme:dark){body{color:#eee;background:#161616}pre{background:#222}details{border-color:#444}a{color:#8ab4f8}
.get{color:#8ab4f8}.post{color:#81c995}.patch{color:#fdd663}.delete{color:#f28b82}}`;
