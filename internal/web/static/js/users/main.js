// The users page. It works without scripts; with them it does not reload.

import { onBack } from "./connection.js";
import * as editor from "./editor.js";
import "./keys.js";
import { load, reload, results, shown } from "./list.js";
import { ask } from "./remove.js";
import { follow, form } from "./search.js";
import { toggle } from "./toggle.js";

// edited returns the user that a URL opens: an id, "new", or null.
const edited = (url) => new URL(url, location.href).searchParams.get("edit");

// withEdit returns the URL of the list with a user open.
function withEdit(id) {
  const url = new URL(shown(), location.href);
  if (id) url.searchParams.set("edit", id);
  return url.pathname + url.search;
}

// openEditor opens the dialog and adds it to the browser history.
function openEditor(id, typed) {
  history.pushState({ editor: true }, "", withEdit(id || "new"));
  editor.open(id, typed);
}

editor.onMove(openEditor, () => {
  if (!edited(location.href)) return;
  if (history.state?.editor) history.back();
  else history.replaceState(null, "", withEdit(null));
});

// may reports whether the visitor can save what a URL opens.
function may(who) {
  if (who === "new") return document.getElementById("new-user") !== null;
  return document.getElementById("editor").dataset.mayChange === "true";
}

// arrive opens what the URL says, after back, forward and shared links.
function arrive() {
  const who = edited(location.href);
  if (who && may(who)) editor.open(who === "new" ? null : who);
  else editor.close();
}

window.addEventListener("popstate", () => {
  arrive();
  const here = new URL(location.href);
  here.searchParams.delete("edit");
  if (here.pathname + here.search === shown()) return;
  follow(here);
  load(here.href, { keep: "none" });
});

// A plain click on a link of the list stays on the page.
const isPlain = (event) => !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey || event.button);

async function followLink(link) {
  const fromFoot = link.closest(".results-foot");
  follow(link.href);
  await load(link.href);
  if (fromFoot && results().getBoundingClientRect().top < 0) results().scrollIntoView();
}

document.addEventListener("click", (event) => {
  const row = event.target.closest("#results tbody tr");
  const link = event.target.closest("#results a");
  if (event.target.closest("[data-edit]") || (link?.matches(".user-link") && row.querySelector("[data-edit]") && isPlain(event))) {
    event.preventDefault();
    openEditor(row.dataset.id);
  } else if (event.target.closest("[data-delete]")) {
    ask(row);
  } else if (event.target.closest(".switch")) {
    toggle(row);
  } else if (link && !link.matches(".user-link") && isPlain(event)) {
    event.preventDefault();
    followLink(link);
  }
});

document.getElementById("new-user")?.addEventListener("click", () => openEditor(null));

onBack(reload);

// Browsers may restore form input after a reload.
form.reset();
arrive();
document.documentElement.dataset.ready = "users";
