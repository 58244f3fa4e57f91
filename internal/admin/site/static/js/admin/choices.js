// Adds a filter, a box for each set and live counts to long lists of checkboxes.
// Without scripts every checkbox works on its own. A select of presets sets the boxes,
// and says when they are no preset any more.

const settable = (box) => !box.disabled && !box.parentElement.hidden;

for (const list of document.querySelectorAll("[data-choices]")) {
  const filter = list.querySelector("[data-filter]");
  const sets = [...list.querySelectorAll("[data-set]")].map((set) => ({
    set,
    all: set.querySelector("[data-all]"),
    count: set.querySelector(".count"),
    boxes: [...set.querySelectorAll("input[name]")],
  }));

  // letters returns the text that the filter searches.
  const letters = (box, set) => {
    const section = set.closest("[data-section]").querySelector("h2").textContent;
    return `${section} ${set.dataset.set} ${box.parentElement.textContent} ${box.value}`.toLowerCase();
  };

  // update updates the counts. The box of a set concerns its visible, enabled boxes.
  function update() {
    let chosen = 0;
    let offered = 0;
    for (const { all, count, boxes } of sets) {
      const ticked = boxes.filter((box) => box.checked).length;
      const shown = boxes.filter(settable);
      const some = shown.filter((box) => box.checked).length;
      all.checked = shown.length > 0 && some === shown.length;
      all.indeterminate = some > 0 && some < shown.length;
      count.textContent = `${ticked} of ${boxes.length}`;
      chosen += ticked;
      offered += boxes.length;
    }
    list.querySelector("[data-sum]").textContent = `${chosen} of ${offered} selected`;
  }

  function show() {
    const words = filter.value.toLowerCase().split(/\s+/);
    let any = false;
    for (const { set, boxes } of sets) {
      for (const box of boxes) {
        const text = letters(box, set);
        box.parentElement.hidden = !words.every((word) => text.includes(word));
      }
      set.hidden = boxes.every((box) => box.parentElement.hidden);
      any ||= !set.hidden;
    }
    for (const section of list.querySelectorAll("[data-section]")) {
      section.hidden = !section.querySelector("[data-set]:not([hidden])");
    }
    list.querySelector("[data-none]").hidden = any;
    update();
  }

  for (const { all, boxes } of sets) {
    all.parentElement.hidden = boxes.filter((box) => !box.disabled).length < 2;
    all.addEventListener("change", () => {
      for (const box of boxes) if (settable(box)) box.checked = all.checked;
    });
  }
  filter.hidden = false;
  filter.addEventListener("input", show);
  filter.addEventListener("keydown", (event) => {
    if (event.key === "Enter") event.preventDefault(); // which would submit the form
  });
  list.addEventListener("change", update);
  list.addEventListener("picked", update);
  show();
}

for (const preset of document.querySelectorAll("select[data-picks]")) {
  const boxes = [...document.getElementsByName(preset.dataset.picks)];
  const list = boxes[0]?.closest("[data-choices]");
  preset.addEventListener("change", () => {
    const values = preset.selectedOptions[0].dataset.values?.split(" ");
    if (!values) return;
    for (const box of boxes) if (!box.disabled) box.checked = values.includes(box.value);
    list.dispatchEvent(new CustomEvent("picked"));
  });
  list?.addEventListener("change", () => { preset.value = ""; });
}
