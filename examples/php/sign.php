<?php
// Says who asks: a token, an IAM signature (AWS Signature Version 4), or nothing for an iade on this machine.
//
// IADE_TOKEN           a bearer token: a JWT, or one of API_TOKENS_FILE
// AWS_ACCESS_KEY_ID    and AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, AWS_REGION: a caller that IAM lets in

/** Gives the headers with what proves the caller. */
function authorize(string $method, string $url, array $headers, string $body): array
{
    if (getenv('IADE_TOKEN')) {
        return [...$headers, 'Authorization: Bearer ' . getenv('IADE_TOKEN')];
    }
    return getenv('AWS_ACCESS_KEY_ID') ? [...$headers, ...sign($method, $url, $body, gmdate('Ymd\THis\Z'))] : $headers;
}

/** Signs a request without a query for API Gateway (service execute-api). */
function sign(string $method, string $url, string $body, string $now): array
{
    $where = parse_url($url);
    $signed = ['host' => $where['host'] . (isset($where['port']) ? ':' . $where['port'] : ''), 'x-amz-date' => $now];
    if (getenv('AWS_SESSION_TOKEN')) {
        $signed['x-amz-security-token'] = getenv('AWS_SESSION_TOKEN');
    }
    ksort($signed);
    $names = implode(';', array_keys($signed));
    $lines = '';
    foreach ($signed as $name => $value) {
        $lines .= "$name:$value\n";
    }
    $request = implode("\n", [$method, $where['path'], '', $lines, $names, hash('sha256', $body)]);
    $scope = substr($now, 0, 8) . '/' . getenv('AWS_REGION') . '/execute-api/aws4_request';
    $key = 'AWS4' . getenv('AWS_SECRET_ACCESS_KEY');
    foreach (explode('/', $scope) as $part) {
        $key = hash_hmac('sha256', $part, $key, true);
    }
    $signature = hash_hmac('sha256', implode("\n", ['AWS4-HMAC-SHA256', $now, $scope, hash('sha256', $request)]), $key);
    $headers = ['Authorization: AWS4-HMAC-SHA256 Credential=' . getenv('AWS_ACCESS_KEY_ID')
        . "/$scope, SignedHeaders=$names, Signature=$signature"];
    unset($signed['host']); // every client sends it by itself
    foreach ($signed as $name => $value) {
        $headers[] = "$name: $value";
    }
    return $headers;
}
