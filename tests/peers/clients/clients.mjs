// The clients that are measured: one write each, with the defaults of the library, and a timeout of 1 s where it has none.
// `packages` are installed from npm at exactly these versions; `command` is a program of the machine; `grpc` says what it speaks.
import { spawn } from 'node:child_process';

const body = { amount: 30 };
const json = { 'content-type': 'application/json' };

/** Runs a program to its end, or until the signal. */
function program(words, signal) {
  return new Promise((ended) => {
    const child = spawn(words[0], words.slice(1), { stdio: 'ignore', signal });
    child.on('error', ended);
    child.on('exit', ended);
  });
}

/** One call of gRPC, with a deadline of 4 s and this policy for it. */
async function grpc_call(url, policy) {
  const grpc = (await import('@grpc/grpc-js')).default;
  const client = new grpc.Client(new URL(url).host, grpc.credentials.createInsecure(), {
    'grpc.service_config': JSON.stringify({ methodConfig: [{ name: [{}], ...policy }] }),
  });
  const as_it_is = (bytes) => bytes;
  const options = { deadline: Date.now() + 4000 };
  await new Promise((done) =>
    client.makeUnaryRequest('/pay.Pay/charge', as_it_is, as_it_is, Buffer.from('{}'), options, done),
  );
  client.close();
}

export const clients = [
  {
    name: 'axios',
    packages: ['axios@1.21.1'],
    post: async (url) => (await import('axios')).default.post(url, body, { timeout: 1000 }),
  },
  {
    name: 'axios-retry',
    packages: ['axios@1.21.1', 'axios-retry@4.5.0'],
    post: async (url) => {
      const client = (await import('axios')).default.create({ timeout: 1000 });
      (await import('axios-retry')).default(client);
      return client.post(url, body);
    },
  },
  {
    name: 'fetch',
    packages: [],
    post: (url) =>
      fetch(url, { method: 'POST', body: '{}', headers: json, signal: AbortSignal.timeout(1000) }),
  },
  {
    name: 'ofetch',
    packages: ['ofetch@1.5.1'],
    post: async (url) => (await import('ofetch')).ofetch(url, { method: 'POST', body, timeout: 1000 }),
  },
  {
    name: 'superagent',
    packages: ['superagent@10.4.2'],
    post: async (url) => (await import('superagent')).default.post(url).timeout(1000).retry(2).send(body),
  },
  {
    name: 'fetch-retry',
    packages: ['fetch-retry@6.0.0'],
    post: async (url) =>
      (await import('fetch-retry')).default(fetch)(url, { method: 'POST', body: '{}', headers: json }),
  },
  {
    name: 'openai',
    packages: ['openai@6.49.0'],
    post: async (url) => {
      const { OpenAI } = await import('openai');
      const client = new OpenAI({ apiKey: 'none', baseURL: url, timeout: 1000 });
      return client.chat.completions.create({ model: 'm', messages: [{ role: 'user', content: 'x' }] });
    },
  },
  {
    name: 'anthropic',
    packages: ['@anthropic-ai/sdk@1.14.0'],
    post: async (url) => {
      const Anthropic = (await import('@anthropic-ai/sdk')).default;
      const client = new Anthropic({ apiKey: 'none', baseURL: url, timeout: 1000 });
      return client.messages.create({
        model: 'm',
        max_tokens: 1,
        messages: [{ role: 'user', content: 'x' }],
      });
    },
  },
  {
    name: 'stripe',
    packages: ['stripe@23.1.0'],
    post: async (url) => {
      const Stripe = (await import('stripe')).default;
      const { hostname, port } = new URL(url);
      const client = new Stripe('sk_test_none', { host: hostname, port, protocol: 'http', timeout: 1000 });
      return client.charges.create({ amount: 30, currency: 'eur' });
    },
  },
  {
    name: 'grpc-js',
    grpc: true,
    packages: ['@grpc/grpc-js@1.14.7'],
    post: (url) =>
      grpc_call(url, {
        retryPolicy: {
          maxAttempts: 5,
          initialBackoff: '0.1s',
          maxBackoff: '1s',
          backoffMultiplier: 2,
          retryableStatusCodes: ['UNAVAILABLE'],
        },
      }),
  },
  {
    name: 'grpc-js-hedging',
    grpc: true,
    packages: ['@grpc/grpc-js@1.14.7'],
    post: (url) =>
      grpc_call(url, {
        hedgingPolicy: { maxAttempts: 5, hedgingDelay: '0.1s', nonFatalStatusCodes: ['UNAVAILABLE'] },
      }),
  },
  { name: 'curl-retry', command: ['curl', '--retry', '3', '--max-time', '1', '-d', '{}'] },
  { name: 'wget', command: ['wget', '-O', '/dev/null', '--timeout', '1', '--post-data', '{}'] },
];

/** Starts a client's one write. The promise ends when the client gives up, however it does. */
export function write(client, url, signal) {
  return client.command === undefined
    ? client.post(url)
    : program([...client.command, url], signal);
}
