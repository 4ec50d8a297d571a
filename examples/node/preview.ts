// Shows what a refund would do:  node preview.ts PAYMENT AMOUNT
//
// Stores nothing and needs no key: iade stores and sends nothing either.
import { authorize } from "./sign.ts";

type Preview = { legs: { paymentTransactionId: string; amount: string }[]; refundable: string };

const [payment, amount] = process.argv.slice(2);
const url = (process.env.IADE_URL ?? "http://127.0.0.1:8080") + "/refunds/preview";
const body = JSON.stringify({ paymentId: payment, amount, allocation: "proportional" });
const headers = authorize("POST", url, { "Content-Type": "application/json" }, body);
const response = await fetch(url, { method: "POST", headers, body, signal: AbortSignal.timeout(40_000) });
if (response.status === 200) {
  const preview = (await response.json()) as Preview;
  for (const leg of preview.legs) console.log(leg.paymentTransactionId, leg.amount);
  console.log("refundable now:", preview.refundable);
} else {
  console.error("iade would refuse it:", await response.text());
  process.exitCode = 1;
}
