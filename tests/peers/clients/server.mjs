// A server on loopback that counts requests and fails each of them in one way.
//
//   reset    reads the whole request, then resets the connection
//   timeout  reads it and never answers
//   500 …    answers with that status
import { createServer } from 'node:http';

/** Starts one. Answers its port, the times (in ms) at which requests had been read, and how to end it. */
export async function failing(way) {
  const times = [];
  const server = createServer((request, response) => {
    request.on('data', () => {});
    request.on('end', () => {
      times.push(performance.now());
      if (way === 'reset') {
        request.socket.resetAndDestroy();
      } else if (way !== 'timeout') {
        response.writeHead(Number(way), { 'content-type': 'application/json' });
        response.end('{}');
      }
    });
  });
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    port: server.address().port,
    times,
    end: () => {
      server.closeAllConnections();
      return new Promise((closed) => server.close(closed));
    },
  };
}
