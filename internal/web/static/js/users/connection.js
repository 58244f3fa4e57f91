// Whether the server answers. While it does not, a banner says so, and it is
// asked again, less and less often, until it does.

const firstWait = 1; // seconds
const longestWait = 30;

const banner = document.getElementById("away");
const text = document.getElementById("away-text");

// Who waits for the server to answer again, and who is told every time.
const waiting = new Set();
const told = new Set();
let away = false;
let wait = firstWait;
let left = 0;
let clock = 0;

// Away is the failure of a request that had no answer, or one of a proxy or a
// server that is about to stop.
export class Away extends Error {}

// send is fetch, but fails with Away where the server could not be reached.
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

// whenBack resolves once the server answers, at once if it does.
export function whenBack() {
  return away ? new Promise((resolve) => waiting.add(resolve)) : Promise.resolve();
}

// onBack calls react every time that the server answers again.
export const onBack = (react) => told.add(react);

function lost() {
  if (away) return;
  away = true;
  banner.hidden = false;
  wait = firstWait;
  rest();
}

// rest waits for its time, second by second, and then tries.
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
  const answer = await fetch("/readyz", { cache: "no-store" }).catch(() => null);
  if (!away) return;
  if (!answer?.ok) {
    rest();
    return;
  }
  away = false;
  banner.hidden = true;
  for (const resolve of [...waiting]) resolve();
  waiting.clear();
  for (const react of told) react();
}

document.getElementById("away-retry").addEventListener("click", attempt);
window.addEventListener("online", attempt);
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible") attempt();
});
