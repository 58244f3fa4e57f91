// The search of the header: a combobox with a list box of results, as in the ARIA
// Authoring Practices (list autocomplete, manual selection). "/" and Ctrl-K or Cmd-K
// move the focus to it. Enter without a selected result opens the page of the search.

const form = document.querySelector(".site-search");
const field = form.querySelector("input");
const list = document.getElementById("search-hits");
const status = form.querySelector("[aria-live]");

const pause = 80; // milliseconds without input before the server is asked

field.type = "text"; // a search field cannot have the role
for (const [name, value] of Object.entries({
  role: "combobox", "aria-autocomplete": "list", "aria-haspopup": "listbox", "aria-controls": list.id, "aria-expanded": "false",
})) field.setAttribute(name, value);

const options = () => [...list.querySelectorAll("[role=option]")];
const selected = () => list.querySelector("[aria-selected=true]");

function show(open) {
  list.hidden = !open;
  field.setAttribute("aria-expanded", String(open));
  if (!open) select(null);
}

function select(option) {
  selected()?.setAttribute("aria-selected", "false");
  option?.setAttribute("aria-selected", "true");
  option?.scrollIntoView({ block: "nearest" });
  if (option) field.setAttribute("aria-activedescendant", option.id);
  else field.removeAttribute("aria-activedescendant");
}

let timer;
let asking = new AbortController();

// ask shows the results for the text of the field.
async function ask() {
  asking.abort();
  asking = new AbortController();
  const text = field.value.trim();
  if (!text) return show(false);
  const answer = await fetch(`${form.dataset.url}?${new URLSearchParams({ q: text })}`, { signal: asking.signal });
  if (!answer.ok || answer.redirected) return show(false);
  const hits = new DOMParser().parseFromString(await answer.text(), "text/html").body;
  list.replaceChildren(...hits.childNodes);
  const count = options().length;
  status.textContent = count ? `${count} ${count === 1 ? "result" : "results"}` : "No results";
  if (!count) {
    const none = document.createElement("div");
    none.className = "hit-none";
    none.setAttribute("role", "option");
    none.setAttribute("aria-disabled", "true");
    none.textContent = "No results";
    list.append(none);
  }
  show(document.activeElement === field);
}

// askSoon asks after a pause. Without an answer the page of the search remains.
function askSoon(wait = pause) {
  clearTimeout(timer);
  timer = setTimeout(() => ask().catch((error) => error.name === "AbortError" || show(false)), wait);
}

function move(step) {
  const all = options().filter((option) => option.href);
  if (list.hidden) return askSoon(0);
  const at = all.indexOf(selected());
  const next = at < 0 && step < 0 ? all.length - 1 : at + step;
  select(all[next] ?? null);
}

const keys = {
  ArrowDown: () => move(1),
  ArrowUp: () => move(-1),
  Enter: () => {
    if (!selected()) return false; // sends the form
    selected().click();
  },
  Escape: () => {
    if (list.hidden && !field.value) return false;
    if (list.hidden) field.value = "";
    show(false);
  },
};

field.addEventListener("keydown", (event) => {
  if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey || !keys[event.key]) return;
  if (keys[event.key]() !== false) event.preventDefault();
});
field.addEventListener("input", () => askSoon());
field.addEventListener("focus", () => field.value && askSoon(0));
field.addEventListener("blur", () => show(false));
list.addEventListener("pointerdown", (event) => event.preventDefault()); // the field keeps the focus
list.addEventListener("mousedown", (event) => event.preventDefault());

function focus(event) {
  event.preventDefault();
  field.focus();
  field.select();
}

// A page with shortcuts of its own keeps "/", and a visitor may have turned off
// shortcuts of single keys.
const isFree = (target) => !target.closest("input, textarea, select, [contenteditable]") && !document.getElementById("shortcuts")
  && localStorage.getItem("roster-shortcuts") !== "off";

document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.altKey || document.querySelector("dialog[open]")) return;
  const control = event.ctrlKey || event.metaKey;
  if (control && !event.shiftKey && event.key.toLowerCase() === "k" || !control && event.key === "/" && isFree(event.target)) focus(event);
});
