// Servers on loopback that count one kind of request and fail each of them in one way.
//
//   refused  nobody listens; connections that are tried are counted (refused.py, which needs root)
//   reset    reads the whole request, then resets the connection
//   timeout  reads it and never answers
//   500 …    answers with that status (HTTP and gRPC only)
//
// Each answers its port, the requests: when (in ms) one had been read and when it failed, and how to end it.
import { createServer } from 'node:http';
import { createServer as createHttp2Server } from 'node:http2';
import net from 'node:net';
import { createInterface } from 'node:readline';

import { start } from './programs.mjs';

/** A request that has been read just now, and fails now: or, if nothing is answered, when the client hangs up. */
function request_on(socket, way) {
  const now = performance.now();
  const request = { came: now, failed: now };
  if (way === 'timeout') {
    socket.once('close', () => (request.failed = performance.now()));
  }
  return request;
}

/** Listens on a free port of loopback; ends with all connections. */
async function listening(server, requests) {
  const sockets = new Set();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => {});
  });
  await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
  return {
    port: server.address().port,
    requests,
    end: () => {
      sockets.forEach((socket) => socket.destroy());
      return new Promise((closed) => server.close(closed));
    },
  };
}

/** HTTP. What asks for /warm is answered and not counted: its connection is a kept one afterwards. */
function http(way) {
  const requests = [];
  const server = createServer((request, response) => {
    request.on('data', () => {});
    request.on('end', () => {
      if (request.url === '/warm') {
        response.end('{}');
        return;
      }
      requests.push(request_on(request.socket, way));
      if (way === 'reset') {
        request.socket.resetAndDestroy();
      } else if (way !== 'timeout') {
        response.writeHead(Number(way), { 'content-type': 'application/json' });
        response.end('{}');
      }
    });
  });
  server.keepAliveTimeout = 60_000;
  return listening(server, requests);
}

/** gRPC, where an answer's status has other numbers. */
function grpc(way) {
  const requests = [];
  const statuses = { 500: 13, 503: 14, 429: 8, 409: 10 }; // internal, unavailable, resource exhausted, aborted
  const server = createHttp2Server();
  server.on('stream', (stream) => {
    stream.on('error', () => {});
    stream.resume().on('end', () => {
      requests.push(request_on(stream, way));
      if (way === 'reset') {
        stream.session.destroy();
      } else if (way !== 'timeout') {
        const type = { ':status': 200, 'content-type': 'application/grpc' };
        stream.respond({ ...type, 'grpc-status': statuses[way] }, { endStream: true });
      }
    });
  });
  return listening(server, requests);
}

/** Another protocol: `read` takes one request off the front of what has come, and says how it is answered ('' for not at all). */
function spoken(way, { greeting = '', read }) {
  const requests = [];
  const server = net.createServer((socket) => {
    let heard = Buffer.alloc(0);
    const state = {};
    socket.write(greeting);
    socket.on('data', (bytes) => {
      heard = Buffer.concat([heard, bytes]);
      for (let request = read(heard, state); request !== undefined; request = read(heard, state)) {
        heard = heard.subarray(request.length);
        if (!request.counts) {
          socket.write(request.answer);
          continue;
        }
        requests.push(request_on(socket, way));
        if (way === 'reset') {
          socket.resetAndDestroy();
        }
      }
    });
  });
  return listening(server, requests);
}

/** Redis: INCR and INCRBY count. */
const redis = {
  read: (heard) => {
    const lines = heard.toString('latin1').split('\r\n');
    const words = Number(lines[0]?.slice(1));
    if (!lines[0]?.startsWith('*') || lines.length <= 1 + 2 * words) {
      return undefined;
    }
    const length = lines.slice(0, 1 + 2 * words).join('\r\n').length + 2;
    const command = lines[2].toUpperCase();
    const info = 'redis_version:7.0.15\r\n';
    const answers = {
      HELLO: '%1\r\n$5\r\nproto\r\n:3\r\n',
      INFO: `$${info.length}\r\n${info}\r\n`,
    };
    return { length, counts: command.startsWith('INCR'), answer: answers[command] ?? '+OK\r\n' };
  },
};

/** Memcached's binary protocol: increment (5) counts. */
const memcached = {
  read: (heard) => {
    if (heard.length < 24 || heard.length < 24 + heard.readUInt32BE(8)) {
      return undefined;
    }
    const answer = Buffer.alloc(24);
    answer.writeUInt8(0x81, 0);
    answer.writeUInt8(heard[1], 1);
    heard.copy(answer, 12, 12, 16);
    return { length: 24 + heard.readUInt32BE(8), counts: heard[1] === 5, answer };
  },
};

/** SMTP: a mail that has ended counts. */
const smtp = {
  greeting: '220 loopback\r\n',
  read: (heard, state) => {
    const text = heard.toString('latin1');
    const end = state.mail ? '\r\n.\r\n' : '\r\n';
    const at = text.indexOf(end);
    if (at === -1) {
      return undefined;
    }
    const counts = state.mail === true;
    state.mail = !counts && text.toUpperCase().startsWith('DATA');
    return { length: at + end.length, counts, answer: state.mail ? '354 go on\r\n' : '250 ok\r\n' };
  },
};

/** Ports where nobody listens, kept free of others by a process that counts who tries. */
async function refused() {
  const requests = [];
  const watcher = start(['/usr/bin/python3', 'refused.py'], { heard: true });
  const lines = createInterface({ input: watcher.output });
  const port = await new Promise((resolve, reject) => {
    lines.once('line', (line) => {
      lines.on('line', () => requests.push(request_on()));
      resolve(Number(line));
    });
    watcher.ended.then(() => reject(new Error('refused.py ended')));
  });
  return {
    port,
    requests,
    end: async () => {
      // The last ones may still be on their way here.
      await new Promise((resolve) => setTimeout(resolve, 50));
      await watcher.end();
    },
  };
}

/** Starts a server that fails in that way. */
export function failing(way, protocol = 'http') {
  if (way === 'refused') {
    return refused();
  }
  if (protocol === 'grpc') {
    return grpc(way);
  }
  return protocol === 'http' ? http(way) : spoken(way, { redis, memcached, smtp }[protocol]);
}
