"""Refunds an order, once, however often it is run:  python3 refund.py ORDER PAYMENT AMOUNT

Stored before the first call, in refunds/ORDER.json: the attempt number, which makes the key, and the body. Every later call,
in this run or the next, sends that key and that body again. A new attempt number comes only after a definite no.
Exit code: 0 refunded, 1 a definite no (no money moved), 2 not known yet: run it again, 3 a person has to look.
"""
import json
import os
import sys
import time
import urllib.request
from pathlib import Path
from sign import authorize

URL, PROBLEM = os.environ.get("IADE_URL", "http://127.0.0.1:8080") + "/refunds", "urn:iade:problem:"
ASK_AGAIN = ("in-progress", "rate-limited", "unavailable", "internal", "processing", "unknown")


class Plain(urllib.request.HTTPErrorProcessor):  # problems are answers, not exceptions
    http_response = https_response = lambda self, request, response: response


def store(path, record):
    """Puts the record on disk, whole or not at all."""
    with open(f"{path}.new", "w") as file:
        print(json.dumps(record), file=file, flush=True)
        os.fsync(file.fileno())
    os.replace(f"{path}.new", path)


def ask(key, body):
    """Gives iade's answer and how long to wait. What is not iade's (no answer, a gateway's own) leaves it unknown."""
    headers = {"Content-Type": "application/json", "Idempotency-Key": key}
    try:
        request = urllib.request.Request(URL, body.encode(), authorize("POST", URL, headers, body.encode()))
        response = urllib.request.build_opener(Plain).open(request, timeout=40)
        answer, wait = json.loads(response.read()), int(response.headers.get("Retry-After", 2))
    except (OSError, ValueError):
        return {"status": "unknown"}, 2
    kind = str(answer.get("type"))
    slug = kind[len(PROBLEM):] if kind.startswith(PROBLEM) else "unknown"
    return answer if "id" in answer else {**answer, "status": slug}, wait


order, payment, amount = sys.argv[1:]
path = Path(os.environ.get("STATE", "refunds"), order + ".json")
path.parent.mkdir(parents=True, exist_ok=True)
record = json.loads(path.read_text()) if path.exists() else {
    "attempt": 1, "body": json.dumps({"paymentId": payment, "amount": amount, "reference": order})}
store(path, record)
for _ in range(60):
    answer, wait = ask(f"order-{order}-{record['attempt']}", record["body"])
    if answer["status"] not in ASK_AGAIN:
        break
    time.sleep(wait)
if answer["status"] in ("rejected-by-iyzico", "not-executed"):
    store(path, {**record, "attempt": record["attempt"] + 1})
print(order, answer["status"], answer.get("customerReference", ""), answer.get("detail", ""))
look = ("partially_succeeded", "needs_review", "idempotency-key-reused")
sys.exit(0 if answer["status"] == "succeeded" else 2 if answer["status"] in ASK_AGAIN else 3 if answer["status"] in look else 1)
