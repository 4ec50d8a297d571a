// Compiles against the types that openapi-typescript writes: the key is required, statuses are words, a problem narrows by its type.
import type {components, paths} from "./openapi-typescript/schema";

type Refusal = components["schemas"]["RefundRefusal"];
type Parameters = paths["/refunds"]["post"]["parameters"];

export function left(refusal: Refusal): string | undefined {
  switch (refusal.type) {
    case "urn:iade:problem:exceeds-refundable":
      return refusal.refundable;
    case "urn:iade:problem:rejected-by-iyzico":
      return refusal.iyzico.errorCode;
  }
  return undefined;
}

export const parameters: Parameters = {header: {"Idempotency-Key": "order-4711-1"}};
// @ts-expect-error a refund without a key
export const keyless: Parameters = {header: {}};
export const status: components["schemas"]["Resource"]["status"] = "partially_succeeded";
// @ts-expect-error not a status
export const none: components["schemas"]["Resource"]["status"] = "done";
