// What is measured: clients that write once, and proxies that pass a POST on.
//
//   by         the language of its script (its write.* has the write under the client's name), or 'proxy'; else
//   command    the words of a program of the machine
//   npm        packages, at exactly these versions
//   debian     packages of the system, besides those of the language; the first says which version was measured
//   protocol   of the server, if not HTTP: what has no statuses is asked for three of the ways
//   kept       the write goes over a connection that a request has been answered on
//   upstreams  of a proxy, if not one
//   patience   how long (ms) a cell is waited for; what asks on after it has done so at least as often
const npm = (name, ...packages) => ({ name, by: 'node', npm: packages });
const python = (name, ...packages) => ({ name, by: 'python', debian: packages });
const proxy = (name, ...packages) => ({ name, by: 'proxy', debian: packages });

// What needs a newer Node than racelab does.
const node_24 = `node-24@npm:node-linux-${process.arch}@24.21.0`;
const newer = (name, ...packages) => ({ name, by: 'node_24', npm: [...packages, node_24] });

const axios = 'axios@1.21.1';

export const clients = [
  npm('axios', axios),
  npm('axios-retry', 'axios-retry@4.5.0', axios),
  npm('axios-retry-put', 'axios-retry@4.5.0', axios),
  newer('got', 'got@16.1.0'),
  newer('got-put', 'got@16.1.0'),
  newer('ky', 'ky@2.1.0'),
  newer('ky-put', 'ky@2.1.0'),
  newer('undici', 'undici@8.13.1'),
  newer('undici-put', 'undici@8.13.1'),
  { ...npm('fetch'), kept: true },
  npm('retry', 'retry@0.13.1'),
  newer('opossum', 'opossum@10.0.0'),
  npm('aws-s3', '@aws-sdk/client-s3@3.1175.0'),
  npm('aws-dynamodb', '@aws-sdk/client-dynamodb@3.1169.0'),
  npm('stripe', 'stripe@23.1.0'),
  { ...npm('grpc-js', '@grpc/grpc-js@1.14.7'), protocol: 'grpc' },
  { ...npm('grpc-js-hedging', '@grpc/grpc-js@1.14.7'), protocol: 'grpc' },
  { ...npm('ioredis', 'ioredis@6.0.0'), protocol: 'redis', patience: 100_000 },
  { ...npm('redis', 'redis@6.3.1'), protocol: 'redis', patience: 6_000 },
  python('requests', 'python3-requests'),
  python('urllib3-put', 'python3-urllib3'),
  python('urllib3-retry-put', 'python3-urllib3'),
  { ...python('aiohttp', 'python3-aiohttp'), kept: true },
  python('tenacity', 'python3-tenacity', 'python3-requests'),
  python('backoff', 'python3-backoff', 'python3-requests'),
  python('celery', 'python3-celery', 'python3-requests'),
  {
    name: 'curl',
    debian: ['curl'],
    kept: true,
    command: (url, ...warm) => [
      'curl',
      ...warm.flatMap((it) => [it, '--next']),
      '--max-time',
      '1',
      '-d',
      '{}',
      url,
    ],
  },
  {
    name: 'curl-retry',
    debian: ['curl'],
    command: (url) => ['curl', '--retry', '3', '--max-time', '1', '-d', '{}', url],
  },
  { ...proxy('nginx', 'nginx'), upstreams: 2 },
  { ...proxy('nginx-non-idempotent', 'nginx'), upstreams: 2 },
  proxy('haproxy', 'haproxy'),
  proxy('haproxy-all', 'haproxy'),
  { name: 'go-net-http', by: 'go', debian: ['golang-go'], kept: true },
  npm('tanstack-query', '@tanstack/query-core@5.108.4'),
  npm('azure-core', '@azure/core-rest-pipeline@1.24.0'),
  npm('apollo', '@apollo/client@4.3.8', 'graphql@16.12.0', 'rxjs@7.8.2'),
  newer('cockatiel', 'cockatiel@4.0.0'),
  npm('slack', '@slack/web-api@8.2.0'),
  npm('octokit', 'octokit@5.0.5'),
  npm('elasticsearch', '@elastic/elasticsearch@9.4.3'),
  npm('opensearch', '@opensearch-project/opensearch@3.9.0'),
  npm('openai', 'openai@6.49.0'),
  npm('anthropic', '@anthropic-ai/sdk@1.14.0'),
  npm('typesense', 'typesense@3.1.0'),
  npm('algoliasearch', 'algoliasearch@5.65.0'),
  npm('superagent', 'superagent@10.4.2'),
  npm('fetch-retry', 'fetch-retry@6.0.0'),
  npm('retry-axios', 'retry-axios@4.0.3', axios),
  npm('gaxios', 'gaxios@7.3.1'),
  npm('make-fetch-happen', 'make-fetch-happen@15.0.6'),
  npm('ofetch', 'ofetch@1.5.1'),
  {
    name: 'wget',
    debian: ['wget'],
    command: (url) => ['wget', '-O', '/dev/null', '--timeout', '1', '--post-data', '{}', url],
  },
  { ...python('redis-py', 'python3-redis'), protocol: 'redis' },
  { ...npm('memjs', 'memjs@1.3.2'), protocol: 'memcached' },
  { ...npm('nodemailer', 'nodemailer@10.6.1'), protocol: 'smtp' },
  { ...proxy('varnish', 'varnish'), kept: true },
  { ...proxy('apache', 'apache2-bin'), kept: true },
  { ...proxy('h2o', 'h2o'), kept: true },
  { ...proxy('nghttpx', 'nghttp2-proxy'), kept: true },
  proxy('lighttpd', 'lighttpd'),
  npm('square', 'square@46.0.0'),
  python('boto3-s3', 'python3-boto3'),
  python('boto3-dynamodb', 'python3-boto3'),
  python('stripe-python', 'python3-stripe', 'python3-requests'),
  python('httpx-retries', 'python3-httpx'),
  { name: 'ruby-net-http-put', by: 'ruby', debian: ['ruby'] },
  { name: 'faraday-retry-put', by: 'ruby', debian: ['ruby-faraday'] },
  { name: 'excon-idempotent', by: 'ruby', debian: ['ruby-excon'] },
  { name: 'symfony-retry', by: 'php', debian: ['php-symfony-http-client'] },
  { name: 'java-httpurlconnection', by: 'java', debian: ['openjdk-17-jdk-headless'] },
  { name: 'java-http-client', by: 'java', debian: ['openjdk-17-jdk-headless'], kept: true },
  { name: 'okhttp', by: 'java', debian: ['libokhttp-java'], kept: true },
];
