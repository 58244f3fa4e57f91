// Closes menus on Escape, on a click outside, and when another one opens. Without
// scripts a click on its button closes a menu.

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
