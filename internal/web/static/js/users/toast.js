// Short messages at the foot of the window, with one thing that can be done.

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

// expire takes the message away after its time, which stands still while it
// is looked at.
function expire(box) {
  let timer = 0;
  const start = () => { timer = setTimeout(() => box.remove(), lasting); };
  const stop = () => clearTimeout(timer);
  for (const [event, react] of [["pointerenter", stop], ["focusin", stop], ["pointerleave", start], ["focusout", start]]) {
    box.addEventListener(event, react);
  }
  start();
}
