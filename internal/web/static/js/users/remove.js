// Deletes a user after confirmation.

import { reasonOf, remove } from "./api.js";
import { Away, whenBack } from "./connection.js";
import { reload } from "./list.js";
import { announce } from "./tabs.js";
import { toast } from "./toast.js";

const dialog = document.getElementById("delete-dialog");
const form = document.getElementById("delete-form");
const alert = document.getElementById("delete-alert");
const button = form.querySelector('[type="submit"]');

let target = null; // the user of the open dialog

export const isOpen = () => dialog.open;

// ask opens the confirmation for the user of a row.
export function ask(row) {
  target = { id: row.dataset.id, name: row.dataset.name };
  document.getElementById("delete-name").textContent = target.name;
  alert.hidden = true;
  dialog.showModal();
}

async function submit() {
  const mine = target;
  alert.hidden = true;
  button.disabled = true;
  try {
    const answer = await remove(mine.id);
    if (answer.ok || answer.status === 404) {
      if (dialog.open) dialog.close();
      toast(answer.ok ? `${mine.name} was deleted.` : `${mine.name} was already deleted.`);
      announce();
      await reload();
    } else {
      warn(reasonOf(answer));
    }
  } catch (cause) {
    if (!(cause instanceof Away)) throw cause;
    warn("The server cannot be reached. The user is deleted when it is back, unless you cancel.");
    await whenBack();
    if (dialog.open && target === mine) await submit();
  } finally {
    button.disabled = false;
  }
}

function warn(text) {
  alert.textContent = text;
  alert.hidden = false;
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (!button.disabled) submit();
});

dialog.addEventListener("click", (event) => {
  if (event.target.closest("[data-close]")) dialog.close();
});
