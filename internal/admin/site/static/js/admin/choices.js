// Makes long lists of boxes short: a filter, a box for all of a set, and counts
// that follow. Without it every box is there and works by itself.

for (const list of document.querySelectorAll("[data-choices]")) {
  const filter = list.querySelector("[data-filter]");
  const sets = [...list.querySelectorAll("[data-set]")].map((set) => ({
    set,
    all: set.querySelector("[data-all]"),
    count: set.querySelector(".count"),
    boxes: [...set.querySelectorAll("input[name]")],
  }));

  // letters are what the filter looks at.
  const letters = (box, set) => {
    const section = set.closest("[data-section]").querySelector("h2").textContent;
    return `${section} ${set.dataset.set} ${box.parentElement.textContent} ${box.value}`.toLowerCase();
  };

  // update counts what is chosen. A box for all speaks of those that are shown.
  function update() {
    let chosen = 0;
    let offered = 0;
    for (const { all, count, boxes } of sets) {
      const ticked = boxes.filter((box) => box.checked).length;
      const shown = boxes.filter((box) => !box.parentElement.hidden);
      const some = shown.filter((box) => box.checked).length;
      all.checked = shown.length > 0 && some === shown.length;
      all.indeterminate = some > 0 && some < shown.length;
      count.textContent = `${ticked} of ${boxes.length}`;
      chosen += ticked;
      offered += boxes.length;
    }
    list.querySelector("[data-sum]").textContent = `${chosen} of ${offered} chosen`;
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
    all.parentElement.hidden = boxes.length < 2;
    all.addEventListener("change", () => {
      for (const box of boxes) if (!box.parentElement.hidden) box.checked = all.checked;
    });
  }
  filter.hidden = false;
  filter.addEventListener("input", show);
  filter.addEventListener("keydown", (event) => {
    if (event.key === "Enter") event.preventDefault(); // which would save the form
  });
  list.addEventListener("change", update);
  show();
}
