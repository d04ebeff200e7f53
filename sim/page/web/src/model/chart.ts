// Where things stand in a chart: scales with round marks, and the places of points.

/** Round numbers from 0 to at least `most`, at most six of them. */
export function marks(most: number): number[] {
  if (!(most > 0)) return [0, 1];
  const rough = most / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((one) => one >= rough) ?? rough;
  const count = Math.ceil(most / step - 1e-9);
  return Array.from({ length: count + 1 }, (_, i) => Number((i * step).toPrecision(12)));
}

/** A number with three digits that matter. */
export function short(number: number): string {
  if (number === 0) return '0';
  return String(Number(number.toPrecision(3)));
}
