// Hides sections that do not apply and updates the preview during input. Without
// scripts all sections are shown, and a button updates the preview.

const form = document.querySelector("form.record-form");
const parts = [...form.querySelectorAll("[data-when]")];

// choose shows the sections that apply.
function choose() {
  for (const part of parts) part.hidden = !part.dataset.is.split(" ").includes(form.elements[part.dataset.when]?.value);
}

let timer;
let asked = 0;

// explain updates the preview after a pause in typing.
async function explain() {
  const mine = ++asked;
  const body = new URLSearchParams(new FormData(form));
  body.set("_preview", "1");
  const answer = await fetch(form.action, { method: "POST", body });
  if (answer.status >= 500) throw new Error("the server is busy");
  if (!answer.ok || answer.redirected || mine !== asked) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const now = page.querySelector("#preview .preview-text");
  const old = document.querySelector("#preview .preview-text");
  if (now && now.innerHTML !== old.innerHTML) old.replaceChildren(...now.childNodes);
}

// schedule calls explain after a pause, and again while the server cannot answer.
function schedule(pause) {
  clearTimeout(timer);
  timer = setTimeout(() => explain().catch(() => schedule(2000)), pause);
}

form.addEventListener("change", choose);
choose();
const preview = document.getElementById("preview");
if (preview) {
  preview.querySelector("[name=_preview]")?.remove(); // otherwise Enter would press it instead of Save
  form.addEventListener("input", () => schedule(250));
  schedule(0); // the user may have typed before this script was loaded
}
