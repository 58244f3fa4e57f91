// The dialog that creates and edits a user.

import { path } from "../root.js";
import { change, create, faultsOf, find, reasonOf } from "./api.js";
import { Away, whenBack } from "./connection.js";
import { flash, load, reload } from "./list.js";
import { announce } from "./tabs.js";
import { writer } from "./times.js";
import { toast } from "./toast.js";

const dialog = document.getElementById("editor");
const form = document.getElementById("editor-form");
const fields = document.getElementById("editor-fields");
const title = document.getElementById("editor-title");
const meta = document.getElementById("editor-meta");
const alert = document.getElementById("editor-alert");
const save = document.getElementById("editor-save");

const when = writer(dialog.dataset.zone);

// The user in the dialog; null while it is closed.
let task = null;

const controls = () => [...fields.elements].filter((c) => c.name);
const valueOf = (c) => (c.type === "checkbox" ? c.checked : c.value);
const values = () => Object.fromEntries(controls().map((c) => [c.name, valueOf(c)]));
const changed = () => controls().filter((c) => valueOf(c) !== task.stored[c.name]);

export const isOpen = () => dialog.open;

// open shows the dialog for a user, or for a new one without an id. typed has
// unsaved values to restore.
export async function open(id, typed = null) {
  if (dialog.open || !dialog.querySelector("form")) return;
  const mine = { id, key: crypto.randomUUID(), stored: {}, name: "" };
  task = mine;
  title.textContent = id ? "User" : "New user";
  save.textContent = id ? "Save" : "Create user";
  meta.textContent = "";
  clearFaults();
  fill({ is_active: true });
  dialog.showModal();
  if (id && !(await read(mine))) return;
  if (task !== mine) return;
  mine.stored = values();
  if (typed) fill(typed);
  fields.elements[0].focus();
}

// read loads the user into the dialog.
async function read(mine) {
  fields.disabled = true;
  try {
    const answer = await find(mine.id);
    if (task !== mine) return false;
    if (!answer.ok) {
      finish();
      toast(answer.status === 404 ? "This user no longer exists." : reasonOf(answer), { bad: true });
      reload();
      return false;
    }
    mine.name = answer.data.username;
    title.textContent = answer.data.username;
    meta.textContent = `Changed ${when(answer.data.updated_at)}`;
    fill(answer.data);
    return true;
  } catch (cause) {
    if (!(cause instanceof Away)) throw cause;
    await whenBack();
    return task === mine && read(mine);
  } finally {
    if (task === mine) fields.disabled = false;
  }
}

function fill(user) {
  for (const c of controls()) {
    if (c.type === "checkbox") c.checked = Boolean(user[c.name]);
    else c.value = user[c.name] ?? "";
  }
}

// close closes the dialog and offers to restore unsaved input.
export function close() {
  if (!task) return;
  const { id } = task;
  const typed = !fields.disabled && changed().length > 0 ? values() : null;
  finish();
  if (typed) toast("Your changes were not saved.", { label: "Continue editing", action: () => reopen(id, typed) });
}

// The URL says what is open, so that the back button closes it.
let reopen = open;
let closed = () => {};

// onMove sets the functions that keep the URL up to date.
export function onMove(opened, finished) {
  reopen = opened;
  closed = finished;
}

function finish() {
  task = null;
  dialog.close();
  closed();
}

function clearFaults() {
  alert.hidden = true;
  for (const c of controls()) {
    c.removeAttribute("aria-invalid");
    c.closest(".field").classList.remove("field-bad");
    const list = document.getElementById(`fault-${c.name}`);
    list.hidden = true;
    list.replaceChildren();
  }
}

// showFaults shows each message at its field, and the others above the form.
function showFaults(answer) {
  const faults = { ...faultsOf(answer) };
  for (const c of controls()) {
    if (!faults[c.name]) continue;
    const list = document.getElementById(`fault-${c.name}`);
    list.append(...faults[c.name].map(paragraph));
    list.hidden = false;
    c.setAttribute("aria-invalid", "true");
    c.closest(".field").classList.add("field-bad");
    delete faults[c.name];
  }
  const others = Object.values(faults).flat();
  if (others.length || answer.status !== 400) warn(others.join(" ") || reasonOf(answer));
  fields.querySelector('[aria-invalid="true"]')?.focus();
}

function paragraph(text) {
  const p = document.createElement("p");
  p.textContent = text;
  return p;
}

function warn(text) {
  alert.textContent = text;
  alert.hidden = false;
}

// input returns the fields to send: for a new user those with a value, otherwise
// only the changed ones, so that concurrent changes of other fields survive.
function input() {
  const sent = task.id ? changed() : controls().filter((c) => valueOf(c) !== "" || c.required || c.ariaRequired === "true");
  return Object.fromEntries(sent.map((c) => [c.name, valueOf(c)]));
}

async function submit() {
  const mine = task;
  const sent = input();
  if (mine.id && Object.keys(sent).length === 0) return finish();
  clearFaults();
  save.disabled = true;
  try {
    const answer = await (mine.id ? change(mine.id, sent) : create(sent, mine.key));
    if (task !== mine) return;
    if (answer.ok) await done(mine, answer.data);
    else showFaults(answer);
  } catch (cause) {
    if (!(cause instanceof Away)) throw cause;
    await retry(mine);
  } finally {
    if (task === mine || !task) save.disabled = false;
  }
}

// retry submits again when the server is back, unless the dialog was closed.
async function retry(mine) {
  warn("The server cannot be reached. Your changes are saved when it is back.");
  await whenBack();
  if (task === mine) await submit();
}

async function done(mine, user) {
  finish();
  announce();
  await reload();
  const seen = flash(user.id);
  const find = { label: "Show", action: () => load(path(`/users/?${new URLSearchParams({ search: user.username })}`)) };
  toast(mine.id ? `${user.username} was saved.` : `${user.username} was created.`, seen ? {} : find);
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (!save.disabled && !fields.disabled) submit();
});

// Leaving the page asks before it discards unsaved input.
window.addEventListener("beforeunload", (event) => {
  if (task && !fields.disabled && changed().length > 0) event.preventDefault();
});

dialog.addEventListener("cancel", (event) => {
  event.preventDefault();
  close();
});

dialog.addEventListener("click", (event) => {
  if (event.target.closest("[data-close]")) close();
});
