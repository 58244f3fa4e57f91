// The list: fetched as the server renders it, and put in place.

import { Away, send, whenBack } from "./connection.js";

const summary = document.getElementById("summary");

let loading = null; // what is under way

export const results = () => document.getElementById("results");
export const links = () => [...document.querySelectorAll("#results .user-link")];
export const rowOf = (id) => document.querySelector(`#results tr[data-id="${id}"]`);

// shown is the address of the list on the page.
export const shown = () => results().dataset.url;

// load shows the list of an address of this page. keep says what becomes of
// the address: push, replace, or none. A quiet load is not seen to happen. When
// the server is away it is done once it is back; a later load takes its place.
export async function load(url, { keep = "push", quiet = false, state = null } = {}) {
  loading?.abort.abort();
  const mine = { url, keep, quiet, state, abort: new AbortController() };
  loading = mine;
  if (!quiet) results().setAttribute("aria-busy", "true");
  try {
    await replace(mine);
  } catch (cause) {
    if (cause instanceof Away) {
      await whenBack();
      if (loading === mine) await load(url, mine);
    } else if (cause.name !== "AbortError") {
      throw cause;
    }
  } finally {
    if (loading === mine) {
      loading = null;
      results().removeAttribute("aria-busy");
    }
  }
}

// reload shows the list as it is now: the one on the page, or on its way.
export const reload = () => (loading ? load(loading.url, loading) : load(shown(), { keep: "none", quiet: true }));

// replace fetches a list and puts it in place, unless another was asked for.
async function replace(mine) {
  const answer = await send(rowsURL(mine.url), { signal: mine.abort.signal, headers: { Accept: "text/html" } });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (loading !== mine) return;
  put(answer.ok ? page.getElementById("results") : failure(page, mine.url));
  if (mine.keep !== "none") remember(shown(), mine.keep, mine.state);
}

function rowsURL(url) {
  const rows = new URL(url, location.href);
  rows.pathname = "/users/rows/";
  rows.searchParams.delete("edit");
  return rows;
}

function remember(url, keep, state) {
  if (keep === "push" && url !== location.pathname + location.search) history.pushState(state, "", url);
  else history.replaceState(state, "", url);
}

// put replaces the list, and keeps the focus where it was: on the same thing,
// or at the same place.
function put(fresh) {
  const old = results();
  const held = old.contains(document.activeElement) ? document.activeElement : null;
  const place = links().findIndex((link) => link.closest("tr").contains(held));
  old.replaceWith(document.adoptNode(fresh));
  if (summary.textContent !== fresh.dataset.summary) summary.textContent = fresh.dataset.summary;
  if (!held || held === old) return;
  const rows = links();
  const heir = (held.id && document.getElementById(held.id)) || (place >= 0 && rows[Math.min(place, rows.length - 1)]);
  (heir || fresh).focus({ preventScroll: true });
}

// failure is what stands in place of a list that the server refused to give.
function failure(page, url) {
  const section = results().cloneNode(false);
  section.dataset.url = url;
  section.dataset.summary = "";
  const card = document.createElement("div");
  card.className = "empty card";
  const title = document.createElement("h2");
  title.textContent = page.querySelector("main h1")?.textContent ?? "The list cannot be shown";
  const text = document.createElement("p");
  text.textContent = page.querySelector("main .lead")?.textContent ?? "";
  const again = document.createElement("a");
  again.className = "button";
  again.href = "/users/";
  again.textContent = "Show all users";
  card.append(title, text, again);
  section.append(card);
  return section;
}

// flash points out the row of a user; it tells whether there is one.
export function flash(id) {
  const row = rowOf(id);
  row?.classList.add("row-fresh");
  return Boolean(row);
}
