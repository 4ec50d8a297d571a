"""Refunds with the client that openapi-generator writes for python."""
import sys

import openapi_client
from openapi_client.exceptions import ApiException


def main(url, payment_id):
    with openapi_client.ApiClient(openapi_client.Configuration(host=url)) as client:
        refunds = openapi_client.RefundsApi(client)
        body = openapi_client.RefundRequest(
            payment_id=payment_id, amount=openapi_client.AmountInput("10.50"), reason=openapi_client.Reason.BUYER_REQUEST, reference="python"
        )
        done = refunds.create_refund("python-1", body)
        print("refunded", done.refunded_amount, done.status.value)
        again = refunds.create_refund_with_http_info("python-1", body)
        print("replayed", again.headers["Idempotent-Replayed"], str(again.data.id == done.id).lower())
        try:
            refunds.create_refund("python-2", openapi_client.RefundRequest(payment_id=payment_id, amount=openapi_client.AmountInput("500")))
        except ApiException as e:
            problem = e.data.actual_instance
            print("problem", problem.type, problem.refundable)
        payment = openapi_client.PaymentsApi(client).get_payment(payment_id, refresh=True)
        print("left", payment.refundable_amount, payment.status, len(payment.operations))


main(sys.argv[1], sys.argv[2])
