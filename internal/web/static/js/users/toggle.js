// Activates and deactivates users: shown immediately, reverted on failure.

import { change, reasonOf } from "./api.js";
import { Away } from "./connection.js";
import { reload } from "./list.js";
import { announce } from "./tabs.js";
import { toast } from "./toast.js";

// toggle flips the switch of a row.
export function toggle(row) {
  const button = row?.querySelector(".switch");
  if (!button || button.ariaBusy === "true") return;
  set(row.dataset.id, row.dataset.name, button.ariaChecked !== "true", true);
}

async function set(id, name, active, undoable) {
  show(id, active, true);
  const failed = await refusal(id, active);
  if (failed) {
    show(id, !active, false);
    toast(`${name} was not changed: ${failed}`, { bad: true, label: "Try again", action: () => set(id, name, active, undoable) });
    return;
  }
  show(id, active, false);
  const undo = undoable ? { label: "Undo", action: () => set(id, name, !active, false) } : {};
  toast(`${name} was ${active ? "activated" : "deactivated"}.`, undo);
  announce();
  await reload();
}

// refusal changes the user; it returns why that failed, "" on success.
async function refusal(id, active) {
  try {
    const answer = await change(id, { is_active: active });
    return answer.ok ? "" : reasonOf(answer);
  } catch (cause) {
    if (cause instanceof Away) return "the server cannot be reached.";
    throw cause;
  }
}

function show(id, active, busy) {
  const button = document.getElementById(`switch-${id}`);
  if (!button) return;
  button.ariaChecked = String(active);
  button.ariaBusy = busy ? "true" : null;
}
