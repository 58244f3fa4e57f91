// Watches the connection. While the server cannot be reached, a banner says so, and
// the page retries with exponential backoff.

import { path } from "../root.js";

const firstWait = 1; // seconds
const longestWait = 30;

const banner = document.getElementById("away");
const text = document.getElementById("away-text");

const waiting = new Set(); // resolve functions of whenBack
const listeners = new Set(); // of onBack
let away = false;
let wait = firstWait;
let left = 0;
let clock = 0;

// Away is the error of a request without a response, or with one from a proxy or a
// server that is stopping.
export class Away extends Error {}

// send is fetch, but throws Away when the server cannot be reached.
export async function send(url, options = {}) {
  let answer;
  try {
    answer = await fetch(url, { credentials: "same-origin", cache: "no-store", ...options });
  } catch (cause) {
    if (options.signal?.aborted) throw cause;
    lost();
    throw new Away("no answer");
  }
  if ([502, 503, 504].includes(answer.status)) {
    lost();
    throw new Away(`answer ${answer.status}`);
  }
  return answer;
}

// whenBack resolves when the server can be reached.
export function whenBack() {
  return away ? new Promise((resolve) => waiting.add(resolve)) : Promise.resolve();
}

// onBack calls react every time the connection is restored.
export const onBack = (react) => listeners.add(react);

function lost() {
  if (away) return;
  away = true;
  banner.hidden = false;
  wait = firstWait;
  rest();
}

// rest counts down the seconds until the next attempt.
function rest() {
  left = wait;
  wait = Math.min(longestWait, wait * 2);
  clearInterval(clock);
  clock = setInterval(() => {
    left -= 1;
    if (left <= 0) attempt();
    else say();
  }, 1000);
  say();
}

function say() {
  text.textContent = `Nothing you typed is lost. Trying again in ${left} s.`;
}

async function attempt() {
  if (!away) return;
  clearInterval(clock);
  text.textContent = "Nothing you typed is lost. Trying now …";
  const answer = await fetch(path("/readyz"), { cache: "no-store" }).catch(() => null);
  if (!away) return;
  if (!answer?.ok) {
    rest();
    return;
  }
  away = false;
  banner.hidden = true;
  for (const resolve of [...waiting]) resolve();
  waiting.clear();
  for (const react of listeners) react();
}

document.getElementById("away-retry").addEventListener("click", attempt);
window.addEventListener("online", attempt);
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible") attempt();
});
