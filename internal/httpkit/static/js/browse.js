// The browsable API: sends requests that an HTML form cannot (PUT, PATCH, DELETE,
// OPTIONS, raw bodies) and shows the page of the response. All listeners are on
// the document, because every response replaces the main element.

import { renew, token } from "./csrf.js";

const byId = (id) => document.getElementById(id);

function notify(text) {
  const notice = byId("notice");
  notice.textContent = text;
  notice.hidden = false;
  notice.scrollIntoView({ block: "nearest" });
}

// show replaces the main element with that of the response.
function show(html) {
  const page = new DOMParser().parseFromString(html, "text/html");
  const main = page.querySelector("main");
  if (!main) return false;
  document.querySelector("main").replaceWith(document.adoptNode(main));
  document.title = page.title;
  const target = document.querySelector('main [aria-invalid="true"]') || byId("response-title") || main;
  target.focus({ preventScroll: true });
  target.scrollIntoView({ block: target.matches("[aria-invalid]") ? "center" : "nearest" });
  return true;
}

// send sends a request and shows the response; meanwhile the buttons are disabled.
// It resolves to whether the request succeeded.
async function send(method, body, contentType) {
  const buttons = document.querySelectorAll("main button");
  buttons.forEach((b) => { b.disabled = true; });
  const headers = { Accept: "text/html" };
  if (contentType) headers["Content-Type"] = contentType;
  const request = () => fetch(location.href, { method, headers: { ...headers, "X-CSRFToken": token() }, body, credentials: "same-origin" });
  try {
    let answer = await request();
    if (answer.status === 403 && await renew()) answer = await request();
    const isPage = (answer.headers.get("Content-Type") || "").startsWith("text/html");
    if (!isPage || !show(await answer.text())) notify(`${method} was answered with HTTP ${answer.status}.`);
    return answer.ok;
  } catch {
    notify(`${method} could not be sent: the server cannot be reached.`);
    return false;
  } finally {
    buttons.forEach((b) => { b.disabled = false; });
  }
}

// sendRaw sends the raw body, and keeps it on the page when it is refused.
async function sendRaw(method) {
  const { value: body } = byId("raw-body");
  const { value: type } = byId("raw-type");
  if (await send(method, body, type) || !byId("raw-body")) return;
  byId("raw-body").value = body;
  byId("raw-type").value = type;
  select(byId("tab-raw"));
  byId("raw-body").focus();
}

// isChanged reports whether a control differs from the stored value, as those with
// refused values do.
function isChanged(control) {
  if (control.hasAttribute("data-sent")) return true;
  if (control.type === "checkbox") return control.checked !== control.defaultChecked;
  return control.value !== control.defaultValue;
}

// fieldsOf encodes a form: all fields, for PATCH only the changed ones.
function fieldsOf(form, method) {
  const all = method !== "PATCH";
  const fields = new URLSearchParams();
  for (const control of form.elements) {
    if (!control.name || control.type === "hidden" || !(all || isChanged(control))) continue;
    fields.set(control.name, control.type === "checkbox" ? String(control.checked) : control.value);
  }
  return fields;
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("form[data-request]")) return;
  event.preventDefault();
  const button = event.submitter || form.querySelector("[data-method]");
  const method = button.dataset.method;
  if (form.hasAttribute("data-raw")) sendRaw(method);
  else send(method, fieldsOf(form, method));
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  if (button.dataset.open) byId(button.dataset.open).showModal();
  if (button.dataset.send) {
    button.closest("dialog")?.close();
    send(button.dataset.send);
  }
  if (button.getAttribute("role") === "tab") select(button);
});

function select(tab) {
  for (const other of tab.parentElement.children) {
    const chosen = other === tab;
    other.setAttribute("aria-selected", String(chosen));
    other.tabIndex = chosen ? 0 : -1;
    byId(other.getAttribute("aria-controls")).hidden = !chosen;
  }
  tab.focus();
}

// Arrow keys move between tabs, as the ARIA Authoring Practices describe.
document.addEventListener("keydown", (event) => {
  const tab = event.target;
  if (!tab.matches?.('[role="tab"]')) return;
  const next = { ArrowRight: tab.nextElementSibling, ArrowLeft: tab.previousElementSibling }[event.key];
  if (next) select(next);
});
