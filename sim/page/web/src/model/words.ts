// Orders as words, and numbers as people read them.
import type { Outcome, Way } from './types';

/** “ABr~” is “A”, “Br”, “~”. */
export function lettersOf(word: string): string[] {
  return word.match(/[A-Z~][^A-Z~]*/g) ?? [];
}

/** Whether an order begins with the steps of another one. */
export function beginsWith(word: string, steps: string): boolean {
  return word.startsWith(steps) && !/^[^A-Z~]/.test(word.slice(steps.length));
}

/** “681080400” as “681,080,400”. */
export function grouped(digits: string): string {
  return digits.replace(/\B(?=(\d{3})+$)/g, ',');
}

/** The chance in percent: 0 and 100 only when it is exactly that. */
export function percent(chance: number): string {
  if (chance === 0 || chance === 1) return `${chance * 100} %`;
  const rounded = Math.min(99.9, Math.max(0.1, Math.round(chance * 1000) / 10));
  return `${rounded} %`;
}

/** “4 of 6 orders”. */
export function fraction({ orders, orders_violating }: Way): string {
  return `${grouped(orders_violating)} of ${grouped(orders)} ${orders === '1' ? 'order' : 'orders'}`;
}

const names: Record<string, [string, string]> = {
  lost_updates: ['lost update', 'lost updates'],
  duplicates: ['duplicate', 'duplicates'],
  false_successes: ['false success', 'false successes'],
  false_failures: ['false failure', 'false failures'],
  stuck: ['stuck', 'stuck'],
};

/** How an order ends, in a few words: “n = 1: 1 lost update”. */
export function outcomeWords(outcome: Outcome, row: string | undefined): string {
  if (outcome.words !== undefined) {
    return `${outcome.violated ? 'goes wrong' : 'holds'}: ${outcome.words}`;
  }
  const harm = Object.entries(outcome.anomalies ?? {}).flatMap(([key, count]) => {
    if (key === 'invariant_broken') return count ? ['the rule is broken'] : [];
    const name = names[key];
    return name && typeof count === 'number' && count > 0
      ? [`${count} ${name[count === 1 ? 0 : 1]}`]
      : [];
  });
  const final =
    typeof outcome.final === 'object' && outcome.final !== null
      ? Object.entries(outcome.final)
          .map(([name, value]) => `${name} = ${value}`)
          .join(', ')
      : `${row ?? 'the row'} = ${outcome.final}`;
  return `${final}: ${harm.length > 0 ? harm.join(', ') : 'right'}`;
}
