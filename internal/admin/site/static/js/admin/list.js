// Enhances a list: a box that selects the whole page, a count of selected records,
// Shift with a click selects a range, arrow keys move between rows, and Enter opens
// a row. Without scripts the boxes and links work one by one.

const rows = [...document.querySelectorAll("#rows > tr")];
const form = document.getElementById("actions");
const across = form?.elements.select_across;
const boxes = form ? [...form.querySelectorAll("input[name=_selected_action]")] : [];
const all = document.getElementById("select-page");

function update() {
  const selected = boxes.filter((box) => box.checked).length;
  all.checked = selected === boxes.length;
  all.indeterminate = selected > 0 && selected < boxes.length;
  for (const box of boxes) box.closest("tr").classList.toggle("selected", box.checked);
  const text = across?.checked ? "All are selected" : `${selected} of ${boxes.length} selected`;
  document.getElementById("selected-count").textContent = text;
}

let last = null; // the box of the last click, where a range begins

function selectRange(box) {
  const [from, to] = [boxes.indexOf(last), boxes.indexOf(box)].sort((a, b) => a - b);
  for (const other of boxes.slice(from, to + 1)) other.checked = box.checked;
}

function startSelecting() {
  all.hidden = false;
  all.addEventListener("change", () => {
    for (const box of boxes) box.checked = all.checked;
    if (!all.checked && across) across.checked = false;
    update();
  });
  across?.addEventListener("change", () => {
    if (across.checked) for (const box of boxes) box.checked = true;
    update();
  });
  form.addEventListener("click", (event) => {
    const box = event.target;
    if (box.name !== "_selected_action") return;
    if (event.shiftKey && last) selectRange(box);
    last = box;
    if (!box.checked && across) across.checked = false;
    update();
  });
  update();
}

if (form) startSelecting();

document.getElementById("rows")?.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const row = event.target.closest("tr");
  if (event.key === "Enter" && event.target.type === "checkbox") {
    event.preventDefault(); // which would send the form
    row.querySelector("th a")?.click();
  }
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const next = step && rows[row ? rows.indexOf(row) + step : 0];
  if (!next) return;
  event.preventDefault();
  const control = event.target.type === "checkbox" ? "input" : "th a";
  next.querySelector(control)?.focus();
});
