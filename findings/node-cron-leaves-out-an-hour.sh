#!/usr/bin/env bash
# node-cron 4.6.0: in the night in which the clocks are put back, a job of every five minutes is not run for an hour.
#
# The hour from 2 to 3 comes twice. One would guess that a job of every five minutes does not mind, and that the question is only
# whether a job of 2:30 runs once or twice. For the whole first hour nothing is run, and no error is raised: what renews a lease,
# sends a heartbeat or takes over what is stale keeps still. It looks for the next run by the hands of the clock, and these go
# back. Three other libraries miss nothing, and neither does it with UTC as the job's zone, on a machine in UTC, as here.
#
# Replaced timers make the night pass in a moment; with the real ones, under a shifted clock, it was the same.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

npm install --silent --no-audit --no-fund --prefix "$work" node-cron@4.6.0 cron@4.4.0 croner@11.0.1 node-schedule@2.1.1 \
  @sinonjs/fake-timers@15.5.0 >npm.txt 2>&1 || { cat npm.txt; exit 2; }
cat >night.mjs <<'JS'
import timers from '@sinonjs/fake-timers';
const libraries = {
  cron: ({ CronJob }, rule, timezone, run) => CronJob.from({ cronTime: rule, timeZone: timezone, onTick: run, start: true }),
  croner: ({ Cron }, rule, timezone, run) => new Cron(rule, { timezone }, run),
  'node-schedule': ({ scheduleJob }, rule, timezone, run) => scheduleJob({ rule, tz: timezone }, run),
  'node-cron': ({ schedule }, rule, timezone, run) => schedule(rule, run, { timezone }),
};
const [name, timezone] = process.argv.slice(2);
const library = await import(name);
// In Berlin it is 0:59:58, two hours before the clocks go back from 3:00 to 2:00.
const clock = timers.install({ now: new Date('2026-10-24T22:59:58Z'), toFake: [
  'setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'setImmediate', 'clearImmediate', 'Date'] });
const runs = [0, 0, 0, 0];
libraries[name](library, '*/5 * * * *', timezone, () => { runs[(new Date().getUTCHours() + 1) % 24]++; });
await clock.tickAsync(4 * 60 * 60 * 1000);
console.log(`${name}, ${timezone}: from 1 to 2: ${runs[0]}, from 2 to 3: ${runs[1]}, again from 2 to 3: ${runs[2]}, ` +
  `from 3 to 4: ${runs[3]}`);
process.exit();
JS
npm ls --prefix "$work" --depth 0 node-cron | grep -o 'node-cron@.*'
for library in cron croner node-schedule node-cron; do
  TZ=UTC timeout 30 node night.mjs $library Europe/Berlin
done | tee seen.txt
TZ=UTC timeout 30 node night.mjs node-cron UTC | tee -a seen.txt

diff - seen.txt <<'EXPECTED'
cron, Europe/Berlin: from 1 to 2: 12, from 2 to 3: 12, again from 2 to 3: 12, from 3 to 4: 12
croner, Europe/Berlin: from 1 to 2: 12, from 2 to 3: 12, again from 2 to 3: 12, from 3 to 4: 12
node-schedule, Europe/Berlin: from 1 to 2: 12, from 2 to 3: 12, again from 2 to 3: 12, from 3 to 4: 12
node-cron, Europe/Berlin: from 1 to 2: 12, from 2 to 3: 0, again from 2 to 3: 12, from 3 to 4: 12
node-cron, UTC: from 1 to 2: 12, from 2 to 3: 12, again from 2 to 3: 12, from 3 to 4: 12
EXPECTED
echo "as described: an hour without a run"
