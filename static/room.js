/* Says how much can still be written, once a field is nearly full. Until then the sentence that stands there is enough. */
for (const told of document.querySelectorAll("[data-room-of]")) {
  const field = document.getElementById(told.dataset.roomOf);
  const before = told.textContent;
  let wait;
  const count = () => {
    // As the server counts: without spaces at the ends, and an emoji is one.
    const left = told.dataset.most - [...field.value.trim()].length;
    told.textContent =
      left > told.dataset.most / 10 ? before : `${left < 0 ? told.dataset.over : told.dataset.left} ${Math.abs(left)}`;
    told.classList.toggle("is-over", left < 0);
  };
  told.setAttribute("role", "status");
  field.addEventListener("input", () => {
    clearTimeout(wait);
    wait = setTimeout(count, 400); // not at every letter: it is read aloud
  });
  count();
}
