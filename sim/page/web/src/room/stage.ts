// The page, as the room has to know it: who may step, and what those who wait are asked.
import type { View } from '../model/session';
import { idle, isPlain, nextWords } from '../views/scheduler';
import type { Stage } from './messages';

const CLIENTS_MAX = 8; // as in sim/host/messages.h
const CHOICES_MAX = 6;

/** What those who wait say before it is known. */
export type Question = { text: string; choices: string[]; finals: number[] | undefined };

const cut = (text: string) => (text.length > 120 ? `${text.slice(0, 120)}…` : text);

const isNumber = (value: unknown): value is number => typeof value === 'number';

/** Where the only row ends, when it is a number with few values; otherwise whether the order goes wrong. */
export function questionOf({ opened, state }: View): Question {
  const finals = opened.orders?.outcomes.map(({ final }) => final);
  const now = state.rows?.[0]?.value;
  if (opened.row !== undefined && finals?.every(isNumber)) {
    // No value that some order ends with is missing; that between them, and before, which none does, gives nothing away.
    const known = isNumber(now) ? [...finals, now] : finals;
    const low = Math.min(...known);
    const high = Math.max(...known);
    const every = Array.from({ length: Math.min(high - low + 1, 100) }, (_, i) => low + i);
    const values = every.length <= CHOICES_MAX ? every : [...new Set(known)].sort((a, b) => a - b);
    if (values.length > 1 && values.length <= CHOICES_MAX) {
      return {
        text: `What will ${opened.row} be?`,
        choices: values.map((value) => `${opened.row} = ${value}`),
        finals: values,
      };
    }
  }
  return { text: 'How will it end?', choices: ['it goes wrong', 'it holds'], finals: undefined };
}

function answerTo({ finals }: Question, { state }: View): number | null {
  if (!state.ended) return null;
  if (!finals) return state.verdict === 'violated' ? 0 : 1;
  const right = finals.indexOf(Number(state.rows?.[0]?.value));
  return right < 0 ? null : right;
}

export function stageOf(view: View, round: number, handled: number, question: Question): Stage {
  const { state } = view;
  const others = idle(state);
  return {
    round,
    handled,
    title: cut(`${state.scenario}, ${state.strategy}`),
    ended: state.ended,
    result: cut(state.ended ? `${state.verdict}: ${state.headline ?? ''}` : ''),
    clients: state.told.slice(0, CLIENTS_MAX).map((_, client) => {
      const letter = String.fromCharCode(65 + client);
      const next = state.next.find((one) => one.letter === letter && isPlain(one));
      if (next) return { statement: cut(nextWords(next, state.tasks)), can: true };
      return { statement: cut(others.find(({ who }) => who === letter)?.why ?? ''), can: false };
    }),
    question: question.text,
    choices: question.choices,
    answer: answerTo(question, view),
  };
}
