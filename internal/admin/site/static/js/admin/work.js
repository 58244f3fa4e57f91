// Runs the batches of an action one after the other, until it is done or paused.
// Without scripts each batch needs a click.

let paused = false;

const byId = (id) => document.getElementById(id);

function show(running) {
  byId("work-on").hidden = running;
  byId("work-pause").hidden = !running;
}

function fail(text) {
  paused = true;
  show(false);
  const box = byId("work-failure");
  box.textContent = text;
  box.hidden = false;
}

async function step() {
  const form = byId("work");
  const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)) });
  if (!answer.ok) throw new Error(`The server answered ${answer.status}.`);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (!page.getElementById("work-text")) throw new Error("The server returned an unexpected page. You may have to log in again.");
  history.replaceState(null, "", answer.url);
  take(page);
}

// take shows the state of the next page without moving the focus.
function take(page) {
  const next = page.getElementById("work");
  if (!next) {
    document.title = page.title;
    byId("main").innerHTML = page.getElementById("main").innerHTML;
    byId("main").focus();
    return;
  }
  byId("work").elements.work.value = next.elements.work.value;
  byId("work-text").textContent = page.getElementById("work-text").textContent;
  const bar = document.querySelector("progress");
  bar.value = next.querySelector("progress").value;
}

async function run() {
  paused = false;
  byId("work-failure").hidden = true;
  show(true);
  try {
    while (byId("work") && !paused) await step();
  } catch (error) {
    fail(`${error.message} Nothing of this step was done; continue to try again.`);
    return;
  }
  if (byId("work")) show(false);
}

byId("work").addEventListener("submit", (event) => {
  event.preventDefault();
  run();
});
byId("work-pause").addEventListener("click", () => { paused = true; });
run();
