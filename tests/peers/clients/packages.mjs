// The packages that the clients need, one a line.
import { clients } from './clients.mjs';

console.log([...new Set(clients.flatMap((it) => it.packages ?? []))].join('\n'));
