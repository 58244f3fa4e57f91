// Short messages at the bottom of the window, with at most one action.

const lasting = 7000; // milliseconds
const most = 3;

const toasts = document.getElementById("toasts");

// toast shows a message. With an action it has a button of that label.
export function toast(message, { label = "", action = null, bad = false } = {}) {
  const box = document.createElement("div");
  box.className = bad ? "toast toast-bad" : "toast";
  const text = document.createElement("p");
  text.textContent = message;
  box.append(text);
  if (action) box.append(button(label, () => { box.remove(); action(); }));
  box.append(button("×", () => box.remove(), "Dismiss"));
  while (toasts.children.length >= most) toasts.firstChild.remove();
  toasts.append(box);
  expire(box);
}

function button(label, press, name = label) {
  const b = document.createElement("button");
  b.type = "button";
  b.textContent = label;
  b.setAttribute("aria-label", name);
  b.addEventListener("click", press);
  return b;
}

// expire removes the message after a while; hovering or focusing it restarts the
// timer.
function expire(box) {
  let timer = 0;
  const start = () => { timer = setTimeout(() => box.remove(), lasting); };
  const stop = () => clearTimeout(timer);
  for (const [event, react] of [["pointerenter", stop], ["focusin", stop], ["pointerleave", start], ["focusout", start]]) {
    box.addEventListener(event, react);
  }
  start();
}
