// The list, fetched as rendered HTML.

import { path } from "../root.js";
import { Away, send, whenBack } from "./connection.js";

const summary = document.getElementById("summary");

let loading = null; // the request in progress

export const results = () => document.getElementById("results");
export const links = () => [...document.querySelectorAll("#results .user-link")];
export const rowOf = (id) => document.querySelector(`#results tr[data-id="${id}"]`);

// shown returns the URL of the list on the page.
export const shown = () => results().dataset.url;

// load shows the list of a URL. keep says how the browser history changes: push,
// replace, or none. A quiet load shows no progress. While the server cannot be
// reached the load waits, unless a later one replaces it.
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

// reload loads the current list again.
export const reload = () => (loading ? load(loading.url, loading) : load(shown(), { keep: "none", quiet: true }));

// replace fetches a list and shows it, unless a later load replaced the request.
async function replace(mine) {
  const answer = await send(rowsURL(mine.url), { signal: mine.abort.signal, headers: { Accept: "text/html" } });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (loading !== mine) return;
  put(answer.ok ? page.getElementById("results") : failure(reason(answer.status, page), mine.url));
  if (mine.keep !== "none") remember(shown(), mine.keep, mine.state);
}

function rowsURL(url) {
  const rows = new URL(url, location.href);
  rows.pathname = path("/users/rows/");
  rows.searchParams.delete("edit");
  return rows;
}

function remember(url, keep, state) {
  if (keep === "push" && url !== location.pathname + location.search) history.pushState(state, "", url);
  else history.replaceState(state, "", url);
}

// put replaces the list and keeps the focus on the same element or position.
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

// reason returns title and text of an error: of a search that is too long, or of the
// error page.
function reason(status, page) {
  if (status === 400) return ["This search is too long", "Searches can have at most ten words and 200 characters."];
  return [page.querySelector("main h1"), page.querySelector("main .lead")].map((e) => e?.textContent ?? "The list cannot be shown");
}

// failure returns a section that shows an error in place of the list.
function failure([title, text], url) {
  const section = results().cloneNode(false);
  section.dataset.url = url;
  section.dataset.summary = "";
  const card = element("div", "empty card");
  const again = element("a", "button", "Show all users");
  again.href = path("/users/");
  card.append(element("h2", "", title), element("p", "", text), again);
  section.append(card);
  return section;
}

function element(name, className, text = "") {
  const e = document.createElement(name);
  e.className = className;
  e.textContent = text;
  return e;
}

// flash highlights the row of a user; it returns false if there is none.
export function flash(id) {
  const row = rowOf(id);
  row?.classList.add("row-fresh");
  return Boolean(row);
}
