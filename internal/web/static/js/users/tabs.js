// Other tabs: what is changed in one is seen in all.

import { reload } from "./list.js";

const long = 5000; // milliseconds out of sight after which the list may be old

const channel = new BroadcastChannel("roster-users");
let hiddenSince = 0;

// announce tells the other tabs that something was changed.
export const announce = () => channel.postMessage("changed");

channel.addEventListener("message", reload);

document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "hidden") hiddenSince = Date.now();
  else if (Date.now() - hiddenSince > long) reload();
});
