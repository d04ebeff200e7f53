// The orders taken so far in an experiment, as a tree: what was undone stays, and can be taken again.
import { beginsWith, lettersOf } from './words';

/** An order as far as it was taken; `bad`: how it ended, nothing when it has not. */
export type Branch = { order: string; bad: boolean | undefined };

const BRANCHES_MAX = 6;

/** The branches, the latest first, after another arrival: it is on a branch, goes on from one, or begins one. */
export function arrived(branches: Branch[], { order, bad }: Branch): Branch[] {
  const known = branches.find((one) => beginsWith(one.order, order));
  const others = branches.filter((one) => one !== known && !beginsWith(order, one.order));
  return [known ?? { order, bad }, ...others].slice(0, BRANCHES_MAX);
}

/** The order one step on, along the latest branch that goes on from here. */
export function onward(branches: Branch[], order: string): string[] | undefined {
  const length = lettersOf(order).length;
  const next = branches.find((one) => one.order !== order && beginsWith(one.order, order));
  return next && lettersOf(next.order).slice(0, length + 1);
}

/** The branches that redoing does not lead to. */
export function others(branches: Branch[], order: string): Branch[] {
  const own = branches.find((one) => beginsWith(one.order, order));
  return branches.filter((one) => one !== own);
}

/** How much of another order is the same as this one: “AB” of ABBA and ABAB. */
export function shared(one: string, other: string): string {
  const letters = lettersOf(one);
  const theirs = lettersOf(other);
  const end = letters.findIndex((letter, i) => letter !== theirs[i]);
  return letters.slice(0, end < 0 ? letters.length : end).join('');
}
