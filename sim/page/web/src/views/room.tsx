// The room on the projector: how to join, who sits where, who is next, what those who wait say.
import type { People, Person } from '../room/messages';
import type { Room } from '../room/use_room';
import { Dialog } from './dialog';
import './room.css';

function Qr({ rows }: { rows: string[] }) {
  const quiet = 4; // modules around it, which cameras look for
  const size = rows.length + 2 * quiet;
  const dark = rows.flatMap((row, y) =>
    [...row].flatMap((module, x) => (module === '1' ? [`M${x + quiet} ${y + quiet}h1v1h-1z`] : [])),
  );
  return (
    <svg class="qr" viewBox={`0 0 ${size} ${size}`} role="img" aria-label="QR code of the address">
      <rect width={size} height={size} fill="#fff" />
      <path d={dark.join('')} fill="#000" shape-rendering="crispEdges" />
    </svg>
  );
}

const spaced = (code: string) => `${code.slice(0, 3)} ${code.slice(3)}`;

function Who({ person }: { person: Person | null }) {
  if (!person) return <span class="small">nobody</span>;
  return (
    <span class="name">
      {person.name}
      {person.here ? '' : ' (away)'}
    </span>
  );
}

/** A strip above the experiment. */
export function RoomStrip({ room, join }: { room: Room; join(): void }) {
  const { door, people, problem } = room;
  return (
    <section class="room" aria-label="The room">
      {problem ? (
        <p class="problem" role="alert">
          {problem}
        </p>
      ) : null}
      {door ? (
        <button type="button" class="door" onClick={join}>
          <Qr rows={door.qr} />
          <span>
            <b>{door.address.replace(/^http:\/\//, '').replace(/\/$/, '')}</b>
            <br />
            {people?.open === false ? 'closed' : <b>{spaced(door.code)}</b>} <kbd>j</kbd>
          </span>
        </button>
      ) : null}
      {people ? <Seated people={people} /> : null}
      {people ? <Votes room={room} people={people} /> : null}
    </section>
  );
}

function Seated({ people }: { people: People }) {
  const shown = 3;
  const waiting = people.waiting.filter(({ here }) => here);
  const more = waiting.length - shown;
  return (
    <div class="seated">
      <ul>
        {people.seats.map((person, client) => (
          <li key={String.fromCharCode(65 + client)} class={`client-${client}`}>
            <b class="who">{String.fromCharCode(65 + client)}</b> <Who person={person} />
          </li>
        ))}
      </ul>
      <p class="next-in-line">
        next:{' '}
        {waiting.length === 0
          ? 'nobody waits'
          : waiting
              .slice(0, shown)
              .map(({ name }) => name)
              .join(', ')}
        {more > 0 ? ` and ${more} more` : ''}
      </p>
    </div>
  );
}

function Votes({ room, people }: { room: Room; people: People }) {
  const { question, answer } = room;
  if (!question || question.choices.length !== people.votes.length) return null;
  const all = people.votes.reduce((sum, count) => sum + count, 0);
  return (
    <div class="votes">
      <p>
        {question.text}{' '}
        <span class="small">
          {all} {all === 1 ? 'vote' : 'votes'}
        </span>
      </p>
      <ul>
        {question.choices.map((choice, i) => {
          const count = people.votes[i] ?? 0;
          return (
            <li key={choice} class={answer === i ? 'right' : ''}>
              <span>
                {answer === i ? '✓ ' : ''}
                {choice}
              </span>
              <span class="vote-bar" aria-hidden="true">
                <span style={{ width: `${all > 0 ? (100 * count) / all : 0}%` }} />
              </span>
              <b>{count}</b>
            </li>
          );
        })}
      </ul>
    </div>
  );
}

/** How to join, for the back row; and who is in. */
export function JoinSheet({ room, close }: { room: Room; close(): void }) {
  const { door, people } = room;
  const everybody = [
    ...(people?.seats.filter((person) => person !== null) ?? []),
    ...(people?.waiting ?? []),
  ];
  return (
    <Dialog title="Join" close={close}>
      {door ? (
        <div class="join">
          <Qr rows={door.qr} />
          <div>
            <p class="join-address">{door.address}</p>
            <p class="join-code">{spaced(door.code)}</p>
            {people?.open === false ? (
              <p class="problem">
                Too many wrong codes were tried: nobody can join until there is a new code.
              </p>
            ) : null}
            <p>
              <button type="button" onClick={room.newCode}>
                New code
              </button>{' '}
              Who is in stays in.
            </p>
          </div>
        </div>
      ) : null}
      <h3>{everybody.length === 1 ? '1 is in' : `${everybody.length} are in`}</h3>
      <ul class="everybody">
        {everybody.map((person) => (
          <li key={person.person}>
            <Who person={person} />{' '}
            <button type="button" onClick={() => room.sendOut(person.person)}>
              Send out<span class="heard"> {person.name}</span>
            </button>
          </li>
        ))}
      </ul>
    </Dialog>
  );
}
