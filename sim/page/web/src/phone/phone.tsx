// What somebody in the room holds: one button when it is their turn, a vote when they wait.
import { useEffect, useRef, useState } from 'preact/hooks';
import { Link } from '../room/link';
import type { Ballot, Said, Seat, You } from '../room/messages';

const TOKEN = 'racelab-token';
const BETWEEN_TAPS_MS = 350; // a double tap is one

export function Phone() {
  const link = useRef<Link | undefined>(undefined);
  const [you, setYou] = useState<You>();
  const [name, setName] = useState('');
  const [code, setCode] = useState(/^#(\d{6})$/.exec(location.hash)?.[1] ?? '');
  const [problem, setProblem] = useState('');
  const [connected, setConnected] = useState(false);
  const [over, setOver] = useState('');
  const wished = useRef<Said | undefined>(undefined); // what was said while there was no connection

  const open = () => {
    link.current = new Link({
      hello() {
        const token = sessionStorage.getItem(TOKEN);
        return token ? { type: 'back', token } : wished.current;
      },
      hear(message) {
        if (message.type === 'you') setYou(message);
        else if (message.type === 'refused') {
          wished.current = undefined;
          setProblem(message.reason);
        } else if (message.type === 'joined') {
          sessionStorage.setItem(TOKEN, message.token);
          wished.current = undefined;
          setProblem('');
        } else if (message.type === 'gone') {
          sessionStorage.removeItem(TOKEN);
          setYou(undefined);
          setProblem('The room has forgotten you. Join again.');
        }
      },
      connected: setConnected,
      ended(reason) {
        link.current = undefined;
        sessionStorage.removeItem(TOKEN);
        wished.current = undefined;
        setYou(undefined);
        setOver(reason);
      },
    });
  };
  // Who was in, and has loaded the page again, is in.
  useEffect(() => {
    if (sessionStorage.getItem(TOKEN)) open();
    return () => link.current?.close();
  }, []);

  const join = (event: Event) => {
    event.preventDefault();
    const wish: Said = { type: 'join', code: code.replace(/\D/g, ''), name: name.trim() };
    setProblem('');
    setOver('');
    wished.current = wish;
    if (!link.current) open();
    else link.current.say(wish);
  };

  if (!you) {
    return (
      <Join
        name={name}
        setName={setName}
        code={code}
        setCode={setCode}
        problem={problem || over}
        join={join}
      />
    );
  }
  const say = (message: Said) => link.current?.say(message);
  return (
    <main class="phone">
      <h1>{you.name}</h1>
      <p class="small">{you.title}</p>
      {connected ? null : (
        <p class="problem" role="alert">
          The connection is lost; it is being made again.
        </p>
      )}
      {you.projector ? null : (
        <p class="problem" role="alert">
          The page on the projector is away for the moment.
        </p>
      )}
      {you.ended && you.result ? <p class="result">{you.result}</p> : null}
      {you.seat ? (
        <Turn seat={you.seat} ended={you.ended} press={(turn) => say({ type: 'press', turn })} />
      ) : (
        <>
          <p class="line" aria-live="polite">
            {lineWords(you.line ?? 1)}
          </p>
          {you.ballot ? (
            <Vote
              ballot={you.ballot}
              vote={(choice) => say({ type: 'vote', round: you.ballot?.round ?? 0, choice })}
            />
          ) : null}
        </>
      )}
    </main>
  );
}

function lineWords(line: number): string {
  if (line === 1) return 'You are next in line.';
  const ending =
    line % 100 > 10 && line % 100 < 14 ? 'th' : (['th', 'st', 'nd', 'rd'][line % 10] ?? 'th');
  return `You are ${line}${ending} in line.`;
}

type JoinGiven = {
  name: string;
  setName(name: string): void;
  code: string;
  setCode(code: string): void;
  problem: string;
  join(event: Event): void;
};

function Join({ name, setName, code, setCode, problem, join }: JoinGiven) {
  return (
    <main class="phone">
      <h1>racelab</h1>
      <form onSubmit={join}>
        <label>
          Your name
          <input
            value={name}
            maxLength={24}
            autocomplete="nickname"
            onInput={(event) => setName(event.currentTarget.value)}
          />
        </label>
        <label>
          Code on the projector
          <input
            value={code}
            inputMode="numeric"
            autocomplete="off"
            maxLength={7}
            onInput={(event) => setCode(event.currentTarget.value)}
          />
        </label>
        <button type="submit" class="big" disabled={!name.trim() || code.replace(/\D/g, '') === ''}>
          Join
        </button>
        <p class={problem ? 'problem' : ''} role="alert">
          {problem}
        </p>
      </form>
    </main>
  );
}

type TurnGiven = { seat: Seat; ended: boolean; press(turn: number): void };

/** The next statement, as a button. */
function Turn({ seat, ended, press }: TurnGiven) {
  const button = useRef<HTMLButtonElement>(null);
  const tapped = useRef(0);
  useEffect(() => {
    if (seat.can) button.current?.focus();
  }, [seat.can]);
  const client = seat.letter.charCodeAt(0) - 65;
  return (
    <>
      <p class="line" aria-live="polite">
        You are <b class={`letter client-${client}`}>{seat.letter}</b>
        {ended ? ' in the next order.' : seat.can ? ': your turn.' : '.'}
      </p>
      <button
        type="button"
        ref={button}
        class={`big next client-${client}`}
        disabled={!seat.can}
        onClick={(event) => {
          if (event.timeStamp - tapped.current < BETWEEN_TAPS_MS) return;
          tapped.current = event.timeStamp;
          press(seat.turn);
        }}
      >
        {ended ? (
          'Wait for the next order'
        ) : seat.pressed ? (
          'Pressed …'
        ) : seat.can ? (
          <code>{seat.statement}</code>
        ) : (
          seat.statement || 'Nothing to do'
        )}
      </button>
    </>
  );
}

function Vote({ ballot, vote }: { ballot: Ballot; vote(choice: number): void }) {
  const { answer } = ballot;
  return (
    <fieldset class="ballot">
      <legend>{ballot.question}</legend>
      {ballot.choices.map((choice, i) => (
        <button
          type="button"
          key={choice}
          class={answer === i ? 'big right' : 'big'}
          aria-pressed={ballot.vote === i}
          disabled={answer !== null}
          onClick={() => vote(i)}
        >
          {answer === i ? '✓ ' : ''}
          {choice}
          {ballot.vote === i ? ' (you said this)' : ''}
        </button>
      ))}
      <p aria-live="polite">{verdict(ballot)}</p>
    </fieldset>
  );
}

function verdict({ answer, vote }: Ballot): string {
  if (answer === null || vote === null) return '';
  return answer === vote ? 'You were right.' : 'You said something else. Why?';
}
