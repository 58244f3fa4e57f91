// The search form, which updates the list as the user types.

import { path } from "../root.js";
import { load, results, shown } from "./list.js";

const pause = 180; // milliseconds after the last key

export const form = document.getElementById("filters");
export const field = form.elements.search;

let timer = 0;

// wanted returns the URL of the list that the form selects.
function wanted() {
  const query = new URLSearchParams();
  for (const [name, value] of new FormData(form)) {
    if (value.trim()) query.set(name, value.trim());
  }
  return path(`/users/?${query}`);
}

// show loads the list. All keystrokes of a search share one history entry.
function show(typing) {
  clearTimeout(timer);
  form.elements.ordering.value = results().dataset.ordering;
  const keep = typing && history.state?.typing ? "replace" : "push";
  load(wanted(), { keep, state: { typing } });
}

// clear clears the search; it returns false if it was empty.
export function clear() {
  if (!field.value) return false;
  field.value = "";
  show(true);
  return true;
}

// follow sets the form to the state of a URL.
export function follow(url) {
  const query = new URL(url, location.href).searchParams;
  field.value = query.get("search") ?? "";
  form.elements.is_active.value = query.get("is_active") ?? "";
  form.elements.ordering.value = query.get("ordering") ?? "";
  const size = form.elements.page_size;
  size.value = query.get("page_size") ?? [...size.options].find((o) => o.hasAttribute("data-usual")).value;
}

field.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(() => show(true), pause);
});

form.addEventListener("change", (event) => {
  if (event.target !== field) show(false);
});

form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (new URL(wanted(), location.href).href !== new URL(shown(), location.href).href) show(false);
});
