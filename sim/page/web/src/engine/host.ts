// What the engine needs of its host: the few calls of WASI that it really makes, and words in and out of its memory.

/** What a command left: its exit code, what it printed, what it complained of. */
export type CommandResult = { exit: number; output: string; errors: string };

/** What is put into the engine besides what is built in: a user's files by their paths, and what the parser says of their texts. */
export type Given = {
  files: [path: string, text: string][];
  trees: [text: string, tree: string][];
};

export interface Lab {
  /** Puts texts into it. */
  give(given: Given): void;
  /** Runs a command line, as `racelab` would. */
  run(words: string[]): CommandResult;
  /** Begins a step session, given what follows `racelab step`; the complaint, if there is one. */
  open(words: string[]): string;
  /** Goes to where an order leads from the start; the complaint, if there is one. */
  goTo(order: string): string;
  /** Where the session stands, as JSON, with at most so many of the orders that begin so. */
  state(ordersMax: number): string;
}

type Exports = {
  memory: WebAssembly.Memory;
  _initialize?: () => void;
  racelab_alloc(bytes: number): number;
  racelab_free(place: number): void;
  racelab_output(): number;
  racelab_output_bytes(): number;
  racelab_errors(): number;
  racelab_errors_bytes(): number;
  racelab_give_file(place: number, bytes: number): void;
  racelab_give_tree(place: number, bytes: number): void;
  racelab_run(place: number, bytes: number): number;
  racelab_open(place: number, bytes: number): number;
  racelab_go_to(place: number, bytes: number): number;
  racelab_state(ordersMax: number): void;
};

const NOT_THERE = 52; // WASI's ENOSYS

/** Hears of the engine: how far long work is; and what it writes when it ends for good (a broken assertion, no memory left). */
export type Listener = { progress(text: string): void; complaint(text: string): void };

/** Starts a compiled engine. */
export async function start(module: WebAssembly.Module, listener: Listener): Promise<Lab> {
  let memory: WebAssembly.Memory | undefined;
  const view = () => new DataView((memory as WebAssembly.Memory).buffer);
  const calls: Record<string, (...given: never[]) => number> = {
    fd_write(_file: number, pieces: number, count: number, written: number) {
      let text = '';
      let bytes = 0;
      for (let i = 0; i < count; ++i) {
        const place = view().getUint32(pieces + 8 * i, true);
        const length = view().getUint32(pieces + 8 * i + 4, true);
        text += new TextDecoder().decode(new Uint8Array(view().buffer, place, length));
        bytes += length;
      }
      listener.complaint(text);
      view().setUint32(written, bytes, true);
      return 0;
    },
    clock_time_get(_clock: number, _precision: bigint, place: number) {
      view().setBigUint64(place, BigInt(Math.round(performance.now() * 1e6)), true);
      return 0;
    },
    environ_sizes_get(count: number, bytes: number) {
      view().setUint32(count, 0, true);
      view().setUint32(bytes, 0, true);
      return 0;
    },
    environ_get: () => 0,
    progress(place: number, bytes: number) {
      listener.progress(new TextDecoder().decode(new Uint8Array(view().buffer, place, bytes)));
      return 0;
    },
    proc_exit(code: number) {
      throw new Error(`the engine has ended with code ${code}`);
    },
  };
  const imports: WebAssembly.Imports = {};
  for (const { module: from, name } of WebAssembly.Module.imports(module)) {
    imports[from] ??= {};
    (imports[from] as Record<string, WebAssembly.ImportValue>)[name] =
      calls[name] ?? (() => NOT_THERE);
  }
  const instance = await WebAssembly.instantiate(module, imports);
  const engine = instance.exports as unknown as Exports;
  memory = engine.memory;
  engine._initialize?.();
  return labOf(engine);
}

function labOf(engine: Exports): Lab {
  const decoder = new TextDecoder();
  const encoder = new TextEncoder();
  const text = (place: number, bytes: number) =>
    decoder.decode(new Uint8Array(engine.memory.buffer, place, bytes));
  const given = <T>(value: string, use: (place: number, bytes: number) => T): T => {
    const bytes = encoder.encode(value);
    const place = engine.racelab_alloc(bytes.length + 1);
    new Uint8Array(engine.memory.buffer, place, bytes.length).set(bytes);
    try {
      return use(place, bytes.length);
    } finally {
      engine.racelab_free(place);
    }
  };
  const all = (words: string[]) => words.map((word) => `${word}\0`).join('');
  const output = () => text(engine.racelab_output(), engine.racelab_output_bytes());
  const errors = () => text(engine.racelab_errors(), engine.racelab_errors_bytes());
  return {
    give({ files, trees }) {
      for (const file of files) {
        given(all(file), (place, bytes) => engine.racelab_give_file(place, bytes));
      }
      for (const tree of trees) {
        given(all(tree), (place, bytes) => engine.racelab_give_tree(place, bytes));
      }
    },
    run(words) {
      const exit = given(all(words), (place, bytes) => engine.racelab_run(place, bytes));
      return { exit, output: output(), errors: errors() };
    },
    open: (words) =>
      given(all(words), (place, bytes) => engine.racelab_open(place, bytes)) === 0 ? '' : errors(),
    goTo: (order) =>
      given(order, (place, bytes) => engine.racelab_go_to(place, bytes)) === 0 ? '' : errors(),
    state(ordersMax) {
      engine.racelab_state(ordersMax);
      return output();
    },
  };
}
