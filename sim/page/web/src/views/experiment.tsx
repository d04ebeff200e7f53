// One experiment on one screen, in the order in which a newcomer asks.
import type { View } from '../model/session';
import { type Branch, onward, others, shared } from '../model/taken';
import type { Lesson, State } from '../model/types';
import { Inline } from './inline';
import { Knobs, type Turn } from './knobs';
import type { Predictions } from './lesson';
import { Orders, Share } from './orders';
import { Database } from './rows';
import { Extras, Odds, Scheduler } from './scheduler';
import { Sequence } from './sequence';

export type Sheet =
  | 'search'
  | 'lesson'
  | 'compare'
  | 'keys'
  | 'story'
  | 'why'
  | 'other'
  | 'files'
  | 'pass'
  | 'join'
  | null;

/** Whether a lesson asks about orders, and nobody has said what he thinks: then what they come to is not shown yet. */
export function isAsked(lesson: Lesson | undefined, predictions: Predictions): boolean {
  return (
    lesson?.question != null &&
    lesson.experiment.arguments[0] === 'explore' &&
    predictions[lesson.number] === undefined
  );
}

/** What the picture was before the last knob was turned. */
export type Ghost = { words: string; share: number };

type ExperimentGiven = {
  view: View;
  shownState: State | undefined;
  chosen: number | null;
  ghost: Ghost | undefined;
  choose(number: number | null): void;
  take(letter: string): void;
  undo(): void;
  redo(): void;
  taken: Branch[];
  goTo(order: string): void;
  turn(change: Turn): void;
  open(sheet: Sheet): void;
  lesson: Lesson | undefined;
  predictions: Predictions;
  pressedBy: ReadonlyMap<string, string> | undefined;
};

export function Experiment(given: ExperimentGiven) {
  const { view, shownState, chosen, ghost, choose, take, undo, redo, taken, goTo, turn, open } =
    given;
  const { opened, state } = view;
  const { lesson, predictions } = given;
  const drawn = shownState ?? state;
  const asked = isAsked(lesson, predictions);
  return (
    <main class="page">
      <div class="column">
        <section class="story" aria-label="Story and question">
          {lesson ? (
            <Told lesson={lesson} said={predictions[lesson.number]} open={open} />
          ) : (
            <>
              <p class="told">{opened.shown.story[0]}</p>
              {state.order === '' ? (
                <p class="question">
                  You decide who goes next. Can you make it go wrong? In how many orders does it?
                </p>
              ) : null}
            </>
          )}
        </section>
        <section class="play" aria-labelledby="play-title">
          <h2 id="play-title">You are the scheduler</h2>
          {state.ended ? <Verdict state={state} open={open} /> : null}
          {state.ended ? null : <Scheduler state={state} take={take} asked={asked} />}
          <div class="tools">
            <button type="button" onClick={undo} disabled={state.order === ''}>
              Undo <kbd>u</kbd>
            </button>
            <button type="button" onClick={redo} disabled={!onward(taken, state.order)}>
              Redo <kbd>r</kbd>
            </button>
            <button type="button" onClick={() => goTo('')} disabled={state.order === ''}>
              Start over <kbd>0</kbd>
            </button>
            <span class="order">
              order <b data-testid="order">{state.order || '–'}</b>
            </span>
            <Branches branches={others(taken, state.order)} order={state.order} goTo={goTo} />
          </div>
          {state.ended || asked ? null : <Odds way={state.odds} label="From here" />}
          <Extras state={state} take={take} />
        </section>
      </div>
      <div class="column shown">
        <section class="all" aria-labelledby="all-title">
          <h2 id="all-title">All orders {asked ? null : <Share opened={opened} />}</h2>
          {asked ? (
            <p>They are shown when you have said what you think.</p>
          ) : (
            <Orders
              opened={opened}
              order={state.order}
              chosen={chosen}
              choose={choose}
              go={(number) => goTo(opened.orders?.list[number]?.[0] ?? '')}
            />
          )}
          {ghost ? (
            <div class="ghost">
              <p>before: {ghost.words}</p>
              <div class="split" aria-hidden="true">
                <span class="bad" style={{ flexGrow: ghost.share }} />
                <span class="good" style={{ flexGrow: 1 - ghost.share }} />
              </div>
            </div>
          ) : null}
        </section>
        <section class="database" aria-label="The database">
          <Database state={state} />
        </section>
        <section class="drawn" aria-labelledby="drawn-title">
          <h2 id="drawn-title">
            {shownState ? `The order ${shownState.order}` : 'The sequence so far'}
          </h2>
          <Sequence
            state={drawn}
            clients={state.told.length}
            pressedBy={shownState ? undefined : given.pressedBy}
          />
        </section>
      </div>
      <section class="turn" aria-label="One knob">
        <Knobs opened={opened} state={state} turn={turn} />
      </section>
    </main>
  );
}

/** What was taken before, and left: each goes back there. What it shares with the order that one is in is quiet. */
function Branches({
  branches,
  order,
  goTo,
}: {
  branches: Branch[];
  order: string;
  goTo(order: string): void;
}) {
  if (branches.length === 0) return null;
  return (
    <ul class="branches" aria-label="Also taken">
      {branches.map((branch, i) => {
        const same = shared(branch.order, order);
        return (
          <li key={branch.order}>
            <button type="button" onClick={() => goTo(branch.order)}>
              <span class="small">{same}</span>
              {branch.order.slice(same.length)}
              <Ending bad={branch.bad} />
              {i === 0 ? <kbd>o</kbd> : null}
            </button>
          </li>
        );
      })}
    </ul>
  );
}

function Ending({ bad }: { bad: boolean | undefined }) {
  if (bad === undefined) return ' …';
  return bad ? <span class="bad"> ✗</span> : <span class="good"> ✓</span>;
}

/** The lesson that one is in: its story and its question; then what was said, and what to do. */
function Told({
  lesson,
  said,
  open,
}: {
  lesson: Lesson;
  said: number | undefined;
  open(sheet: Sheet): void;
}) {
  const choice = said === undefined ? undefined : lesson.question?.choices[said];
  return (
    <>
      <p class="told">
        <b>
          Lesson {lesson.number}: {lesson.title}
          {lesson.title.endsWith('?') ? '' : '.'}
        </b>{' '}
        <Inline text={(choice ? lesson.by_hand.before[0] : lesson.story[0]) ?? ''} />
      </p>
      <p class="question">
        <Inline text={lesson.question?.text ?? lesson.by_hand.before[0] ?? ''} />{' '}
        {choice ? (
          <span class="said-before">
            You said: <Inline text={choice.text} />
          </span>
        ) : (
          <button type="button" onClick={() => open('lesson')}>
            {lesson.question ? 'Say it first' : 'Build it'} <kbd>l</kbd>
          </button>
        )}
      </p>
    </>
  );
}

function Verdict({ state, open }: { state: State; open(sheet: Sheet): void }) {
  const bad = state.verdict === 'violated';
  return (
    <div class={bad ? 'verdict bad' : 'verdict good'}>
      <p>
        <strong>{bad ? '✗ VIOLATED' : '✓ HOLDS'}</strong> {state.headline}
      </p>
      {state.why ? <p class="why">why: {state.why}</p> : null}
      <p class="tools">
        <button type="button" onClick={() => open('why')}>
          Why, in full <kbd>w</kbd>
        </button>
        <button type="button" onClick={() => open('other')}>
          Same order, other strategy <kbd>s</kbd>
        </button>
      </p>
      {state.token ? (
        <p class="small token">
          <code>racelab replay {state.token}</code>
        </p>
      ) : null}
    </div>
  );
}
