// Adds a box that selects the whole page and a count of selected records. Without
// scripts the boxes work one by one.

const form = document.getElementById("actions");
const all = document.getElementById("select-page");
const across = form.elements.select_across;
const boxes = [...form.querySelectorAll("input[name=_selected_action]")];

function update() {
  const selected = boxes.filter((box) => box.checked).length;
  all.checked = selected === boxes.length;
  all.indeterminate = selected > 0 && selected < boxes.length;
  for (const box of boxes) box.closest("tr").classList.toggle("selected", box.checked);
  const text = across?.checked ? "All are selected" : `${selected} of ${boxes.length} selected`;
  document.getElementById("selected-count").textContent = text;
}

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
form.addEventListener("change", (event) => {
  if (event.target.name !== "_selected_action") return;
  if (!event.target.checked && across) across.checked = false;
  update();
});
update();
