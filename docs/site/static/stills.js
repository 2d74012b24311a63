// Widgets of a page without a kernel: controls that choose among the pictures that were drawn when the page was built.

function control({ label, texts, start }, changed) {
  const row = document.createElement("label");
  const name = document.createElement("span");
  const input = document.createElement("input");
  const output = document.createElement("output");
  name.textContent = label;
  Object.assign(input, { type: "range", min: 0, max: texts.length - 1, step: 1, value: start });
  const say = () => {
    output.textContent = texts[input.value];
    input.setAttribute("aria-valuetext", texts[input.value]);
  };
  input.addEventListener("input", () => { say(); changed(); });
  say();
  row.append(name, input, output);
  return { row, at: () => Number(input.value), count: texts.length };
}

for (const figure of document.querySelectorAll("figure.stills")) {
  const pictures = [...figure.querySelectorAll("img")];
  const show = () => {
    const chosen = controls.reduce((k, c) => k * c.count + c.at(), 0);
    pictures.forEach((picture, k) => { picture.hidden = k !== chosen; });
  };
  const controls = JSON.parse(figure.dataset.controls).map((settings) => control(settings, show));
  figure.prepend(...controls.map((c) => c.row));
}
