<?php
// Takes iade's events from SQS, each change once:  php consume.php < batch.json
//
// The batch has the shape in which AWS Lambda gets messages; the answer names those that should come again. Stored, in
// events/ID.json, after the shop has acted: the last sequence of each operation. Events come at least once, and through SQS in
// any order: what is not newer than the stored sequence is a repeat, or older news.

/** Where the shop does its part. It may run twice for one change, if the process ends right after it. */
function act(array $operation): void
{
    echo $operation['reference'] ?? '-', " {$operation['id']} {$operation['status']} ", $operation['refundedAmount'] ?? '', "\n";
}

/** Deals with one event of iade; others are none of ours. */
function consume(string $folder, array $event): void
{
    if (!isset($event['source'], $event['detail-type'], $event['detail'])) {
        throw new UnexpectedValueException('not an event');
    }
    if ($event['source'] !== 'iade' || str_starts_with($event['detail-type'], 'day.')) {
        return;
    }
    $operation = $event['detail'];
    if (!isset($operation['id'], $operation['sequence'], $operation['status'])) {
        throw new UnexpectedValueException('not an operation');
    }
    $path = "$folder/{$operation['id']}.json";
    if (is_file($path) && (int)file_get_contents($path) >= $operation['sequence']) {
        return;
    }
    act($operation);
    if (file_put_contents("$path.new", (string)$operation['sequence']) === false || !rename("$path.new", $path)) {
        throw new RuntimeException('not stored');
    }
}

$folder = getenv('STATE') ?: 'events';
is_dir($folder) || mkdir($folder, 0700, true);
$again = [];
foreach (json_decode(stream_get_contents(STDIN), true, 64, JSON_THROW_ON_ERROR)['Records'] as $message) {
    try {
        consume($folder, json_decode($message['body'], true, 64, JSON_THROW_ON_ERROR));
    } catch (JsonException | UnexpectedValueException | RuntimeException | TypeError $problem) {
        fwrite(STDERR, 'comes again: ' . get_class($problem) . "\n");
        $again[] = ['itemIdentifier' => $message['messageId']];
    }
}
echo json_encode(['batchItemFailures' => $again]), "\n";
