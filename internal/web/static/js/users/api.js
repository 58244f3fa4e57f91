// The REST API, as the page uses it.

import { renew, token } from "../csrf.js";
import { send } from "./connection.js";

const users = "/api/users/";

// call sends JSON and returns what was answered, with data null when that is
// no JSON.
async function call(method, url, body, headers = {}) {
  const request = () => send(url, { method, headers: headersOf(method, body, headers), body: JSON.stringify(body) });
  let answer = await request();
  if (answer.status === 403 && method !== "GET" && await renew()) answer = await request();
  const isJSON = answer.headers.get("Content-Type")?.startsWith("application/json");
  return { ok: answer.ok, status: answer.status, data: isJSON ? await answer.json() : null };
}

function headersOf(method, body, headers) {
  const all = { Accept: "application/json", ...headers };
  if (method !== "GET") all["X-CSRFToken"] = token();
  if (body !== undefined) all["Content-Type"] = "application/json";
  return all;
}

export const find = (id) => call("GET", `${users}${id}/`);
export const change = (id, fields) => call("PATCH", `${users}${id}/`, fields);
export const remove = (id) => call("DELETE", `${users}${id}/`);

// create sends a key with the user: a repeated request with the same key
// makes no second one.
export const create = (fields, key) => call("POST", users, fields, { "Idempotency-Key": key });

// faultsOf are the messages of an answer 400 by field.
export function faultsOf(answer) {
  if (answer.status !== 400 || !answer.data || answer.data.detail) return {};
  return answer.data;
}

// reasonOf says in a sentence why a request was refused.
export function reasonOf(answer) {
  if (answer.data?.detail) return answer.data.detail;
  if (answer.status === 403) return "The server refused this. Reload the page and try again.";
  const [first] = Object.values(faultsOf(answer));
  return first?.[0] ?? `The server answered with an error (${answer.status}).`;
}
