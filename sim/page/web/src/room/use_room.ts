// The room, as the projector's page has it: it tells where the order stands, and takes the steps that phones press.
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import type { View } from '../model/session';
import { Link } from './link';
import type { Door, People, Press, Said } from './messages';
import { type Question, questionOf, stageOf } from './stage';

export type Room = {
  door: Door | undefined;
  people: People | undefined;
  question: Question | undefined;
  answer: number | null;
  /** Who pressed what led to an order: “AB” → “Ada”. */
  pressedBy: ReadonlyMap<string, string>;
  /** Why there is no connection; empty: there is one. */
  problem: string;
  newCode(): void;
  sendOut(person: number): void;
};

/** `step` takes a client's next step, and tells what the order is then. */
export function useRoom(
  secret: string | undefined,
  view: View | undefined,
  step: (letter: string) => Promise<string>,
): Room | undefined {
  const link = useRef<Link | undefined>(undefined);
  const round = useRef({ number: 0, key: '', order: '' });
  const question = useRef<Question | undefined>(undefined);
  const [door, setDoor] = useState<Door>();
  const [people, setPeople] = useState<People>();
  const [handled, setHandled] = useState(0);
  const [began, setBegan] = useState(0); // how often the room was entered: it is told again
  const [pressedBy, setPressedBy] = useState<ReadonlyMap<string, string>>(new Map());
  const [problem, setProblem] = useState('');

  const take = useRef(step);
  take.current = step;
  const onPress = useCallback(async ({ number, client, name, round: of }: Press) => {
    if (of === round.current.number) {
      const order = await take.current(String.fromCharCode(65 + client));
      setPressedBy((before) => new Map(before).set(order, name));
    }
    setHandled(number);
  }, []);

  useEffect(() => {
    if (!secret) return undefined;
    const opened = new Link({
      hello: () => ({ type: 'present', secret }),
      hear(message) {
        if (message.type === 'door') {
          setDoor(message);
          setProblem('');
          setBegan((before) => before + 1);
        } else if (message.type === 'room') setPeople(message);
        else if (message.type === 'press') onPress(message);
      },
      connected: (is) => setProblem(is ? '' : 'The connection with the room is lost.'),
      ended: (reason) => setProblem(reason),
    });
    link.current = opened;
    return () => opened.close();
  }, [secret, onPress]);

  // Whenever the room is entered again, it is told where the order stands.
  useEffect(() => {
    if (!secret || !view) return;
    const { state, opened } = view;
    const before = round.current;
    const another = before.key !== opened.key || (state.order === '' && before.order !== '');
    round.current = {
      number: before.number + (another ? 1 : 0),
      key: opened.key,
      order: state.order,
    };
    if (another) {
      question.current = questionOf(view);
      setPressedBy(new Map());
    }
    if (question.current) {
      const stage = stageOf(view, round.current.number, handled, question.current);
      link.current?.say({ type: 'stage', ...stage });
    }
  }, [secret, view, handled, began]);

  if (secret === undefined) return undefined;
  const say = (message: Said) => link.current?.say(message);
  return {
    door,
    people,
    question: question.current,
    answer: view && question.current ? stageOf(view, 0, 0, question.current).answer : null,
    pressedBy,
    problem: secret
      ? problem
      : 'This page leads no room: open the address that the terminal shows.',
    newCode: () => say({ type: 'new-code' }),
    sendOut: (person) => say({ type: 'remove', person }),
  };
}
