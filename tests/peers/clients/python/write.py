"""One write by a library of Python, with its defaults, and a timeout of 1 s where it has none.

    python3 write.py CLIENT URL [WARM]

WARM is asked for first, over the connection that the write then uses.
"""

import asyncio
import sys
from urllib.parse import urlsplit

name, url, *warm = sys.argv[1:]
address = urlsplit(url)
body = b'{"amount": 30}'


def asked(timeout=1.0):
    import requests

    requests.post(url, data=body, timeout=timeout).raise_for_status()


def urllib3_put(**settings):
    import urllib3

    urllib3.PoolManager(**settings).request("PUT", url, body=body, timeout=1.0)


def urllib3_retry_put():
    import urllib3

    urllib3_put(retries=urllib3.Retry(3, status_forcelist=[500, 503], backoff_factor=0.5))


async def aiohttp_post():
    import aiohttp

    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=1)) as session:
        for first in warm:
            async with session.get(first) as answer:
                await answer.read()
        async with session.post(url, data=body) as answer:
            await answer.read()


def tenacity():
    import tenacity

    # Endless tries take long enough as it is.
    tenacity.retry(lambda: asked(0.1))()


def backoff():
    import backoff

    backoff.on_exception(backoff.expo, Exception)(asked)()


def celery():
    import celery

    app = celery.Celery(set_as_current=False)
    # Eager: in this process, and without its pauses.
    app.task(autoretry_for=(Exception,))(asked).apply()


def redis_py():
    import redis

    redis.Redis(address.hostname, address.port, socket_timeout=1).incr("n")


def httpx_retries():
    import httpx

    with httpx.Client(transport=httpx.HTTPTransport(retries=3), timeout=1) as client:
        client.post(url, content=body)


def boto3(service, **settings):
    import boto3
    from botocore.config import Config

    return boto3.client(
        service,
        endpoint_url=url,
        region_name="eu-west-1",
        aws_access_key_id="none",
        aws_secret_access_key="none",
        config=Config(connect_timeout=1, read_timeout=1, **settings),
    )


def stripe():
    import stripe

    stripe.api_key = "sk_test_none"
    stripe.api_base = url
    stripe.default_http_client = stripe.http_client.RequestsClient(timeout=1)
    stripe.Charge.create(amount=30, currency="eur")


writes = {
    "requests": asked,
    "urllib3-put": urllib3_put,
    "urllib3-retry-put": urllib3_retry_put,
    "aiohttp": lambda: asyncio.run(aiohttp_post()),
    "tenacity": tenacity,
    "backoff": backoff,
    "celery": celery,
    "redis-py": redis_py,
    "httpx-retries": httpx_retries,
    "boto3-s3": lambda: boto3("s3").put_object(Bucket="bucket", Key="key", Body=body),
    "boto3-dynamodb": lambda: boto3("dynamodb").put_item(TableName="table", Item={"k": {"S": "x"}}),
    "stripe-python": stripe,
}
writes[name]()
