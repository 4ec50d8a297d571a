// Refunds with the client that openapi-generator writes for typescript-fetch.
import {Configuration, PaymentsApi, RefundRefusalFromJSON, RefundsApi, ResponseError} from "./typescript-fetch";

async function main(url: string, paymentId: string) {
  const configuration = new Configuration({basePath: url});
  const refunds = new RefundsApi(configuration);
  const body = {paymentId, amount: "10.50", reason: "BUYER_REQUEST" as const, reference: "fetch"};
  const done = await refunds.createRefund({idempotencyKey: "fetch-1", refundRequest: body});
  console.log("refunded", done.refundedAmount, done.status);
  const again = await refunds.createRefundRaw({idempotencyKey: "fetch-1", refundRequest: body});
  const same = (await again.value()).id === done.id;
  console.log("replayed", again.raw.headers.get("Idempotent-Replayed"), same);
  try {
    await refunds.createRefund({idempotencyKey: "fetch-2", refundRequest: {paymentId, amount: "500"}});
  } catch (e) {
    if (!(e instanceof ResponseError)) throw e;
    const problem = RefundRefusalFromJSON(await e.response.json());
    if (problem.type === "urn:iade:problem:exceeds-refundable") console.log("problem", problem.type, problem.refundable);
  }
  const payment = await new PaymentsApi(configuration).getPayment({paymentId, refresh: true});
  console.log("left", payment.refundableAmount, payment.status, payment.operations.length);
}

main(process.argv[2], process.argv[3]);
