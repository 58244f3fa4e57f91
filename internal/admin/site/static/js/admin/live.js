// Keeps a page up to date: fetches it every second, or every data-every seconds,
// and replaces the elements with data-live that have changed. Screen readers hear of
// those that data-announce names, at most every ten seconds and at the end.

const interval = 1000 * (document.querySelector("[data-every]")?.dataset.every ?? 1);
const slowest = 30000;
let pause = interval;

// put replaces the content of an element. It animates a progress bar and keeps the
// focus.
function put(old, now) {
  const bar = old.querySelector("progress");
  const next = now.querySelector("progress");
  if (bar && next) {
    bar.value = next.value;
    const text = old.querySelector(".progress-text");
    const said = now.querySelector(".progress-text");
    if (text && said) text.textContent = said.textContent;
    return;
  }
  const focused = old.contains(document.activeElement) ? [...old.querySelectorAll("a, button, [tabindex]")].indexOf(document.activeElement) : -1;
  old.replaceChildren(...now.cloneNode(true).childNodes); // a value may be on the page twice
  if (focused >= 0) old.querySelectorAll("a, button, [tabindex]")[focused]?.focus();
}

const quiet = 10000;
const regions = [...document.querySelectorAll("[data-announce]")].map((element) => ({ element, said: textOf(element), at: Date.now() }));

function textOf(region) {
  return document.querySelector(`[data-live="${CSS.escape(region.dataset.announce)}"]`)?.textContent.trim() ?? "";
}

function announce(moves) {
  for (const region of regions) {
    const text = textOf(region.element);
    if (text === region.said || (moves && Date.now() - region.at < quiet)) continue;
    Object.assign(region, { said: text, at: Date.now() });
    region.element.textContent = text;
  }
}

async function look() {
  const answer = await fetch(location.href, { headers: { "X-Requested-With": "fetch" } });
  if (!answer.ok || answer.redirected) throw new Error(`The server answered ${answer.status}.`);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const old of document.querySelectorAll("[data-live]")) {
    const now = page.querySelector(`[data-live="${CSS.escape(old.dataset.live)}"]`);
    if (now && now.innerHTML !== old.innerHTML) put(old, now);
  }
  const moves = !!page.querySelector('script[src*="js/admin/live"]');
  announce(moves);
  return moves;
}

async function run() {
  let moves = true;
  if (!document.hidden) {
    try {
      moves = await look();
      pause = interval;
    } catch {
      pause = Math.min(pause * 2, slowest);
    }
  }
  if (moves) setTimeout(run, pause);
  else document.documentElement.dataset.settled = "true";
}

setTimeout(run, pause);
