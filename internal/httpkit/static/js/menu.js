// Closes menus on Escape, on a click outside, and when another one opens. Without
// scripts a click on its button closes a menu. Keeps whether the navigation is
// collapsed for the next page.

import { path } from "./root.js";

const opened = () => document.querySelectorAll("details.menu[open]");

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.defaultPrevented) return;
  for (const menu of opened()) {
    const inside = menu.contains(document.activeElement);
    menu.open = false;
    if (inside) menu.querySelector("summary").focus();
  }
});

document.addEventListener("pointerdown", (event) => {
  for (const menu of opened()) if (!menu.contains(event.target)) menu.open = false;
});

document.addEventListener("focusin", (event) => {
  const to = event.target; // contains the menu after a click on a text in it
  for (const menu of opened()) if (!menu.contains(to) && !to.contains(menu)) menu.open = false;
});

document.addEventListener(
  "toggle",
  (event) => {
    if (!event.target.matches("details.menu[open]")) return;
    for (const menu of opened()) if (menu !== event.target) menu.open = false;
  },
  true, // the event does not bubble
);

const narrow = document.getElementById("side-narrow");
narrow?.addEventListener("change", () => {
  const secure = location.protocol === "https:" ? "; secure" : "";
  document.cookie = `roster_nav=${narrow.checked ? "narrow" : "wide"}; path=${path("/")}; max-age=31536000; samesite=lax${secure}`;
});
