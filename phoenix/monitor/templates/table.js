
"use strict";
(() => {
  const table = document.getElementById("abs"), body = table.tBodies[0], rows = [...body.rows];
  const tools = document.getElementById("tools"), find = document.getElementById("find");
  const chips = [...tools.querySelectorAll(".chip")];
  const show = () => {
    const words = find.value.toLowerCase().split(/\s+/).filter(Boolean);
    const wanted = chips.filter(c => c.getAttribute("aria-pressed") === "true").map(c => c.dataset.state);
    for (const row of rows) {
      const text = row.textContent.toLowerCase();
      const state = !wanted.length || wanted.includes(row.dataset.state) || wanted.includes(row.dataset.verdict) || (wanted.includes("red") && row.dataset.red > 0);
      row.hidden = !(state && words.every(word => text.includes(word)));
    }
  };
  const key = (row, column) => row.cells[column].dataset.sort ?? row.cells[column].textContent.trim();
  const order = (head, column) => {
    const up = head.getAttribute("aria-sort") !== "ascending";
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", up ? "ascending" : "descending");
    const compare = (a, b) => a.localeCompare(b, "en", {numeric: true}) * (up ? 1 : -1);
    body.append(...[...rows].sort((a, b) => compare(key(a, column), key(b, column))));
  };
  [...table.tHead.rows[0].cells].forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    button.addEventListener("click", () => order(head, column));
    head.replaceChildren(button);
  });
  for (const chip of chips) chip.addEventListener("click", () => {
    chip.setAttribute("aria-pressed", chip.getAttribute("aria-pressed") === "true" ? "false" : "true");
    show();
  });
  find.addEventListener("input", show);
  tools.hidden = false;
  // What is looked for outlives that the page of a run reads itself again; not every browser keeps anything of a file.
  const kept = "looked for " + location.pathname;
  document.addEventListener("again", () => {
    const sorted = [...table.tHead.rows[0].cells].findIndex(head => head.hasAttribute("aria-sort"));
    const up = sorted >= 0 && table.tHead.rows[0].cells[sorted].getAttribute("aria-sort") === "ascending";
    try { sessionStorage.setItem(kept, JSON.stringify({text: find.value, chips: chips.filter(c => c.getAttribute("aria-pressed") === "true").map(c => c.dataset.state), sorted, up})); } catch { }
  });
  try {
    const before = JSON.parse(sessionStorage.getItem(kept));
    sessionStorage.removeItem(kept);
    if (before) {
      find.value = before.text;
      for (const chip of chips) chip.setAttribute("aria-pressed", before.chips.includes(chip.dataset.state));
      show();
      const head = table.tHead.rows[0].cells[before.sorted];
      if (head) order(head, before.sorted);
      if (head && !before.up) order(head, before.sorted);
    }
  } catch { }
})();
