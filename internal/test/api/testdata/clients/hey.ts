// Refunds with the client that @hey-api/openapi-ts writes. That it compiles shows that a problem narrows by its type.
import {createClient} from "./hey-api/client";
import {createRefund, getPayment} from "./hey-api";

async function main(url: string, paymentId: string) {
  const client = createClient({baseUrl: url});
  const body = {paymentId, amount: "10.50", reason: "BUYER_REQUEST" as const, reference: "hey"};
  const done = await createRefund({client, headers: {"Idempotency-Key": "hey-1"}, body});
  console.log("refunded", done.data?.refundedAmount, done.data?.status);
  const again = await createRefund({client, headers: {"Idempotency-Key": "hey-1"}, body});
  console.log("replayed", again.response?.headers.get("Idempotent-Replayed"), again.data?.id === done.data?.id);
  const {error} = await createRefund({client, headers: {"Idempotency-Key": "hey-2"}, body: {paymentId, amount: "500"}});
  if (error && "type" in error && error.type === "urn:iade:problem:exceeds-refundable") {
    console.log("problem", error.type, error.refundable);
  }
  const payment = await getPayment({client, path: {paymentId}, query: {refresh: true}});
  console.log("left", payment.data?.refundableAmount, payment.data?.status, payment.data?.operations.length);
}

main(process.argv[2], process.argv[3]);
