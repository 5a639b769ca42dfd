interface PageOptions {
  /** The page of @bull-board/ui, which knows the names of its scripts and styles. */
  readonly template: string;
  /** Ends with a slash; all else on the page is relative to it. */
  readonly basePath: string;
  readonly title: string;
  /** JSON. */
  readonly uiConfig: string;
}

/**
 * The page of the board. Ours and not the package's: that one asks another host for fonts, and has styles in line, which the policy of this page forbids.
 * Throws when the template is not as expected, as with another version of the package.
 */
export function boardPage({ template, basePath, title, uiConfig }: PageOptions): string {
  const styles = [...template.matchAll(/<link href="(static\/[\w./-]+\.css)" rel="stylesheet">/g)].map(([, path]) => `<link href="${path}" rel="stylesheet">`);
  const scripts = [...template.matchAll(/<script defer src="(static\/[\w./-]+\.js)">/g)].map(([, path]) => `<script defer src="${path}"></script>`);
  if (styles.length === 0 || scripts.length === 0) throw new Error('The page of @bull-board/ui names no scripts or styles.');
  return `<!doctype html><html lang="en" dir="ltr"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex">
<base href="${basePath}"><title>${title}</title><link rel="icon" type="image/svg+xml" id="fav-logo" href="static/images/logo.svg">
${styles.join('')}</head><body class="preload"><script id="__UI_CONFIG__" type="application/json">${uiConfig.replace(/</g, '\\u003c')}</script><div id="root"></div>
${scripts.join('')}</body></html>`;
}

/** Nothing but what this server gives. Parts of the board put styles into the page by script. */
export const BOARD_HEADERS = {
  'Content-Security-Policy': "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; connect-src 'self'; worker-src 'self'; base-uri 'self'; form-action 'none'; frame-ancestors 'none'",
  'X-Content-Type-Options': 'nosniff', 'X-Frame-Options': 'DENY', 'Referrer-Policy': 'no-referrer', 'Cross-Origin-Resource-Policy': 'same-origin',
} as const;
