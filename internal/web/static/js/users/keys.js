// Keyboard shortcuts; the page lists them.

import { links } from "./list.js";
import { ask } from "./remove.js";
import { clear, field } from "./search.js";
import { toggle } from "./toggle.js";

const setting = "roster-shortcuts";

const help = document.getElementById("shortcuts");
const allowed = document.getElementById("shortcuts-on");

allowed.checked = localStorage.getItem(setting) !== "off";
allowed.addEventListener("change", () => localStorage.setItem(setting, allowed.checked ? "on" : "off"));

const activeRow = () => document.activeElement.closest("#results tbody tr");

// step moves the focus by a number of users, from outside of the list to the first.
function step(by) {
  const all = links();
  const at = all.findIndex((link) => link.closest("tr") === activeRow());
  const next = at < 0 ? 0 : at + by;
  if (next < 0) field.focus();
  else all[Math.min(next, all.length - 1)]?.focus();
}

const click = (id) => document.getElementById(id)?.click();

// Navigation keys, which work from a row, from the search and without focus.
const moving = {
  ArrowDown: () => step(1),
  ArrowUp: () => activeRow() && step(-1),
  ArrowRight: () => activeRow() && click("page-next"),
  ArrowLeft: () => activeRow() && click("page-previous"),
};

// Single-key shortcuts, which can be turned off.
const single = {
  "/": () => field.focus(),
  n: () => click("new-user"),
  "?": () => help.togglePopover(),
  a: () => activeRow() && toggle(activeRow()),
  Delete: () => activeRow()?.querySelector("[data-delete]") && ask(activeRow()),
};

function reactionTo(event) {
  const target = event.target;
  if (target === field) {
    if (event.key === "Escape") return clear;
    return event.key === "ArrowDown" ? moving.ArrowDown : null;
  }
  if (target.matches("input, textarea, select")) return null;
  const free = target === document.body || target.closest("#results, main");
  if (moving[event.key]) return free && (activeRow() || !target.matches("a, button")) ? moving[event.key] : null;
  return allowed.checked ? single[event.key] : null;
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || document.querySelector("dialog[open]")) return;
  const react = reactionTo(event);
  if (react && react() !== null) event.preventDefault();
});
