<?php
// One write by a library of PHP, with its defaults and a timeout of 10 s: it is counted through pauses, too.
//
//   php write.php CLIENT URL
[, $name, $url] = $argv;
$writes = [
    'symfony-retry' => function () use ($url) {
        require 'Symfony/Component/HttpClient/autoload.php';
        $client = new Symfony\Component\HttpClient\RetryableHttpClient(
            Symfony\Component\HttpClient\HttpClient::create(['timeout' => 10])
        );
        $client->request('POST', $url, ['json' => ['amount' => 30]])->getContent();
    },
];
$writes[$name]();
