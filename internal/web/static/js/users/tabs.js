// Keeps the lists of all tabs up to date.

import { reload } from "./list.js";

const long = 5000; // milliseconds in the background after which the list is reloaded

const channel = new BroadcastChannel("roster-users");
let hiddenSince = 0;

// announce makes other tabs reload their lists.
export const announce = () => channel.postMessage("changed");

channel.addEventListener("message", reload);

document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "hidden") hiddenSince = Date.now();
  else if (Date.now() - hiddenSince > long) reload();
});
