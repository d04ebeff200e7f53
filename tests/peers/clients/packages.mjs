// The packages that clients need, one a line: of npm, or of Debian.
//
//   node packages.mjs npm|debian [CLIENT…]
import { clients } from './clients.mjs';
import { languages } from './languages.mjs';

const [, , registry, ...names] = process.argv;
const wanted = clients.filter((it) => names.length === 0 || names.includes(it.name));
const packages = {
  npm: (it) => it.npm ?? [],
  // Whoever counts connections that are refused is written in Python.
  debian: (it) => ['python3', ...(languages[it.by]?.debian ?? []), ...(it.debian ?? [])],
}[registry];
for (const needed of new Set(wanted.flatMap(packages))) {
  console.log(needed);
}
