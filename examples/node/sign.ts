// Says who asks: a token, an IAM signature (AWS Signature Version 4), or nothing for an iade on this machine.
//
// IADE_TOKEN           a bearer token: a JWT, or one of API_TOKENS_FILE
// AWS_ACCESS_KEY_ID    and AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, AWS_REGION: a caller that IAM lets in
import { createHash, createHmac } from "node:crypto";

export type Headers = Record<string, string>;
const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
const hmac = (key: string | Buffer, text: string) => createHmac("sha256", key).update(text).digest();

/** Gives the headers with what proves the caller. */
export function authorize(method: string, url: string, headers: Headers, body: string): Headers {
  const env = process.env;
  if (env.IADE_TOKEN) return { ...headers, Authorization: `Bearer ${env.IADE_TOKEN}` };
  if (!env.AWS_ACCESS_KEY_ID) return headers;
  const now = new Date().toISOString().replace(/[-:]|\.\d+/g, "");
  return { ...headers, ...sign(method, new URL(url), body, env, now) };
}

/** Signs a request without a query for API Gateway (service execute-api). */
function sign(method: string, url: URL, body: string, env: NodeJS.ProcessEnv, now: string): Headers {
  const signed: Headers = { host: url.host, "x-amz-date": now };
  if (env.AWS_SESSION_TOKEN) signed["x-amz-security-token"] = env.AWS_SESSION_TOKEN;
  const names = Object.keys(signed).sort();
  const lines = names.map((name) => `${name}:${signed[name]}\n`).join("");
  const request = [method, url.pathname, "", lines, names.join(";"), sha256(body)].join("\n");
  const scope = `${now.slice(0, 8)}/${env.AWS_REGION}/execute-api/aws4_request`;
  const key = scope.split("/").reduce((k: string | Buffer, part) => hmac(k, part), "AWS4" + env.AWS_SECRET_ACCESS_KEY);
  const signature = hmac(key, ["AWS4-HMAC-SHA256", now, scope, sha256(request)].join("\n")).toString("hex");
  const { host, ...sent } = signed; // every client sends the host by itself
  const credential = `${env.AWS_ACCESS_KEY_ID}/${scope}`;
  return { ...sent, Authorization: `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=${names.join(";")}, Signature=${signature}` };
}
