// What pages and the room of `racelab host` say to each other; sim/host/messages.h has what pages may say.

/** Where the order on the projector stands. */
export type Stage = {
  round: number;
  handled: number;
  title: string;
  ended: boolean;
  result: string;
  clients: { statement: string; can: boolean }[];
  question: string;
  choices: string[];
  answer: number | null;
};

export type Said =
  | { type: 'present'; secret: string }
  | { type: 'join'; code: string; name: string }
  | { type: 'back'; token: string }
  | { type: 'press'; turn: number }
  | { type: 'vote'; round: number; choice: number }
  | { type: 'new-code' }
  | { type: 'remove'; person: number }
  | ({ type: 'stage' } & Stage);

/** How one comes in; the QR code row by row, “1” for a dark module. */
export type Door = { type: 'door'; address: string; code: string; qr: string[] };
export type Person = { person: number; name: string; here: boolean };
/** Who is in the room, for the projector. */
export type People = {
  type: 'room';
  open: boolean;
  people: number;
  seats: (Person | null)[];
  waiting: Person[];
  votes: number[];
};
export type Press = { type: 'press'; number: number; client: number; name: string; round: number };

export type Seat = {
  letter: string;
  turn: number;
  can: boolean;
  pressed: boolean;
  statement: string;
};
export type Ballot = {
  round: number;
  question: string;
  choices: string[];
  vote: number | null;
  answer: number | null;
};
/** How things are for one phone. */
export type You = {
  type: 'you';
  name: string;
  projector: boolean;
  title: string;
  ended: boolean;
  result: string;
  seat: Seat | null;
  line: number | null;
  ballot: Ballot | null;
};

export type Told =
  | Door
  | People
  | Press
  | You
  | { type: 'joined'; token: string }
  | { type: 'gone' }
  | { type: 'refused'; reason: string };
