// A client of the REST API.

import { renew, token } from "../csrf.js";
import { path } from "../root.js";
import { send } from "./connection.js";

const users = path("/api/users/");

// call sends JSON and returns the response; data is null unless it is JSON.
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

// create sends an idempotency key, so that a repeated request does not create a
// second user.
export const create = (fields, key) => call("POST", users, fields, { "Idempotency-Key": key });

// faultsOf returns the messages of a 400 response by field.
export function faultsOf(answer) {
  if (answer.status !== 400 || !answer.data || answer.data.detail) return {};
  return answer.data;
}

// reasonOf returns a sentence that says why a request failed.
export function reasonOf(answer) {
  if (answer.data?.detail) return answer.data.detail;
  if (answer.status === 403) return "The server refused the request. Reload the page and try again.";
  const [first] = Object.values(faultsOf(answer));
  return first?.[0] ?? `The server answered with an error (${answer.status}).`;
}
