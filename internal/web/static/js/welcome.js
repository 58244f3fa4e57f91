// Updates the statistics of the welcome page while the page is visible.

import { path } from "./root.js";

const every = 10000; // milliseconds

const figures = () => document.getElementById("figures");

function unreachable() {
  document.getElementById("state").classList.add("state-bad");
  document.getElementById("state-text").textContent = "The server does not answer";
}

async function refresh() {
  if (document.visibilityState !== "visible") return;
  try {
    const answer = await fetch(path("/figures/"), { cache: "no-store", credentials: "same-origin" });
    if (!answer.ok) throw new Error(`answer ${answer.status}`);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.getElementById("figures");
    if (fresh.innerHTML !== figures().innerHTML) figures().replaceWith(document.adoptNode(fresh));
  } catch {
    unreachable();
  }
}

setInterval(refresh, every);
document.addEventListener("visibilitychange", refresh);
