/* A tap on the map of an area becomes a point in a form. Without this file there is the list of places beside it. */
for (const block of document.querySelectorAll("[data-point-map]")) {
  const map = block.querySelector("svg");
  const form = block.closest("form");
  const [lon, lat] = ["lon", "lat"].map((side) => form.elements[`${block.dataset.pointMap}-${side}`]);
  const mark = map.querySelector("[data-point]");
  const said = block.querySelector("[data-point-said]");
  const whole = map.viewBox.baseVal;
  const full = { width: whole.width, height: whole.height };
  block.hidden = false;

  const put = (x, y) => {
    mark.setAttribute("transform", `translate(${x} ${y})`);
    mark.removeAttribute("visibility");
    lon.value = (Number(map.dataset.west) + x * map.dataset.across).toFixed(4);
    lat.value = (map.dataset.north - y * map.dataset.down).toFixed(4);
    said.textContent = said.dataset.placed;
    centre = { x, y };
  };
  let centre = { x: full.width / 2, y: full.height / 2 };

  map.addEventListener("click", (event) => {
    const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(map.getScreenCTM().inverse());
    put(Math.round(at.x), Math.round(at.y));
  });
  block.querySelector("[data-point-away]").addEventListener("click", () => {
    lon.value = lat.value = said.textContent = "";
    mark.setAttribute("visibility", "hidden");
  });
  for (const button of block.querySelectorAll("[data-zoom]"))
    button.addEventListener("click", () => {
      const times = button.dataset.zoom === "in" ? 0.5 : 2;
      const width = Math.min(full.width, Math.max(full.width / 16, whole.width * times));
      const height = (full.height * width) / full.width;
      const left = Math.min(Math.max(centre.x - width / 2, 0), full.width - width);
      const top = Math.min(Math.max(centre.y - height / 2, 0), full.height - height);
      map.setAttribute("viewBox", `${left} ${top} ${width} ${height}`);
      mark.firstElementChild.setAttribute("transform", `scale(${width / full.width})`);
    });
}
