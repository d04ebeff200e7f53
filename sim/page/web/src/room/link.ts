// The connection with the room. One that is lost is made again; one that the room has ended, with a reason, is not.
import type { Said, Told } from './messages';

export type Listener = {
  /** What to begin with; nothing: there is nothing to say yet. */
  hello(): Said | undefined;
  hear(message: Told): void;
  /** Whether there is a connection. */
  connected(is: boolean): void;
  /** The room has ended it, and said why. */
  ended(reason: string): void;
};

const PAUSE_MS = 500;
const PAUSE_MAX_MS = 5_000;

export class Link {
  private socket: WebSocket | undefined;
  private pause = PAUSE_MS;
  private timer: number | undefined;
  private done = false;

  constructor(private readonly listener: Listener) {
    document.addEventListener('visibilitychange', this.wake);
    this.connect();
  }

  /** False: there is no connection at the moment. */
  say(message: Said): boolean {
    if (this.socket?.readyState !== WebSocket.OPEN) return false;
    this.socket.send(JSON.stringify(message));
    return true;
  }

  close(): void {
    this.done = true;
    document.removeEventListener('visibilitychange', this.wake);
    window.clearTimeout(this.timer);
    this.socket?.close();
  }

  // A phone that was asleep does not wait for the timer.
  private readonly wake = () => {
    if (document.visibilityState === 'visible' && this.timer !== undefined) this.connect();
  };

  private connect(): void {
    window.clearTimeout(this.timer);
    this.timer = undefined;
    const socket = new WebSocket(`ws://${location.host}/ws`);
    this.socket = socket;
    socket.onopen = () => {
      this.pause = PAUSE_MS;
      this.listener.connected(true);
      const hello = this.listener.hello();
      if (hello) this.say(hello);
    };
    socket.onmessage = ({ data }) => this.listener.hear(JSON.parse(data) as Told);
    socket.onclose = ({ reason }) => {
      if (this.done || this.socket !== socket) return;
      this.listener.connected(false);
      if (reason) {
        this.close();
        this.listener.ended(reason);
        return;
      }
      this.timer = window.setTimeout(() => this.connect(), this.pause);
      this.pause = Math.min(PAUSE_MAX_MS, this.pause * 2);
    };
  }
}
