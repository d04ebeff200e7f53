import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { defineConfig, type Plugin } from 'vite';
import { viteSingleFile } from 'vite-plugin-singlefile';

const build = resolve(import.meta.dirname, '../../../build/page');

// `import packed from 'engine.wasm?packed'`: the engine that the build made, gzipped, as base64.
const engine: Plugin = {
  name: 'engine',
  resolveId(id) {
    return id === 'engine.wasm?packed' ? `\0${id}` : undefined;
  },
  load(id) {
    if (id !== '\0engine.wasm?packed') return undefined;
    const bytes = gzipSync(readFileSync(resolve(build, 'wasm/racelab.wasm')), { level: 9 });
    return `export default ${JSON.stringify(bytes.toString('base64'))}`;
  },
};

// Only the scripts and styles that are in the file may run: the policy names them by their hashes. With it the page is whole.
const policy: Plugin = {
  name: 'policy',
  closeBundle() {
    const html = readFileSync(resolve(build, 'dist/index.html'), 'utf8');
    const hashes = (tag: string) =>
      [...html.matchAll(new RegExp(`<${tag}[^>]*>([\\s\\S]*?)</${tag}>`, 'g'))]
        .map((match) =>
          createHash('sha256')
            .update(match[1] ?? '')
            .digest('base64'),
        )
        .map((hash) => `'sha256-${hash}'`)
        .join(' ');
    const rules = [
      `default-src 'none'`,
      `script-src ${hashes('script')} 'wasm-unsafe-eval'`,
      `style-src ${hashes('style')}`,
      'worker-src blob:',
      `base-uri 'none'`,
      `form-action 'none'`,
    ].join('; ');
    const head = '<meta charset="utf-8">';
    const meta = `<meta http-equiv="Content-Security-Policy" content="${rules}">`;
    writeFileSync(
      resolve(build, 'racelab.html'),
      html.replace(head, () => `${head}${meta}`),
    );
  },
};

export default defineConfig({
  plugins: [engine, viteSingleFile({ removeViteModuleLoader: true }), policy],
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    target: 'es2022',
    outDir: resolve(build, 'dist'),
    emptyOutDir: true,
    modulePreload: false,
  },
});
