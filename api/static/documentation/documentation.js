// The search of the documentation: a combobox that is used by keyboard as WAI-ARIA describes it; "/" leads to it.
import { find } from "/static/documentation/search.js";

const input = document.getElementById("search");
const list = document.getElementById("found");
let index;
let chosen = -1;

async function show() {
  index ??= await (await fetch("/docs/search.json")).json();
  const entries = find(index, input.value);
  list.replaceChildren(...entries.map(option));
  chosen = -1;
  choose(entries.length > 0 ? 0 : -1);
  open(input.value.trim() !== "");
  if (entries.length === 0) list.append(Object.assign(document.createElement("li"), { textContent: "Nothing was found." }));
}

function option([title, kind, address, text], at) {
  const item = document.createElement("li");
  item.id = `found-${at}`;
  item.role = "option";
  item.dataset.address = address;
  const about = document.createElement("small");
  about.textContent = kind;
  const says = document.createElement("span");
  says.textContent = text.replaceAll("`", "");
  item.append(title, about, says);
  item.addEventListener("mousedown", () => location.assign(address));
  return item;
}

function choose(at) {
  const options = list.querySelectorAll("[role=option]");
  options[chosen]?.removeAttribute("aria-selected");
  chosen = options.length === 0 ? -1 : (at + options.length) % options.length;
  const option = options[chosen];
  option?.setAttribute("aria-selected", "true");
  option?.scrollIntoView({ block: "nearest" });
  if (option) input.setAttribute("aria-activedescendant", option.id);
  else input.removeAttribute("aria-activedescendant");
}

function open(isOpen) {
  list.hidden = !isOpen;
  input.setAttribute("aria-expanded", String(isOpen));
}

const KEYS = {
  ArrowDown: () => choose(chosen + 1),
  ArrowUp: () => choose(chosen - 1),
  Escape: () => open(false),
  Enter: () => {
    const option = list.querySelector("[aria-selected=true]");
    if (option && !list.hidden) {
      open(false);
      location.assign(option.dataset.address);
    }
  },
};

input.addEventListener("input", show);
input.addEventListener("focus", () => input.value.trim() !== "" && show());
input.addEventListener("blur", () => open(false));
input.addEventListener("keydown", (event) => {
  const act = KEYS[event.key];
  if (act) {
    event.preventDefault();
    act();
  }
});
document.addEventListener("keydown", (event) => {
  const isWriting = /^(INPUT|TEXTAREA|SELECT)$/.test(document.activeElement?.tagName ?? "");
  if (event.key === "/" && !isWriting && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    input.focus();
  }
});
