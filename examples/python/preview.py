"""Shows what a refund would do:  python3 preview.py PAYMENT AMOUNT

Stores nothing and needs no key: iade stores and sends nothing either.
"""
import json
import os
import sys
import urllib.error
import urllib.request
from sign import authorize

URL = os.environ.get("IADE_URL", "http://127.0.0.1:8080") + "/refunds/preview"

payment, amount = sys.argv[1:]
body = json.dumps({"paymentId": payment, "amount": amount, "allocation": "proportional"}).encode()
request = urllib.request.Request(URL, body, authorize("POST", URL, {"Content-Type": "application/json"}, body))
try:
    with urllib.request.urlopen(request, timeout=40) as response:
        preview = json.load(response)
except urllib.error.HTTPError as refusal:
    sys.exit("iade would refuse it: " + refusal.read().decode())
for leg in preview["legs"]:
    print(leg["paymentTransactionId"], leg["amount"])
print("refundable now:", preview["refundable"])
