// A result on a page of its own, without the engine: the verdict first, then the picture, why, and what to type next.
import { useState } from 'preact/hooks';
import type { Explained, Explored, Given, Several } from '../model/result';
import { isBad, ledgerWords, wayOf } from '../model/result';
import type { Comparison, Orders as Listed, State } from '../model/types';
import { fraction, grouped, outcomeWords, percent } from '../model/words';
import { Terminal } from '../views/dialog';
import { Orders, Share } from '../views/orders';
import { Compared } from './compared';
import { Walk } from './walk';

export function Result({ given }: { given: Given }) {
  return (
    <main class="result">
      <header>
        <h1>racelab</h1>
        <code>{given.command}</code>
      </header>
      <Body given={given} />
      <details>
        <summary>As a terminal shows it</summary>
        <Terminal text={given.text} label="As a terminal shows it" />
      </details>
      <footer class="small">
        Written by racelab {given.version}. Everything is in this file; it asks no server for
        anything.
      </footer>
    </main>
  );
}

function Body({ given }: { given: Given }) {
  const { result } = given;
  switch (result.schema) {
    case 'racelab.explain/1':
      return <ExplainedOrder given={given} result={result} />;
    case 'racelab.explore/1':
      return <ExploredOrders given={given} result={result} />;
    case 'racelab.explore-several/1':
      return <SeveralExplored result={result} />;
    default:
      return <Compared comparison={result as Comparison} text={given.text} />;
  }
}

const signs: Record<string, [sign: string, word: string, tone: string]> = {
  violated: ['✗', 'VIOLATED', 'bad'],
  holds: ['✓', 'HOLDS', 'good'],
  'gave-up': ['…', 'GAVE UP', 'open'],
  idle: ['…', 'NOTHING WAS DONE', 'open'],
};
const signOf = (verdict: string) => signs[verdict] ?? ['', verdict, 'open'];

type VerdictGiven = { verdict: string; word?: string; headline: string; about: string };

function Verdict({ verdict, word, headline, about }: VerdictGiven) {
  const [sign, usual, tone] = signOf(verdict);
  return (
    <section class={`verdict ${tone}`} aria-label="Verdict">
      <p>
        <strong>
          {sign} {word ?? usual}
        </strong>{' '}
        {headline}
      </p>
      <p class="small">{about}</p>
    </section>
  );
}

const counted = (count: number, what: string) => `${count} ${what}${count === 1 ? '' : 's'}`;

function ExplainedOrder({ given, result }: { given: Given; result: Explained }) {
  const end = given.way.at(-1) as State;
  const steps = end.steps.at(-1)?.step ?? 0;
  const size = [
    counted(result.clients, 'client'),
    counted(steps, 'step'),
    ...(result.faults > 0 ? [counted(result.faults, 'fault')] : []),
  ].join(', ');
  const about = `${result.scenario}, ${result.strategy}; ${result.smallest ? 'the smallest order that goes wrong: ' : ''}${size}`;
  const first = given.way[0] as State;
  return (
    <>
      <Verdict
        verdict={result.verdict}
        word={result.title}
        headline={result.headline || (end.headline ?? '')}
        about={about}
      />
      <Story given={given} />
      <Drawn given={given} />
      <section aria-labelledby="why-title">
        <h2 id="why-title">Why it ends so</h2>
        <Reasons result={result} />
      </section>
      {result.verdict === 'violated' ? <Helps result={result} /> : null}
      <AllOrders state={first} drawn={result.schedule} />
      <Commands commands={given.commands} />
    </>
  );
}

/** The first paragraph of the scenario's story. */
function Story({ given }: { given: Given }) {
  const told = given.shown?.story[0];
  return told ? <p>{told}</p> : null;
}

function Drawn({ given }: { given: Given }) {
  return given.way.length > 0 ? (
    <section aria-labelledby="order-title">
      <h2 id="order-title">The order, step by step</h2>
      <Walk way={given.way} shown={given.shown} />
    </section>
  ) : null;
}

function Reasons({ result }: { result: Explained }) {
  const ledgers = Object.entries(result.ledger_by_row ?? {});
  const several = ledgers.length > 1;
  const lines: [label: string, text: string][] = [
    ...result.reasons.map(({ label, text }): [string, string] => [label, text]),
    ...(result.one_at_a_time ?? []).map((text, i): [string, string] => [
      i === 0 ? 'one at a time' : '',
      text,
    ]),
    ...ledgers.map(([row, ledger]): [string, string] => [
      'ledger',
      (several ? `${row}: ` : '') + ledgerWords(ledger),
    ]),
  ];
  return <Labelled lines={lines} />;
}

function Labelled({ lines }: { lines: [label: string, text: string][] }) {
  return (
    <dl class="labelled">
      {lines.map(([label, text], i) => (
        <div key={i}>
          <dt>{label}</dt>
          <dd>{text}</dd>
        </div>
      ))}
    </dl>
  );
}

function Helps({ result }: { result: Explained }) {
  const { swap, fixes, fixes_unexplored: left } = result;
  const lines: [string, string][] = fixes.map((fix) => [
    fix.change,
    [
      fix.statement ? `${fix.statement}: ${fix.effect}` : fix.effect,
      ...(fix.no_help_against ? [`no help against ${fix.no_help_against}`] : []),
    ].join('; '),
  ]);
  return (
    <section aria-labelledby="helps-title">
      <h2 id="helps-title">What would have been right</h2>
      {swap ? <p>With two pieces of it swapped: {swap.text}</p> : null}
      {lines.length > 0 ? (
        <>
          <p>Each of these holds in every order; here is what it does in this one:</p>
          <Labelled lines={lines} />
        </>
      ) : (
        <p>None of the other strategies, protections and isolation levels holds in every order.</p>
      )}
      {left > 0 ? <p>{counted(left, 'candidate')} too large to be decided here.</p> : null}
    </section>
  );
}

type AllGiven = {
  state: State | null;
  result?: Explored;
  drawn?: string; // the order that the page is about
};

/** All orders from a state on; nothing where they are not known. */
function AllOrders({ state, result, drawn }: AllGiven) {
  const own = state?.orders?.list.findIndex(([word]) => word === drawn) ?? -1;
  const [chosen, setChosen] = useState<number | null>(own < 0 ? null : own);
  const [kept, setKept] = useState('');
  const row = state?.rows?.length === 1 ? state.rows[0]?.row : undefined;
  const whole = state?.odds ?? (result ? wayOf(result) : null);
  const orders: Listed | null =
    state?.orders ??
    (result
      ? { outcomes: result.outcomes.map((one) => ({ ...one, violated: isBad(one) })), list: [] }
      : null);
  if (!whole || !orders) return null;
  const opened = { whole, orders, row };
  const go = (number: number) => {
    const [word, place] = orders.list[number] ?? ['', 0];
    const outcome = orders.outcomes[place];
    setKept(outcome ? `${word}: ${outcomeWords(outcome, row)}` : word);
  };
  return (
    <section class="all" aria-labelledby="all-title">
      <h2 id="all-title">
        All orders <Share opened={opened} />
      </h2>
      <Orders
        opened={opened}
        order=""
        chosen={chosen}
        choose={setChosen}
        go={go}
        enter="keeps it below"
      />
      {kept ? <p role="status">{kept}</p> : null}
    </section>
  );
}

function Commands({ commands }: { commands: string[] }) {
  return commands.length > 0 ? (
    <section aria-labelledby="type-title">
      <h2 id="type-title">To see it again</h2>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable with the keyboard */}
      <section class="terminal" tabIndex={0} aria-label="Commands">
        <pre>{commands.join('\n')}</pre>
      </section>
    </section>
  ) : null;
}

function howMany(result: Explored): string {
  const way = wayOf(result);
  if (!way) return result.complete ? 'in every order' : 'not every order was looked at';
  const chance = result.probability_violating?.uniform_scheduler ?? null;
  const share = `${fraction(way)} ${way.orders === '1' ? 'goes' : 'go'} wrong`;
  const odds = chance === null ? '' : `; ${percent(chance)} when every next step is equally likely`;
  return `${share}${odds}${result.complete ? '' : '; not every order was looked at'}`;
}

function ExploredOrders({ given, result }: { given: Given; result: Explored }) {
  const end = given.way.at(-1);
  return (
    <>
      <Verdict
        verdict={result.verdict}
        headline={howMany(result)}
        about={[result.scenario, result.strategy, result.on ? `on ${result.on}` : '']
          .filter((word) => word)
          .join(', ')}
      />
      <Story given={given} />
      <AllOrders state={given.start} result={result} />
      {end ? (
        <section aria-labelledby="order-title">
          <h2 id="order-title">The smallest order that goes wrong</h2>
          <p>{end.headline}</p>
          <Walk way={given.way} shown={given.shown} />
          <p>why: {end.why}</p>
        </section>
      ) : null}
      <Commands commands={given.commands} />
    </>
  );
}

function SeveralExplored({ result }: { result: Several }) {
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable with the keyboard */}
      <section class="terminal" tabIndex={0} aria-label="Strategies">
        <table class="rows">
          <thead>
            <tr>
              <th scope="col">strategy</th>
              <th scope="col">verdict</th>
              <th scope="col">orders that go wrong</th>
              <th scope="col">the smallest</th>
            </tr>
          </thead>
          <tbody>
            {result.explorations.map((one) => {
              const [sign, word, tone] = signOf(one.verdict);
              return (
                <tr key={one.strategy}>
                  <th scope="row">{one.strategy}</th>
                  <td class={tone}>
                    {sign} {word}
                  </td>
                  <td>
                    {one.orders === undefined
                      ? 'not counted'
                      : `${grouped(one.orders_violating ?? '0')} of ${grouped(one.orders)}`}
                  </td>
                  <td>{one.counterexample ? <code>{one.counterexample.schedule}</code> : '–'}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </section>
    </>
  );
}
