"""Runs the official client for Python through a payment's life and prints one JSON line per step:
{"step", "result", "verified"?}. Arguments: host:port (the client speaks HTTPS only), API key, secret key, day
("2006-01-02", iyzico's)."""

import contextlib
import importlib.metadata
import io
import json
import sys

import iyzipay

base_url, api_key, secret_key, day = sys.argv[1:]
options = {"api_key": api_key, "secret_key": secret_key, "base_url": base_url}

# The orders in which iyzico's documents check signatures.
PAYMENT_ORDER = ["paymentId", "currency", "basketId", "conversationId", "paidPrice", "price"]
REFUND_ORDER = ["paymentId", "price", "currency", "conversationId"]


def emit(line):
    print(json.dumps(line), flush=True)


def verified(resource, result, order):
    """The client's own check, which prints its verdict."""
    values = [resource.strip_zero(str(result[name])) for name in order]
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        resource.verify_signature(values, secret_key, result["signature"])
    return said.getvalue().strip() == "Signature verified: True"


def step(name, resource, response, order=None):
    result = json.loads(response.read().decode("utf-8"))
    line = {"step": name, "result": result}
    if order:
        line["verified"] = verified(resource, result, order)
    emit(line)
    return result


def payment(conversation_id):
    address = {"contactName": "Jane Doe", "city": "Istanbul", "country": "Turkey", "address": "Altunizade Mah. No:1", "zipCode": "34742"}

    def item(item_id, price):
        return {"id": item_id, "price": price, "name": "Işık " + item_id, "category1": "Collectibles", "itemType": "PHYSICAL"}

    return {
        "locale": "tr",
        "conversationId": conversation_id,
        "price": "1",
        "paidPrice": "1.2",
        "currency": "TRY",
        "installment": "1",
        "basketId": "B-" + conversation_id,
        "paymentChannel": "WEB",
        "paymentGroup": "PRODUCT",
        "paymentCard": {
            "cardHolderName": "Jane Doe", "cardNumber": "5528790000000008", "expireMonth": "12", "expireYear": "2030",
            "cvc": "123", "registerCard": "0",
        },
        "buyer": {
            "id": "BY789", "name": "Jane", "surname": "Doe", "gsmNumber": "+905350000000", "email": "jane@example.com",
            "identityNumber": "74300864791", "registrationAddress": "Altunizade Mah. No:1", "ip": "85.34.78.112",
            "city": "Istanbul", "country": "Turkey", "zipCode": "34732",
        },
        "shippingAddress": address,
        "billingAddress": address,
        "basketItems": [item("BI101", "0.3"), item("BI102", "0.5"), item("BI103", "0.2")],
    }


def main():
    emit({"step": "version", "result": {"version": importlib.metadata.version("iyzipay")}})
    common = {"locale": "en", "currency": "TRY", "ip": "85.34.78.112"}
    test, bins, pay = iyzipay.ApiTest(), iyzipay.BinNumber(), iyzipay.Payment()
    refund, cancel = iyzipay.Refund(), iyzipay.Cancel()
    details, transactions, scroll = iyzipay.RetrievePaymentDetails(), iyzipay.RetrieveTransactions(), iyzipay.ReportingScrollTransaction()
    step("api test", test, test.retrieve(options))
    step("bin check", bins, bins.retrieve({"locale": "en", "conversationId": "bin", "binNumber": "554960"}, options))

    paid = step("payment", pay, pay.create(payment("order-a"), options), PAYMENT_ORDER)
    payment_id = paid["paymentId"]
    line = paid["itemTransactions"][0]["paymentTransactionId"]
    step("detail", pay, pay.retrieve({"locale": "en", "conversationId": "look", "paymentId": payment_id}, options), PAYMENT_ORDER)
    step("refund", refund, refund.create({
        **common, "conversationId": "refund-1", "paymentTransactionId": line, "price": "0.10",
        "reason": "buyer_request", "description": "müşteri isteği",
    }, options), REFUND_ORDER)
    step("refund above the remainder", refund, refund.create({
        **common, "conversationId": "refund-2", "paymentTransactionId": line, "price": "0.27",
    }, options))
    step("refund v2", pay, pay.refund({
        **common, "conversationId": "refund-3", "paymentId": payment_id, "price": "0.5",
    }, options), REFUND_ORDER)
    charged = iyzipay.RefundChargedFromMerchant()
    step("refund charged to the merchant", charged, charged.create({
        **common, "conversationId": "refund-5", "paymentTransactionId": paid["itemTransactions"][2]["paymentTransactionId"], "price": "0.10",
    }, options))
    step("report", details, details.retrieve({"paymentId": payment_id}, options))
    step("transactions", transactions, transactions.retrieve({"transactionDate": day, "page": 1}, options))
    step("scroll", scroll, scroll.retrieve({
        "transactionDate": day, "documentScrollVoSortingOrder": "DESC", "lastId": "", "conversationId": "report-3",
    }, options))

    wrong = step("payment to cancel", pay, pay.create(payment("order-b"), options), PAYMENT_ORDER)
    step("cancel", cancel, cancel.create({
        **common, "conversationId": "cancel-1", "paymentId": wrong["paymentId"], "reason": "other", "description": "wrong address",
    }, options))
    step("cancel again", cancel, cancel.create({**common, "conversationId": "cancel-2", "paymentId": wrong["paymentId"]}, options))

    whole = step("payment to refund whole", pay, pay.create(payment("order-d"), options), PAYMENT_ORDER)
    step("refund v2 of the whole", pay, pay.refund({
        **common, "conversationId": "refund-6", "paymentId": whole["paymentId"], "price": "1.20",
    }, options), REFUND_ORDER)

    request = {**common, "conversationId": "refund-4", "paymentTransactionId": line, "price": "0.10"}
    step("wrong key", refund, refund.create(request, {**options, "api_key": "another-key"}))
    step("wrong secret", refund, refund.create(request, {**options, "secret_key": "another-secret"}))


main()
