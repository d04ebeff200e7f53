// As server.mjs, for gRPC: a server on loopback that counts calls and fails each of them in one way. A status of HTTP stands for the
// code that gRPC has for it.
//
//   reset    reads the call, then resets the connection
//   timeout  reads it and never answers
//   500 …    answers with that code
import { createServer } from 'node:http2';

const codes = { 500: 13, 503: 14, 429: 8, 409: 10 }; // INTERNAL, UNAVAILABLE, RESOURCE_EXHAUSTED, ABORTED

/** Starts one. Answers its port, the times (in ms) at which calls had been read, how many were cancelled, and how to end it. */
export async function failing_calls(way) {
  const times = [];
  const sessions = new Set();
  const server = createServer();
  const counts = { cancelled: 0 };
  server.on('session', (session) => sessions.add(session));
  server.on('stream', (stream) => {
    stream.on('error', () => {});
    stream.on('aborted', () => {
      counts.cancelled += 1;
    });
    stream.resume();
    times.push(performance.now());
    if (way === 'reset') {
      stream.session.socket.resetAndDestroy?.() ?? stream.session.destroy();
    } else if (way !== 'timeout') {
      stream.respond(
        { ':status': 200, 'content-type': 'application/grpc', 'grpc-status': String(codes[way]) },
        { endStream: true },
      );
    }
  });
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    port: server.address().port,
    times,
    counts,
    end: () => {
      sessions.forEach((session) => session.destroy());
      return new Promise((closed) => server.close(closed));
    },
  };
}
