"""Takes iade's events from SQS, each change once:  python3 consume.py < batch.json

The batch has the shape in which AWS Lambda gets messages; the answer names those that should come again. Stored, in
events/ID.json, after the shop has acted: the last sequence of each operation. Events come at least once, and through SQS in
any order: what is not newer than the stored sequence is a repeat, or older news.
"""
import json
import os
import sys
from pathlib import Path

STATE = Path(os.environ.get("STATE", "events"))


def act(operation):
    """Where the shop does its part. It may run twice for one change, if the process ends right after it."""
    print(operation.get("reference", "-"), operation["id"], operation["status"], operation.get("refundedAmount", ""))


def consume(event):
    """Deals with one event of iade; others are none of ours."""
    if event["source"] != "iade" or event["detail-type"].startswith("day."):
        return
    operation = event["detail"]
    path = STATE / (operation["id"] + ".json")
    if path.exists() and json.loads(path.read_text()) >= operation["sequence"]:
        return
    act(operation)
    Path(f"{path}.new").write_text(json.dumps(operation["sequence"]))
    os.replace(f"{path}.new", path)


STATE.mkdir(parents=True, exist_ok=True)
again = []
for message in json.load(sys.stdin)["Records"]:
    try:
        consume(json.loads(message["body"]))
    except (ValueError, KeyError, TypeError) as problem:
        print("comes again:", type(problem).__name__, file=sys.stderr)
        again.append({"itemIdentifier": message["messageId"]})
print(json.dumps({"batchItemFailures": again}))
