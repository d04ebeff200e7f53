// A lesson asks first, and then shows: what was predicted stays beside what happened.
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { type Place, placeOfCommand } from '../model/address';
import type { Session } from '../model/session';
import type { Lesson, LessonExperiment } from '../model/types';
import { Dialog, Terminal } from './dialog';
import { Inline, Paragraphs } from './inline';

/** By lesson: the place of the choice that was made. */
export type Predictions = Record<number, number>;

type Given = {
  lessons: Lesson[] | undefined;
  number: number;
  turnTo(number: number): void;
  predictions: Predictions;
  predict(number: number, choice: number): void;
  session: Session;
  stop(): void;
  visit(place: Place): void;
  close(): void;
};

export function LessonSheet(given: Given) {
  const { lessons, number, turnTo, close } = given;
  const lesson = lessons?.find((one) => one.number === number);
  return (
    <Dialog title={lesson ? `Lesson ${lesson.number}: ${lesson.title}` : 'Lessons'} close={close}>
      {lessons ? (
        <label>
          Lesson{' '}
          <select value={number} onChange={(event) => turnTo(Number(event.currentTarget.value))}>
            {lessons.map((one) => (
              <option key={one.number} value={one.number}>
                {one.number}. {one.title}
              </option>
            ))}
          </select>
        </label>
      ) : (
        <p>…</p>
      )}
      {lesson ? <Content key={lesson.number} {...given} lesson={lesson} /> : null}
    </Dialog>
  );
}

function Content(given: Given & { lesson: Lesson }) {
  const { lesson, predictions, predict, visit, close, session, stop } = given;
  const said = predictions[lesson.number];
  const known = said !== undefined || !lesson.question;
  const [built, setBuilt] = useState<Record<string, string>>(
    Object.fromEntries(lesson.parts.map(({ parameter }) => [parameter, '1'])),
  );
  const [held, setHeld] = useState(false); // what was built, in every order
  const byHand = placeOfCommand(lesson.by_hand.arguments);
  for (const [name, value] of Object.entries(built)) byHand.settings[`param.${name}`] = value;
  return (
    <div class="lesson">
      <Paragraphs texts={lesson.story} />
      <Paragraphs texts={lesson.experiment.before} />
      {lesson.question ? (
        <fieldset>
          <legend>
            <Inline text={lesson.question.text} />
          </legend>
          {lesson.question.choices.map((choice, i) =>
            known ? (
              <p key={choice.text} class="choice">
                <Inline text={choice.text} />
                {choice.right ? (
                  <b class="good"> ✓ so it is{said === i ? ', as you said' : ''}</b>
                ) : null}
                {said === i && !choice.right ? <b class="bad"> ✗ you said this</b> : null}
              </p>
            ) : (
              <button
                type="button"
                key={choice.text}
                class="choice"
                onClick={() => predict(lesson.number, i)}
              >
                <Inline text={choice.text} />
              </button>
            ),
          )}
        </fieldset>
      ) : null}
      {said !== undefined ? <Reply text={lesson.question?.choices[said]?.reply ?? ''} /> : null}
      {lesson.parts.length > 0 ? (
        <Build
          lesson={lesson}
          chosen={built}
          choose={setBuilt}
          session={session}
          stop={stop}
          hold={() => setHeld(true)}
        />
      ) : known ? (
        <>
          <h3>What happens</h3>
          <Experiment experiment={lesson.experiment} session={session} stop={stop} />
          <h3>One change</h3>
          <Paragraphs texts={lesson.change.before} />
          <Experiment experiment={lesson.change} session={session} stop={stop} />
        </>
      ) : null}
      {known ? (
        <>
          <h3>By hand</h3>
          <Paragraphs texts={lesson.by_hand.before} />
          <button
            type="button"
            onClick={() => {
              close();
              visit({ ...byHand, lesson: lesson.number });
            }}
          >
            Be the scheduler
          </button>
        </>
      ) : (
        <p class="small">Choose first: then it shows what happens.</p>
      )}
      {(lesson.parts.length > 0 ? held : known) ? (
        <>
          <h3>Remember</h3>
          <Paragraphs texts={[lesson.remember]} />
        </>
      ) : null}
    </div>
  );
}

/** What is said to a prediction: whoever has made it goes on from here, since its button is gone. */
function Reply({ text }: { text: string }) {
  const place = useRef<HTMLParagraphElement>(null);
  useLayoutEffect(() => place.current?.focus({ preventScroll: true }), []);
  return (
    <p class="reply" role="status" tabIndex={-1} ref={place}>
      <Inline text={text} />
    </p>
  );
}

/** A command with a button that runs it; what is to be noticed comes with what it says. */
function Experiment({
  experiment,
  session,
  stop,
}: {
  experiment: LessonExperiment;
  session: Session;
  stop(): void;
}) {
  const { text, run } = useRun(session);
  return (
    <>
      <p>
        <code>{experiment.command}</code>{' '}
        <button type="button" onClick={() => run(experiment.arguments)}>
          Run it
        </button>
        {text === 'working …' ? (
          <button type="button" onClick={stop}>
            Stop
          </button>
        ) : null}
      </p>
      {text ? <Terminal text={text} label={experiment.command} /> : null}
      <Paragraphs texts={experiment.after} />
    </>
  );
}

function useRun(session: Session) {
  const [text, setText] = useState('');
  const run = async (words: string[]): Promise<string> => {
    setText('working …');
    const found = await session.run(words).catch(() => 'stopped');
    setText(found);
    return found;
  };
  return { text, run };
}

/** The boss level: an endpoint is built from parts, and every order and every fault must spare it. */
function Build({
  lesson,
  chosen,
  choose,
  session,
  stop,
  hold,
}: {
  lesson: Lesson;
  /** By parameter: the number of the choice, from 1. */
  chosen: Record<string, string>;
  choose(chosen: Record<string, string>): void;
  session: Session;
  stop(): void;
  /** Hears that every order has spared it. */
  hold(): void;
}) {
  const { text, run } = useRun(session);
  const parameters = Object.entries(chosen).flatMap(([name, value]) => [
    '--param',
    `${name}=${value}`,
  ]);
  const tryAll = async () => {
    const found = await run(['explore', 'payment', '--strategy', 'built', ...parameters]);
    if (found.startsWith('HOLDS')) hold();
  };
  return (
    <>
      {lesson.parts.map(({ parameter, question, choices }) => (
        <label key={parameter} class="part">
          <Inline text={question} />
          <select
            value={chosen[parameter]}
            onChange={(event) => choose({ ...chosen, [parameter]: event.currentTarget.value })}
          >
            {choices.map((choice, i) => (
              <option key={choice} value={String(i + 1)}>
                {choice}
              </option>
            ))}
          </select>
        </label>
      ))}
      <p>
        <button type="button" onClick={tryAll}>
          Try every order and every fault
        </button>
        {text === 'working …' ? (
          <button type="button" onClick={stop}>
            Stop
          </button>
        ) : null}
      </p>
      {text ? <Terminal text={text} label="Every order of your endpoint" /> : null}
    </>
  );
}
