<?php
// Shows what a refund would do:  php preview.php PAYMENT AMOUNT
//
// Stores nothing and needs no key: iade stores and sends nothing either.
require __DIR__ . '/sign.php';

[, $payment, $amount] = $argv;
$url = (getenv('IADE_URL') ?: 'http://127.0.0.1:8080') . '/refunds/preview';
$body = json_encode(['paymentId' => $payment, 'amount' => $amount, 'allocation' => 'proportional']);
$text = file_get_contents($url, false, stream_context_create(['http' => [
    'method' => 'POST', 'header' => authorize('POST', $url, ['Content-Type: application/json'], $body), 'content' => $body,
    'timeout' => 40, 'ignore_errors' => true]]));
$preview = json_decode($text ?: '', true);
if (!isset($preview['legs'])) {
    fwrite(STDERR, "iade would refuse it: $text\n");
    exit(1);
}
foreach ($preview['legs'] as $leg) {
    echo "{$leg['paymentTransactionId']} {$leg['amount']}\n";
}
echo "refundable now: {$preview['refundable']}\n";
