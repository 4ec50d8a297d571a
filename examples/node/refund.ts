// Refunds an order, once, however often it is run:  node refund.ts ORDER PAYMENT AMOUNT
//
// Stored before the first call, in refunds/ORDER.json: the attempt number, which makes the key, and the body. Every later call,
// in this run or the next, sends that key and that body again. A new attempt number comes only after a definite no.
// Exit code: 0 refunded, 1 a definite no (no money moved), 2 not known yet: run it again, 3 a person has to look.
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { authorize } from "./sign.ts";

type Stored = { attempt: number; body: string };
type Answer = { status: string; id?: string; type?: string; detail?: string; customerReference?: string };

const url = (process.env.IADE_URL ?? "http://127.0.0.1:8080") + "/refunds";
const askAgain = ["in-progress", "rate-limited", "unavailable", "internal", "processing", "unknown"];

/** Puts the record on disk, whole or not at all. */
function store(path: string, record: Stored): void {
  writeFileSync(`${path}.new`, JSON.stringify(record), { flush: true });
  renameSync(`${path}.new`, path);
}

/** Gives iade's answer and how long to wait. What is not iade's (no answer, a gateway's own) leaves it unknown. */
async function ask(key: string, body: string): Promise<[Answer, number]> {
  let wait = 2;
  try {
    const headers = authorize("POST", url, { "Content-Type": "application/json", "Idempotency-Key": key }, body);
    const response = await fetch(url, { method: "POST", headers, body, redirect: "manual", signal: AbortSignal.timeout(40_000) });
    wait = Number(response.headers.get("Retry-After") ?? wait);
    const answer = (await response.json()) as Answer;
    if (answer.id) return [answer, wait];
    const slug = /^urn:iade:problem:(.+)$/.exec(answer.type ?? "")?.[1];
    return [{ ...answer, status: slug ?? "unknown" }, wait];
  } catch {
    return [{ status: "unknown" }, wait];
  }
}

const [order, payment, amount] = process.argv.slice(2);
const folder = process.env.STATE ?? "refunds";
mkdirSync(folder, { recursive: true });
const path = `${folder}/${order}.json`;
const record: Stored = existsSync(path)
  ? (JSON.parse(readFileSync(path, "utf8")) as Stored)
  : { attempt: 1, body: JSON.stringify({ paymentId: payment, amount, reference: order }) };
store(path, record);
let answer: Answer = { status: "unknown" };
for (let n = 0, wait = 0; n < 60 && askAgain.includes(answer.status); n++) {
  await pause(wait * 1000);
  [answer, wait] = await ask(`order-${order}-${record.attempt}`, record.body);
}
if (["rejected-by-iyzico", "not-executed"].includes(answer.status)) store(path, { ...record, attempt: record.attempt + 1 });
console.log(order, answer.status, answer.customerReference ?? "", answer.detail ?? "");
const look = ["partially_succeeded", "needs_review", "idempotency-key-reused"];
process.exitCode = answer.status === "succeeded" ? 0 : askAgain.includes(answer.status) ? 2 : look.includes(answer.status) ? 3 : 1;
