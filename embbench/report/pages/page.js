"use strict";
(() => {
  const state = new URLSearchParams(location.hash.slice(1));
  const keep = (key, value) => {
    if (value) state.set(key, value); else state.delete(key);
    history.replaceState(null, "", `#${state}`);
  };
  const made = (name, properties, ...children) => {
    const element = Object.assign(document.createElement(name), properties);
    element.append(...children);
    return element;
  };

  function copy(text) {
    const fallback = () => {
      const area = made("textarea", { value: text });
      document.body.append(area);
      area.select();
      document.execCommand("copy");
      area.remove();
    };
    if (navigator.clipboard) navigator.clipboard.writeText(text).catch(fallback); else fallback();
  }

  function table(section) {
    const name = section.dataset.name, body = section.querySelector("tbody");
    const heads = [...section.querySelectorAll("thead th")], rows = [...body.rows];
    const titles = heads.map((head) => head.firstChild ? head.firstChild.textContent.trim() : "");
    const hidden = new Set((state.get(`${name}.hide`) || "").split(",").filter(Boolean).map(Number));

    function sort(column, down) {
      const value = (row) => {
        const cell = row.cells[column];
        return cell.dataset.value === undefined ? cell.textContent.trim() : Number(cell.dataset.value);
      };
      const order = (one, other) => {
        const [a, b] = [value(one), value(other)];
        if (typeof a !== typeof b) return typeof a === "number" ? -1 : 1;  // texts stand below numbers, either way
        const found = typeof a === "number" ? a - b : a.localeCompare(b, undefined, { numeric: true });
        return down ? -found : found;
      };
      body.append(...[...rows].sort(order));
      heads.forEach((head, place) => {
        if (place === column) head.setAttribute("aria-sort", down ? "descending" : "ascending");
        else head.removeAttribute("aria-sort");
      });
      keep(`${name}.sort`, `${column}${down ? "d" : "a"}`);
    }

    function filter(text) {
      const wanted = text.toLowerCase();
      rows.forEach((row) => { row.hidden = !row.textContent.toLowerCase().includes(wanted); });
      keep(`${name}.filter`, text);
    }

    function show(column, shown) {
      if (shown) hidden.delete(column); else hidden.add(column);
      [heads[column], ...rows.map((row) => row.cells[column])].forEach((cell) => { cell.hidden = !shown; });
      keep(`${name}.hide`, [...hidden].join(","));
    }

    function texts() {
      const shown = (cells) => [...cells].filter((cell) => !cell.hidden).map((cell) => cell.innerText.replace(/\s+/g, " ").trim());
      const lines = [...body.rows].filter((row) => !row.hidden).map((row) => shown(row.cells));
      return [titles.filter((_, place) => !hidden.has(place)), ...lines];
    }
    const markdown = () => texts().map((cells, place) => {
      const line = `| ${cells.map((text) => text.replace(/([\\|*_`<>[\]])/g, "\\$1")).join(" | ")} |`;
      return place ? line : `${line}\n|${" --- |".repeat(cells.length)}`;
    }).join("\n");
    const field = (text) => `"${(/^[=+\-@]/.test(text) ? `'${text}` : text).replace(/"/g, '""')}"`;
    const csv = () => texts().map((cells) => cells.map(field).join(",")).join("\n");

    heads.forEach((head, column) => {
      const spoken = titles[column] ? {} : { ariaLabel: `Column ${column + 1}` };
      const button = made("button", { type: "button", ...spoken }, head.firstChild || "");
      button.addEventListener("click", () => sort(column, head.getAttribute("aria-sort") === "ascending"));
      head.prepend(button);
    });
    const input = made("input", { type: "search", value: state.get(`${name}.filter`) || "" });
    input.addEventListener("input", () => filter(input.value));
    const columns = made("details", {}, made("summary", { textContent: "Columns" }));
    titles.forEach((title, column) => {
      const box = made("input", { type: "checkbox", checked: !hidden.has(column) });
      box.addEventListener("change", () => show(column, box.checked));
      columns.append(made("label", {}, box, ` ${title || column + 1}`));
    });
    const buttons = [["Copy as Markdown", markdown], ["Copy as CSV", csv]].map(([text, write]) => {
      const button = made("button", { type: "button", textContent: text });
      button.addEventListener("click", () => copy(write()));
      return button;
    });
    section.querySelector(".wide").before(
      made("div", { className: "tools" }, made("label", {}, "Filter ", input), columns, ...buttons));
    const sorted = /^(\d+)([ad])$/.exec(state.get(`${name}.sort`) || "");
    if (sorted && heads[sorted[1]]) sort(Number(sorted[1]), sorted[2] === "d");
    if (input.value) filter(input.value);
    [...hidden].filter((column) => heads[column]).forEach((column) => show(column, false));
  }

  function picture(figure) {
    const name = figure.dataset.name, reading = figure.querySelector(".reading");
    const groups = [...figure.querySelectorAll(".series")];
    const off = new Set((state.get(`${name}.off`) || "").split(",").filter(Boolean).map(Number));
    const points = () => [...figure.querySelectorAll(".point")].filter((point) => !point.closest("[hidden]"));
    const entries = [...figure.querySelectorAll(".legend li")];

    function show(place, shown) {
      if (shown) off.delete(place); else off.add(place);
      groups[place].toggleAttribute("hidden", !shown);
      keep(`${name}.off`, [...off].join(","));
      reach();
    }
    function reach() {  // with the tab key: a point that is shown
      const every = points();
      if (every.length && !every.some((point) => point.getAttribute("tabindex") === "0")) {
        every[0].setAttribute("tabindex", "0");
      }
    }
    groups.forEach((group, place) => {
      const entry = entries[place];
      if (!entry) return;
      const box = made("input", { type: "checkbox", checked: !off.has(place) });
      box.addEventListener("change", () => show(place, box.checked));
      entry.replaceChildren(made("label", {}, box, ` ${entry.textContent}`));
      if (off.has(place)) show(place, false);
    });
    const read = (event) => {
      const label = event.target.getAttribute && event.target.getAttribute("aria-label");
      if (label && event.target.classList.contains("point")) reading.textContent = label;
    };
    figure.addEventListener("mouseover", read);
    figure.addEventListener("focusin", read);
    reach();
    figure.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
      const every = points(), at = every.indexOf(event.target);
      if (!step || at < 0) return;
      event.preventDefault();
      const next = every[(at + step + every.length) % every.length];
      event.target.setAttribute("tabindex", "-1");
      next.setAttribute("tabindex", "0");
      next.focus();
    });
  }

  document.querySelectorAll("section.sheet").forEach(table);
  document.querySelectorAll("figure.picture").forEach(picture);
  addEventListener("hashchange", () => location.reload());  // another link to this page; `keep` raises no such event
})();
