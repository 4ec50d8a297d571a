"""Says who asks: a token, an IAM signature (AWS Signature Version 4), or nothing for an iade on this machine.

IADE_TOKEN             a bearer token: a JWT, or one of API_TOKENS_FILE
AWS_ACCESS_KEY_ID      and AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, AWS_REGION: a caller that IAM lets in
"""
import hashlib
import hmac
import os
from datetime import datetime, timezone
from urllib.parse import urlsplit


def authorize(method, url, headers, body):
    """Gives the headers with what proves the caller."""
    if os.environ.get("IADE_TOKEN"):
        return {**headers, "Authorization": "Bearer " + os.environ["IADE_TOKEN"]}
    if not os.environ.get("AWS_ACCESS_KEY_ID"):
        return headers
    now = datetime.now(timezone.utc).strftime("%Y%m%dT%H%M%SZ")
    return {**headers, **sign(method, url, body, os.environ, now)}


def sign(method, url, body, env, now):
    """Signs a request without a query for API Gateway (service execute-api)."""
    where = urlsplit(url)
    signed = {"host": where.netloc, "x-amz-date": now}
    if env.get("AWS_SESSION_TOKEN"):
        signed["x-amz-security-token"] = env["AWS_SESSION_TOKEN"]
    names = ";".join(sorted(signed))
    lines = "".join(f"{name}:{signed[name]}\n" for name in sorted(signed))
    request = "\n".join([method, where.path, "", lines, names, hashlib.sha256(body).hexdigest()])
    scope = f"{now[:8]}/{env['AWS_REGION']}/execute-api/aws4_request"
    text = "\n".join(["AWS4-HMAC-SHA256", now, scope, hashlib.sha256(request.encode()).hexdigest()])
    key = ("AWS4" + env["AWS_SECRET_ACCESS_KEY"]).encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    signature = hmac.digest(key, text.encode(), "sha256").hex()
    del signed["host"]  # every client sends it by itself
    return {**signed, "Authorization": f"AWS4-HMAC-SHA256 Credential={env['AWS_ACCESS_KEY_ID']}/{scope}, "
                                       f"SignedHeaders={names}, Signature={signature}"}
