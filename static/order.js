/* Drag to order. The buttons do the same, by keyboard and without this file.

   [data-drag] holds [data-item] rows, each with a [data-grip]; a row may go to another list of the same name. A row
   with an address in data-move is posted there, one in a form sends the form. What the page then says is true: its
   [data-fresh] parts take the place of ours, so that what stands half written in a form is left alone. */
(() => {
  const root = document.documentElement;
  root.classList.add("can-drag");
  const rowsOf = (list) => [...list.querySelectorAll(":scope > [data-item]")];
  const idsOf = (list) => rowsOf(list).map((row) => row.dataset.item).join();

  let drag = null; // { row, from: its list, next: what stood after it, seen: the order in each list }

  document.addEventListener("pointerdown", (event) => {
    const row = event.target.closest?.("[data-grip]")?.closest("[data-item]");
    if (!row || drag || event.button) return;
    event.preventDefault();
    const from = row.parentElement;
    const lists = [...document.querySelectorAll(`[data-drag="${from.dataset.drag}"]`)];
    drag = { row, from, next: row.nextSibling, lists, seen: new Map(lists.map((list) => [list, idsOf(list)])) };
    row.classList.add("is-dragged");
    root.setPointerCapture(event.pointerId); // the row itself leaves the page for a moment whenever it moves
  });

  document.addEventListener("pointermove", (event) => {
    if (!drag) return;
    const { row, lists } = drag;
    const y = event.clientY;
    if (y < 60 || y > innerHeight - 60) scrollBy(0, y < 60 ? -12 : 12);
    const away = (list) => {
      const { top, bottom } = list.getBoundingClientRect();
      return Math.max(top - y, y - bottom, 0);
    };
    const list = lists.reduce((best, each) => (away(each) < away(best) ? each : best));
    const others = rowsOf(list).filter((each) => each !== row);
    const next = others.find((each) => {
      const { top, height } = each.getBoundingClientRect();
      return y < top + height / 2;
    });
    if (next) next.before(row);
    else if (others.length) others.at(-1).after(row);
    else list.append(row);
  });

  const putBack = () => {
    drag?.row.classList.remove("is-dragged");
    drag?.from.insertBefore(drag.row, drag.next);
    drag = null;
  };
  document.addEventListener("pointercancel", putBack);
  document.addEventListener("keydown", (event) => event.key === "Escape" && putBack());

  document.addEventListener("pointerup", () => {
    if (!drag) return;
    const { row, from, seen } = drag;
    drag = null;
    row.classList.remove("is-dragged");
    const list = row.parentElement;
    const place = rowsOf(list).indexOf(row);
    const steps = place - seen.get(list).split(",").indexOf(row.dataset.item);
    if (list === from && !steps) return;
    if (row.dataset.move) post(row, { place, seen: seen.get(list), layer: list.dataset.layer ?? "" });
    else send(row.closest("form"), `move:${row.dataset.item}:${steps}`);
  });

  const send = (form, go) => {
    const field = Object.assign(document.createElement("input"), { type: "hidden", name: "go", value: go });
    form.append(field);
    form.submit();
  };

  const post = async (row, fields) => {
    const csrfmiddlewaretoken = document.querySelector("[name=csrfmiddlewaretoken]").value;
    try {
      const body = new URLSearchParams({ ...fields, csrfmiddlewaretoken });
      const answer = await fetch(row.dataset.move, { method: "POST", body, redirect: "manual" });
      if (answer.type !== "opaqueredirect") throw new Error(answer.status);
      show(await (await fetch(location.href)).text());
    } catch {
      location.reload(); // whatever went wrong, the page itself says it
    }
  };

  const show = (html) => {
    const page = new DOMParser().parseFromString(html, "text/html");
    for (const part of document.querySelectorAll("[data-fresh]")) {
      const fresh = page.getElementById(part.id);
      if (!fresh) return location.reload();
      part.replaceWith(fresh);
    }
    const told = document.getElementById("told");
    const says = told.querySelector("[role]");
    document.getElementById("dragged").textContent = says?.textContent.trim() ?? "";
    if (says?.role === "alert") told.scrollIntoView({ block: "center" });
  };
})();
