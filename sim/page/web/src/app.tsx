// The page: what is pressed becomes a place, and the engine tells what is there. Presses are done one after another, so that none is
// lost while another is worked on.
import type { ComponentChildren } from 'preact';
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { Engine, Stopped } from './engine/engine';
import { addressOf, type Place, placeOf, placeWritten, type Written } from './model/address';
import { type Opened, Session, type View } from './model/session';
import { arrived, type Branch, onward, others as otherBranches } from './model/taken';
import type { Lesson, List, State } from './model/types';
import { fraction, lettersOf, percent } from './model/words';
import { useRoom } from './room/use_room';
import { Compare } from './views/compare';
import { Experiment, type Ghost, isAsked, type Sheet } from './views/experiment';
import { Files } from './views/files';
import type { Turn } from './views/knobs';
import { LessonSheet, type Predictions } from './views/lesson';
import { JoinSheet, RoomStrip } from './views/room';
import { numberedLetter } from './views/scheduler';
import { Search } from './views/search';
import { Keys, Other, PassOn, Story, Why } from './views/sheets';

/** What a screen reader hears after a step. */
function spoken({ state }: View, asked: boolean): string {
  const last = state.steps.at(-1);
  const step = last
    ? `${last.task}: ${last.statement}${last.waits ? ' waits' : `, ${last.result}`}.`
    : 'The start.';
  if (state.ended) return `${step} ${state.verdict}: ${state.headline ?? ''}. ${state.why ?? ''}`;
  if (!state.odds || asked) return step;
  const { odds } = state;
  return `${step} From here ${fraction(odds)} go wrong, ${percent(odds.probability_violating)}${odds.doomed ? ', doomed' : ''}.`;
}

function ghostOf({ place, whole }: Opened): Ghost {
  const settings = Object.entries(place.settings).map(([key, value]) => `, ${key} ${value}`);
  const share = whole ? `${fraction(whole)} went wrong` : 'too many orders to count';
  return {
    words: `${place.strategy}${settings.join('')}: ${share}`,
    share: whole ? Number(whole.orders_violating) / Number(whole.orders) : 0,
  };
}

type AppGiven = {
  /** Of the room that this page leads; empty when it should have one, nothing when it leads none. */
  secret: string | undefined;
  /** Where it begins when the address says nothing. */
  written: Written | undefined;
};

export function App({ secret, written }: AppGiven) {
  const session = useRef<Session | undefined>(undefined);
  const latest = useRef<View | undefined>(undefined); // as the next press finds it
  const taken = useRef<Branch[]>([]); // and what can be taken again
  const turns = useRef<Promise<void>>(Promise.resolve());
  const [view, setView] = useState<View>();
  const [problem, setProblem] = useState('');
  const [unusual, setUnusual] = useState<Place>(); // that waits for a press
  const [busy, setBusy] = useState(true);
  const [sheet, setSheet] = useState<Sheet>(null);
  const [list, setList] = useState<List>();
  const [ghost, setGhost] = useState<Ghost>();
  const [chosen, setChosen] = useState<number | null>(null);
  const [peeked, setPeeked] = useState<State>();
  const [singleKeys, setSingleKeys] = useState(true);
  const [progress, setProgress] = useState('');
  const [lessons, setLessons] = useState<Lesson[]>();
  const [lesson, setLesson] = useState(1); // that the sheet shows
  const [predictions, setPredictions] = useState<Predictions>({});
  const inLesson = lessons?.find(({ number }) => number === view?.opened.place.lesson);
  const asked = isAsked(inLesson, predictions);

  const inTurn = useCallback((work: () => Promise<void>) => {
    turns.current = turns.current.then(async () => {
      setBusy(true);
      try {
        await work();
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        setProblem(error instanceof Stopped ? 'Stopped.' : `The engine stopped: ${why}`);
      }
      setBusy(false);
    });
  }, []);

  const openSheet = useCallback(
    (wanted: Sheet) => {
      setSheet(wanted);
      if (wanted === 'search') inTurn(async () => setList(await session.current?.list()));
    },
    [inTurn],
  );

  /** Goes to a place; false, and a sentence, when there is none. `anew`: what was taken elsewhere is forgotten. */
  const arrive = useCallback(async (place: Place, anew = false): Promise<boolean> => {
    const found = await (session.current as Session).go(place);
    if (typeof found === 'string') {
      setProblem(found);
      return false;
    }
    latest.current = found;
    const { order, ended, verdict } = found.state;
    const bad = ended ? verdict === 'violated' : undefined;
    taken.current = arrived(anew ? [] : taken.current, { order, bad });
    setProblem('');
    setChosen(null);
    setView(found);
    if (place.lesson !== undefined) setLesson(place.lesson);
    history.replaceState(null, '', addressOf({ ...found.opened.place, order }));
    return true;
  }, []);

  const walk = useCallback(
    (next: (letters: string[]) => string[] | undefined) =>
      inTurn(async () => {
        const there = latest.current;
        const letters = there && next(lettersOf(there.state.order));
        if (letters) await arrive({ ...there.opened.place, order: letters.join('') });
      }),
    [inTurn, arrive],
  );
  const take = useCallback((letter: string) => walk((letters) => [...letters, letter]), [walk]);
  const step = useCallback(
    (letter: string) =>
      new Promise<string>((done) => {
        take(letter);
        inTurn(async () => done(latest.current?.state.order ?? ''));
      }),
    [take, inTurn],
  );
  const room = useRoom(secret, view, step);
  const inRoom = room !== undefined;
  const goTo = useCallback((order: string) => walk(() => lettersOf(order)), [walk]);
  const undo = useCallback(
    () => walk((letters) => (letters.length > 0 ? letters.slice(0, -1) : undefined)),
    [walk],
  );
  const redo = useCallback(
    () => walk((letters) => onward(taken.current, letters.join(''))),
    [walk],
  );
  const toOther = useCallback(
    () =>
      walk((letters) => {
        const [other] = otherBranches(taken.current, letters.join(''));
        return other && lettersOf(other.order);
      }),
    [walk],
  );
  const takeNumbered = useCallback(
    (number: number) =>
      walk((letters) => {
        const letter = latest.current && numberedLetter(latest.current.state, number);
        return letter === undefined ? undefined : [...letters, letter];
      }),
    [walk],
  );

  const turn = (change: Turn) =>
    inTurn(async () => {
      const before = latest.current?.opened;
      if (!before) return;
      const place = { ...change(before.place), order: '', world: undefined };
      if (await arrive(place, true)) setGhost(ghostOf(before));
    });
  const visit = useCallback(
    (place: Place) =>
      inTurn(async () => {
        setGhost(undefined);
        if (!(await arrive(place, true))) openSheet('search');
      }),
    [inTurn, arrive, openSheet],
  );

  const come = useCallback(
    (place: Place | string) => {
      const isPlace = typeof place !== 'string';
      if (isPlace && !place.unusual) {
        visit(place);
        return;
      }
      setUnusual(isPlace ? place : undefined);
      setProblem(isPlace ? (place.unusual ?? '') : place);
      openSheet('search');
    },
    [visit, openSheet],
  );

  useEffect(() => {
    const fromAddress = () =>
      come(written && location.hash === '' ? placeWritten(written) : placeOf(location.hash));
    inTurn(async () => {
      const { files, trees } = written ?? {};
      const engine = await Engine.start(files && trees && { files, trees });
      engine.onProgress = setProgress;
      session.current = new Session(engine, written);
      fromAddress();
      inTurn(async () => {
        document.documentElement.dataset.ready = String(Math.round(performance.now()));
        setLessons(await session.current?.lessons());
      });
    });
    window.addEventListener('hashchange', fromAddress);
    return () => window.removeEventListener('hashchange', fromAddress);
  }, [inTurn, come, written]);

  // The order that is walked to, as it would be.
  useEffect(() => {
    setPeeked(undefined);
    const word = chosen === null ? undefined : view?.opened.orders?.list[chosen]?.[0];
    if (word === undefined || !view) return;
    let wanted = true;
    session.current?.peek(word, view.state.order).then((state) => {
      if (wanted) setPeeked(state);
    });
    return () => {
      wanted = false;
    };
  }, [chosen, view]);

  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || !view) return;
      // A sheet that was just closed is gone from the document before it is gone from here.
      if (document.querySelector('dialog[open]')) return;
      if (/^(INPUT|SELECT|TEXTAREA)$/.test((event.target as HTMLElement).tagName)) return;
      const { key } = event;
      if (!singleKeys && key.length === 1) return;
      const count = asked ? 0 : (view.opened.orders?.list.length ?? 0);
      const client = /^[a-z]$/i.test(key) ? key.toUpperCase().charCodeAt(0) - 65 : -1;
      const others: Record<string, () => void> = {
        u: undo,
        r: redo,
        o: toOther,
        '0': () => goTo(''),
        '/': () => openSheet('search'),
        '?': () => openSheet('keys'),
        l: () => openSheet('lesson'),
        m: () => openSheet('compare'),
        t: () => openSheet('story'),
        w: () => openSheet('why'),
        s: () => openSheet('other'),
        p: () => openSheet('pass'),
        j: () => inRoom && openSheet('join'),
        f: () => view.opened.shown.sql && openSheet('files'),
        ArrowRight: () => count > 0 && setChosen((now) => Math.min(count - 1, (now ?? -1) + 1)),
        ArrowLeft: () => count > 0 && setChosen((now) => Math.max(0, (now ?? count) - 1)),
        Escape: () => setChosen(null),
      };
      const work =
        client >= 0 && client < view.state.told.length
          ? () => take(key.toUpperCase())
          : /^[1-9]$/.test(key)
            ? () => takeNumbered(Number(key))
            : others[key];
      if (!work) return;
      event.preventDefault();
      work();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [view, asked, singleKeys, take, takeNumbered, undo, redo, toOther, goTo, openSheet, inRoom]);

  const stop = () => session.current?.stop();
  const close = () => {
    setSheet(null);
    setProblem('');
    setUnusual(undefined);
  };
  const open = { session: session.current, view };
  return (
    <>
      <Top
        sql={view?.opened.shown.sql ?? false}
        scenario={view?.opened.place.scenario}
        open={openSheet}
      >
        {busy ? (
          <span class="busy" role="status">
            working …{' '}
            <button type="button" onClick={stop}>
              Stop
            </button>
          </span>
        ) : null}
      </Top>
      {room ? <RoomStrip room={room} join={() => openSheet('join')} /> : null}
      {problem && sheet !== 'search' ? (
        <p class="problem" role="alert">
          {problem}
        </p>
      ) : null}
      <p class="heard" aria-live="polite">
        {peeked
          ? `The order ${peeked.order}: ${peeked.headline ?? ''}`
          : view
            ? spoken(view, asked)
            : ''}
      </p>
      {view ? (
        <Experiment
          view={view}
          shownState={peeked}
          chosen={chosen}
          ghost={ghost}
          choose={setChosen}
          take={take}
          undo={undo}
          redo={redo}
          taken={taken.current}
          goTo={goTo}
          turn={turn}
          open={openSheet}
          lesson={inLesson}
          predictions={predictions}
          pressedBy={room?.pressedBy}
        />
      ) : (
        <main>
          <p class="loading">{busy ? 'The engine starts …' : 'Choose a scenario.'}</p>
        </main>
      )}
      {sheet === 'search' ? (
        <Search
          list={list}
          problem={problem}
          pick={(scenario) => {
            setSheet(null);
            visit({ scenario, strategy: '', settings: {}, order: '' });
          }}
          open={(token) => {
            close();
            come(placeOf(token));
          }}
          openIt={
            unusual
              ? () => {
                  close();
                  visit(unusual);
                }
              : undefined
          }
          close={close}
        />
      ) : null}
      {sheet === 'lesson' && open.session ? (
        <LessonSheet
          lessons={lessons}
          number={lesson}
          turnTo={setLesson}
          predictions={predictions}
          predict={(number, choice) => setPredictions({ ...predictions, [number]: choice })}
          session={open.session}
          stop={stop}
          visit={visit}
          close={close}
        />
      ) : null}
      {sheet === 'keys' ? (
        <Keys singleKeys={singleKeys} setSingleKeys={setSingleKeys} inRoom={inRoom} close={close} />
      ) : null}
      {sheet === 'join' && room ? <JoinSheet room={room} close={close} /> : null}
      {sheet === 'pass' && view ? <PassOn view={view} close={close} /> : null}
      {sheet === 'story' && view ? <Story view={view} close={close} /> : null}
      {sheet === 'compare' && view && open.session ? (
        <Compare view={view} session={open.session} progress={progress} stop={stop} close={close} />
      ) : null}
      {sheet === 'files' && view ? (
        <Files shown={view.opened.shown} state={view.state} close={close} />
      ) : null}
      {sheet === 'why' && view && open.session ? (
        <Why view={view} session={open.session} close={close} />
      ) : null}
      {sheet === 'other' && view && open.session ? (
        <Other view={view} session={open.session} close={close} />
      ) : null}
    </>
  );
}

type TopGiven = {
  scenario: string | undefined;
  sql: boolean;
  open(sheet: Sheet): void;
  children: ComponentChildren;
};

function Top({ scenario, sql, open, children }: TopGiven) {
  return (
    <header class="top">
      <h1>racelab</h1>
      <button type="button" onClick={() => open('search')}>
        {scenario ?? 'scenarios'} <kbd>/</kbd>
      </button>
      <button type="button" onClick={() => open('lesson')}>
        Lessons <kbd>l</kbd>
      </button>
      {scenario ? (
        <button type="button" onClick={() => open('story')}>
          Story <kbd>t</kbd>
        </button>
      ) : null}
      {sql ? (
        <button type="button" onClick={() => open('files')}>
          Files <kbd>f</kbd>
        </button>
      ) : null}
      {scenario ? (
        <button type="button" onClick={() => open('compare')}>
          Compare <kbd>m</kbd>
        </button>
      ) : null}
      {scenario ? (
        <button type="button" onClick={() => open('pass')}>
          Pass on <kbd>p</kbd>
        </button>
      ) : null}
      <button type="button" onClick={() => open('keys')}>
        Keys <kbd>?</kbd>
      </button>
      {children}
    </header>
  );
}
