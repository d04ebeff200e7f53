import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { defineConfig, type Plugin } from 'vite';
import { viteSingleFile } from 'vite-plugin-singlefile';

const build = resolve(import.meta.dirname, '../../../build/page');

// The engine that the build made, gzipped, as base64: in an element that no browser runs, so that none reads it as a script first.
const withEngine = (html: string): string => {
  const packed = readFileSync(resolve(build, 'wasm/racelab.wasm.gz')).toString('base64');
  const place = '<script type="application/octet-stream" id="engine">';
  return html.replace(place, () => place + packed);
};

type Page = { source: string; made: string; folder: string; engine: boolean };

// Only the scripts and styles that are in the file may run: the policy names them by their hashes. With it the page is whole.
// `racelab host` sends the policy as a header instead, with where the page may connect to.
const policy = (page: Page): Plugin => ({
  name: 'policy',
  closeBundle() {
    const html = readFileSync(resolve(build, page.folder, page.source), 'utf8');
    const hashes = (tag: string) =>
      [...html.matchAll(new RegExp(`<${tag}[^>]*>([\\s\\S]*?)</${tag}>`, 'g'))]
        .filter((match) => !match[0].startsWith('<script type="application/')) // data, which never runs
        .map((match) =>
          createHash('sha256')
            .update(match[1] ?? '')
            .digest('base64'),
        )
        .map((hash) => `'sha256-${hash}'`)
        .join(' ');
    const rules = [
      `default-src 'none'`,
      `script-src ${hashes('script')}${page.engine ? ` 'wasm-unsafe-eval'` : ''}`,
      `style-src ${hashes('style')}`,
      ...(page.engine ? ['worker-src blob:'] : []),
      `base-uri 'none'`,
      `form-action 'none'`,
    ].join('; ');
    const head = '<meta charset="utf-8">';
    const meta = `<meta http-equiv="Content-Security-Policy" content="${rules}">`;
    const ruled = html.replace(head, () => `${head}${meta}`);
    writeFileSync(resolve(build, page.made), page.engine ? withEngine(ruled) : ruled);
  },
});

const whole = { source: 'index.html', made: 'racelab.html', folder: 'dist', engine: true };
const result = { source: 'result.html', made: 'result.html', folder: 'dist-result', engine: false };
const phone = { source: 'phone.html', made: 'phone.html', folder: 'dist-phone', engine: false };

export default defineConfig(({ mode }) => {
  const page = mode === 'phone' ? phone : mode === 'result' ? result : whole;
  return {
    plugins: [viteSingleFile({ removeViteModuleLoader: true }), policy(page)],
    oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
    build: {
      target: 'es2022',
      outDir: resolve(build, page.folder),
      emptyOutDir: true,
      modulePreload: false,
      rollupOptions: { input: resolve(import.meta.dirname, page.source) },
    },
  };
});
