// The engine, as the page sees it: questions, answered by a worker; work that takes too long can be stopped.
import type { CommandResult, Given } from './host';
import type { Answer, Progress, Question } from './worker';
import EngineWorker from './worker.ts?worker&inline';

/** What the page has in it, gzipped, as base64: see vite.config.ts. */
async function compiled(): Promise<WebAssembly.Module> {
  const packed = atob(document.getElementById('engine')?.textContent ?? '');
  const bytes = new Uint8Array(packed.length);
  for (let i = 0; i < packed.length; ++i) bytes[i] = packed.charCodeAt(i);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
  return WebAssembly.compileStreaming(
    new Response(stream, { headers: { 'content-type': 'application/wasm' } }),
  );
}

/** Said when work was stopped: whoever waits for an answer gets none. */
export class Stopped extends Error {}

type Waiting = { done(result: unknown): void; failed(error: Error): void };

export class Engine {
  private worker = new EngineWorker(); // which starts while the module is compiled
  private readonly module = compiled();
  private waiting = new Map<number, Waiting>();
  private next = 0;
  /** How often it was begun: a step session lives in one of them. */
  begun = 0;
  /** Hears how far long work is. */
  onProgress: (text: string) => void = () => undefined;

  private constructor(private readonly given: Given | undefined) {}

  /** `given`: what is put into it, whenever it begins. */
  static async start(given: Given | undefined): Promise<Engine> {
    const engine = new Engine(given);
    await engine.begin();
    return engine;
  }

  run(words: string[]): Promise<CommandResult> {
    return this.ask('run', words) as Promise<CommandResult>;
  }
  open(words: string[]): Promise<string> {
    return this.ask('open', words) as Promise<string>;
  }
  goTo(order: string): Promise<string> {
    return this.ask('goTo', order) as Promise<string>;
  }
  async state<T>(ordersMax: number): Promise<T> {
    return JSON.parse((await this.ask('state', ordersMax)) as string);
  }

  /** Ends whatever is being worked on, and begins anew: a step session has to be opened again. */
  async stop(): Promise<void> {
    this.worker.terminate();
    for (const one of this.waiting.values()) one.failed(new Stopped('stopped'));
    this.waiting.clear();
    this.worker = new EngineWorker();
    await this.begin();
  }

  private async begin(): Promise<void> {
    this.worker.onmessage = ({ data }: MessageEvent<Answer | Progress>) => {
      if ('progress' in data) {
        this.onProgress(data.progress);
        return;
      }
      const one = this.waiting.get(data.id);
      this.waiting.delete(data.id);
      if (data.problem === undefined) {
        one?.done(data.result);
        return;
      }
      // What has failed in the middle of something is not to be asked again.
      one?.failed(new Error(data.problem));
      this.stop();
    };
    this.begun += 1;
    await this.ask('start', await this.module);
    if (this.given) await this.ask('give', this.given);
  }

  private ask(call: Question['call'], ...given: unknown[]): Promise<unknown> {
    const id = this.next++;
    return new Promise((done, failed) => {
      this.waiting.set(id, { done, failed });
      this.worker.postMessage({ id, call, given } satisfies Question);
    });
  }
}
