<?php
// Refunds an order, once, however often it is run:  php refund.php ORDER PAYMENT AMOUNT
//
// Stored before the first call, in refunds/ORDER.json: the attempt number, which makes the key, and the body. Every later call,
// in this run or the next, sends that key and that body again. A new attempt number comes only after a definite no.
// Exit code: 0 refunded, 1 a definite no (no money moved), 2 not known yet: run it again, 3 a person has to look.
require __DIR__ . '/sign.php';

const ASK_AGAIN = ['in-progress', 'rate-limited', 'unavailable', 'internal', 'processing', 'unknown'];

/** Puts the record on disk, whole or not at all. */
function store(string $path, array $record): void
{
    $file = fopen("$path.new", 'w');
    if (!$file || fwrite($file, json_encode($record)) === false || !fsync($file) || !fclose($file) || !rename("$path.new", $path)) {
        exit(2); // what is not stored is not sent
    }
}

/** Gives iade's answer and how long to wait. What is not iade's (no answer, a gateway's own) leaves it unknown. */
function ask(string $key, string $body): array
{
    $url = (getenv('IADE_URL') ?: 'http://127.0.0.1:8080') . '/refunds';
    $headers = authorize('POST', $url, ['Content-Type: application/json', "Idempotency-Key: $key"], $body);
    $text = @file_get_contents($url, false, stream_context_create(['http' => [
        'method' => 'POST', 'header' => $headers, 'content' => $body, 'timeout' => 40, 'ignore_errors' => true, 'follow_location' => 0]]));
    $answer = json_decode($text ?: '', true);
    preg_match('/^Retry-After: *(\d+)/mi', implode("\n", $http_response_header ?? []), $after);
    $wait = (int)($after[1] ?? 2);
    if (!is_array($answer)) {
        return [['status' => 'unknown'], $wait];
    }
    if (isset($answer['id'])) {
        return [$answer, $wait];
    }
    $ours = preg_match('/^urn:iade:problem:(.+)$/', (string)($answer['type'] ?? ''), $slug);
    return [['status' => $ours ? $slug[1] : 'unknown'] + $answer, $wait];
}

[, $order, $payment, $amount] = $argv;
$folder = getenv('STATE') ?: 'refunds';
is_dir($folder) || mkdir($folder, 0700, true);
$path = "$folder/$order.json";
$record = is_file($path) ? json_decode(file_get_contents($path), true, 8, JSON_THROW_ON_ERROR)
    : ['attempt' => 1, 'body' => json_encode(['paymentId' => $payment, 'amount' => $amount, 'reference' => $order])];
store($path, $record);
for ($n = 0; $n < 60; $n++) {
    [$answer, $wait] = ask("order-$order-{$record['attempt']}", $record['body']);
    if (!in_array($answer['status'], ASK_AGAIN, true)) break;
    sleep($wait);
}
if (in_array($answer['status'], ['rejected-by-iyzico', 'not-executed'], true)) {
    store($path, ['attempt' => $record['attempt'] + 1] + $record);
}
echo "$order {$answer['status']} ", $answer['customerReference'] ?? '', ' ', $answer['detail'] ?? '', "\n";
$look = ['partially_succeeded', 'needs_review', 'idempotency-key-reused'];
exit($answer['status'] === 'succeeded' ? 0 : (in_array($answer['status'], ASK_AGAIN, true) ? 2 : (in_array($answer['status'], $look, true) ? 3 : 1)));
