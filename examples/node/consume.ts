// Takes iade's events from SQS, each change once:  node consume.ts < batch.json
//
// The batch has the shape in which AWS Lambda gets messages; the answer names those that should come again. Stored, in
// events/ID.json, after the shop has acted: the last sequence of each operation. Events come at least once, and through SQS in
// any order: what is not newer than the stored sequence is a repeat, or older news.
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";

type Operation = { id: string; status: string; sequence: number; reference?: string; refundedAmount?: string };
type Event = { source: string; "detail-type": string; detail: Operation };
type Batch = { Records: { messageId: string; body: string }[] };

const folder = process.env.STATE ?? "events";
mkdirSync(folder, { recursive: true });

/** Where the shop does its part. It may run twice for one change, if the process ends right after it. */
function act(operation: Operation): void {
  console.log(operation.reference ?? "-", operation.id, operation.status, operation.refundedAmount ?? "");
}

/** Deals with one event of iade; others are none of ours. */
function consume(event: Event): void {
  if (typeof event.source !== "string" || typeof event["detail-type"] !== "string") throw new TypeError("not an event");
  if (event.source !== "iade" || event["detail-type"].startsWith("day.")) return;
  const operation = event.detail;
  if (typeof operation?.id !== "string" || typeof operation.sequence !== "number") throw new TypeError("not an operation");
  const path = `${folder}/${operation.id}.json`;
  if (existsSync(path) && Number(readFileSync(path, "utf8")) >= operation.sequence) return;
  act(operation);
  writeFileSync(`${path}.new`, String(operation.sequence), { flush: true });
  renameSync(`${path}.new`, path);
}

const again: { itemIdentifier: string }[] = [];
for (const message of (JSON.parse(readFileSync(0, "utf8")) as Batch).Records) {
  try {
    consume(JSON.parse(message.body) as Event);
  } catch (problem) {
    console.error("comes again:", (problem as Error).name);
    again.push({ itemIdentifier: message.messageId });
  }
}
console.log(JSON.stringify({ batchItemFailures: again }));
