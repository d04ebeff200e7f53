// One write by a client of npm, with the defaults of the library, and a timeout of 1 s where it has none.
//
//   node write.mjs CLIENT URL
const body = { amount: 30 };
const json = { 'content-type': 'application/json' };
const [, , name, url] = process.argv;
const { hostname, port } = new URL(url);

const imported = async (library) => (await import(library)).default;
const posted = { method: 'POST', body: JSON.stringify(body), headers: json };
const in_a_second = () => AbortSignal.timeout(1000);

/** A call of fetch whose errors are thrown. */
async function asked() {
  const answer = await fetch(url, { ...posted, signal: in_a_second() });
  if (!answer.ok) {
    throw new Error(answer.statusText);
  }
}

/** One call of gRPC under this policy; its deadline is of all attempts. */
async function grpc_call(policy) {
  const grpc = await imported('@grpc/grpc-js');
  const config = { methodConfig: [{ name: [{}], ...policy }], loadBalancingConfig: [] };
  const settings = { 'grpc.service_config': JSON.stringify(config) };
  const client = new grpc.Client(
    `${hostname}:${port}`,
    grpc.credentials.createInsecure(),
    settings,
  );
  const as_is = (bytes) => bytes;
  const until = { deadline: Date.now() + 5000 };
  await new Promise((done) => {
    client.makeUnaryRequest('/pay/Pay', as_is, as_is, Buffer.from('x'), until, done);
  });
  client.close();
}

const writes = {
  axios: async () => (await imported('axios')).post(url, body, { timeout: 1000 }),
  'axios-retry': async () => {
    const client = (await imported('axios')).create({ timeout: 1000 });
    (await imported('axios-retry'))(client);
    return client.post(url, body);
  },
  'axios-retry-put': async () => {
    // Its timeout is of all attempts: 1 s would leave time for three.
    const client = (await imported('axios')).create({ timeout: 5000 });
    const { default: retry, exponentialDelay } = await import('axios-retry');
    retry(client, { retryDelay: exponentialDelay });
    return client.put(url, body);
  },
  got: async () => (await imported('got')).post(url, { json: body, timeout: { request: 1000 } }),
  'got-put': async () =>
    (await imported('got')).put(url, { json: body, timeout: { response: 1000 } }),
  ky: async () => (await imported('ky')).post(url, { json: body, timeout: 1000 }),
  'ky-put': async () => (await imported('ky')).put(url, { json: body, timeout: 1000 }),
  undici: async () => undici('POST'),
  'undici-put': async () => undici('PUT'),
  fetch: async () => {
    if (process.argv[4] !== undefined) {
      await (await fetch(process.argv[4])).text();
    }
    return fetch(url, { ...posted, signal: in_a_second() });
  },
  ofetch: async () => (await import('ofetch')).ofetch(url, { method: 'POST', body, timeout: 1000 }),
  superagent: async () =>
    (await imported('superagent')).post(url).timeout(1000).retry(2).send(body),
  'fetch-retry': async () => (await imported('fetch-retry'))(fetch)(url, posted),
  'retry-axios': async () => {
    const client = (await imported('axios')).create({ timeout: 1000 });
    (await import('retry-axios')).attach(client);
    return client.post(url, body);
  },
  gaxios: async () =>
    (await import('gaxios')).request({
      url,
      method: 'POST',
      data: body,
      timeout: 1000,
      retry: true,
    }),
  'make-fetch-happen': async () =>
    (await imported('make-fetch-happen'))(url, { ...posted, timeout: 1000, retry: 2 }),
  retry: async () => {
    const operation = (await imported('retry')).operation();
    operation.attempt(() => asked().catch((error) => operation.retry(error)));
  },
  opossum: async () => new (await imported('opossum'))(asked).fire(),
  'tanstack-query': async () => {
    const { MutationObserver, QueryClient } = await import('@tanstack/query-core');
    return new MutationObserver(new QueryClient(), { mutationFn: asked }).mutate();
  },
  openai: async () => {
    const { OpenAI } = await import('openai');
    const client = new OpenAI({ apiKey: 'none', baseURL: url, timeout: 1000 });
    return client.chat.completions.create({
      model: 'm',
      messages: [{ role: 'user', content: 'x' }],
    });
  },
  anthropic: async () => {
    const Anthropic = await imported('@anthropic-ai/sdk');
    const client = new Anthropic({ apiKey: 'none', baseURL: url, timeout: 1000 });
    return client.messages.create({
      model: 'm',
      max_tokens: 1,
      messages: [{ role: 'user', content: 'x' }],
    });
  },
  stripe: async () => {
    const Stripe = await imported('stripe');
    const client = new Stripe('sk_test_none', {
      host: hostname,
      port,
      protocol: 'http',
      timeout: 1000,
    });
    return client.charges.create({ amount: 30, currency: 'eur' });
  },
  square: async () => {
    const { SquareClient } = await import('square');
    const client = new SquareClient({ token: 'none', environment: url, timeoutInSeconds: 1 });
    return client.payments.create({ sourceId: 'x', idempotencyKey: 'x' });
  },
  elasticsearch: async () => {
    const { Client } = await import('@elastic/elasticsearch');
    return new Client({ node: url, requestTimeout: 1000 }).index({ index: 'i', document: body });
  },
  opensearch: async () => {
    const { Client } = await import('@opensearch-project/opensearch');
    return new Client({ node: url, requestTimeout: 1000 }).index({ index: 'i', body });
  },
  'aws-s3': async () => {
    const { PutObjectCommand, S3Client } = await import('@aws-sdk/client-s3');
    const client = new S3Client({ ...amazon(), forcePathStyle: true });
    return client.send(new PutObjectCommand({ Bucket: 'b', Key: 'k', Body: 'x' }));
  },
  'aws-dynamodb': async () => {
    const { DynamoDBClient, PutItemCommand } = await import('@aws-sdk/client-dynamodb');
    return new DynamoDBClient(amazon()).send(
      new PutItemCommand({ TableName: 't', Item: { k: { S: 'x' } } }),
    );
  },
  octokit: async () => {
    const { Octokit } = await import('octokit');
    return new Octokit({ baseUrl: url, auth: 'none' }).rest.issues.create({
      owner: 'o',
      repo: 'r',
      title: 't',
    });
  },
  slack: async () => {
    const { WebClient } = await import('@slack/web-api');
    return new WebClient('none', { slackApiUrl: `${url}/` }).chat.postMessage({
      channel: 'c',
      text: 'x',
    });
  },
  typesense: async () => {
    const Typesense = await imported('typesense');
    const nodes = [{ host: hostname, port: Number(port), protocol: 'http' }];
    const client = new Typesense.Client({ nodes, apiKey: 'none', connectionTimeoutSeconds: 1 });
    return client.collections('c').documents().create(body);
  },
  algoliasearch: async () => {
    const { algoliasearch } = await import('algoliasearch');
    const hosts = [{ url: `${hostname}:${port}`, accept: 'readWrite', protocol: 'http' }];
    return algoliasearch('none', 'none', { hosts }).saveObject({ indexName: 'i', body });
  },
  'grpc-js': () =>
    grpc_call({
      retryPolicy: {
        maxAttempts: 5,
        initialBackoff: '0.1s',
        maxBackoff: '1s',
        backoffMultiplier: 2,
        retryableStatusCodes: ['UNAVAILABLE'],
      },
    }),
  'grpc-js-hedging': () =>
    grpc_call({
      hedgingPolicy: { maxAttempts: 5, hedgingDelay: '0.1s', nonFatalStatusCodes: ['UNAVAILABLE'] },
    }),
  'azure-core': async () => {
    const azure = await import('@azure/core-rest-pipeline');
    const asking = azure.createPipelineRequest({
      url,
      method: 'POST',
      body: posted.body,
      allowInsecureConnection: true,
      timeout: 1000,
    });
    return azure.createPipelineFromOptions({}).sendRequest(azure.createDefaultHttpClient(), asking);
  },
  apollo: async () => {
    const { ApolloClient, HttpLink, InMemoryCache, gql } = await import('@apollo/client');
    const { RetryLink } = await import('@apollo/client/link/retry');
    const timed = (uri, asked) => fetch(uri, { ...asked, signal: in_a_second() });
    const link = new RetryLink().concat(new HttpLink({ uri: url, fetch: timed }));
    const client = new ApolloClient({ link, cache: new InMemoryCache() });
    return client.mutate({ mutation: gql`mutation { pay { id } }` });
  },
  cockatiel: async () => {
    const { ExponentialBackoff, handleAll, retry } = await import('cockatiel');
    return retry(handleAll, { backoff: new ExponentialBackoff() }).execute(asked);
  },
  ioredis: async () => {
    const client = new (await import('ioredis')).Redis(url.replace('http', 'redis'));
    client.on('error', () => {});
    // It would go on to connect for ever.
    return client.incr('n').finally(() => process.exit());
  },
  redis: async () => {
    const { createClient } = await import('redis');
    const client = createClient({ url: url.replace('http', 'redis') });
    client.on('error', () => {});
    await client.connect();
    return client.incr('n').finally(() => process.exit());
  },
  memjs: async () =>
    (await imported('memjs')).Client.create(`${hostname}:${port}`).increment('n', 1),
  nodemailer: async () =>
    (await imported('nodemailer'))
      .createTransport({ host: hostname, port, ignoreTLS: true, socketTimeout: 1000 })
      .sendMail({ from: 'a@localhost', to: 'b@localhost', text: 'x' }),
};

async function undici(method) {
  const { Agent, RetryAgent, request } = await import('undici');
  const dispatcher = new RetryAgent(new Agent({ headersTimeout: 1000 }));
  return request(url, { method, body: posted.body, headers: json, dispatcher });
}

function amazon() {
  return {
    endpoint: url,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'none', secretAccessKey: 'none' },
    requestHandler: { requestTimeout: 1000, throwOnRequestTimeout: true },
  };
}

await writes[name]().catch((error) => {
  // How it failed is not what is measured; a mistake of ours is seen with RACELAB_SAY=1.
  if (process.env.RACELAB_SAY) {
    console.error(error);
  }
});
