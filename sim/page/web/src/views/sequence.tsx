// An order, step by step, in time from top to bottom: each client's statements on its own side, with what they were answered.
import { useEffect, useRef } from 'preact/hooks';
import type { State, Step } from '../model/types';
import { lettersOf } from '../model/words';

function client(step: Step): number {
  return Math.max(0, step.task.charCodeAt(0) - 65);
}

function Said({ step }: { step: Step }) {
  return (
    <>
      {(step.before ?? []).map((text) => (
        <code key={text}>{text}; </code>
      ))}
      <code>{step.statement}</code>
      {step.waits ? (
        <b class="answer"> waits for {step.result || 'a lock'}</b>
      ) : step.result ? (
        <b class="answer">
          {step.statement ? ' → ' : ''}
          {step.result}
        </b>
      ) : null}
    </>
  );
}

type SequenceGiven = {
  state: State;
  clients: number;
  /** Who in the room pressed what led to an order. */
  pressedBy: ReadonlyMap<string, string> | undefined;
};

export function Sequence({ state, clients, pressedBy }: SequenceGiven) {
  const list = useRef<HTMLOListElement>(null);
  const steps = state.steps;
  const letters = lettersOf(state.order);
  useEffect(() => {
    if (list.current && steps.length > 0) list.current.scrollTop = list.current.scrollHeight;
  }, [steps]);
  if (steps.length === 0) {
    return <p class="empty">Nothing has run yet. Press a client’s letter.</p>;
  }
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable with the keyboard
    <ol class="sequence" ref={list} tabIndex={0} aria-label="The order, step by step">
      {steps.map((step, i) => {
        const first = steps[i - 1]?.step !== step.step;
        const who = client(step);
        const name = first ? pressedBy?.get(letters.slice(0, step.step).join('')) : undefined;
        return (
          <li
            key={i}
            class={`said client-${who}`}
            style={{ '--lane': String(clients > 1 ? who / (clients - 1) : 0) }}
          >
            <span class="number">{first ? step.step : ''}</span>
            <span class="bubble">
              <span class="who">{step.task}</span> <Said step={step} />
              {name ? <span class="pressed-by"> {name}</span> : null}
            </span>
          </li>
        );
      })}
    </ol>
  );
}
