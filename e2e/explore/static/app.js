// The live page: draws the board, and lights lines up as differences arrive. In the browser.
"use strict";

const $ = (id) => document.getElementById(id);
const START = 1, TEST = 2, SESSION = 4;
const SIGNS = { s0: "·", s1: "○", s2: "✓", s4: "●", only: "★" };
const board = { files: new Map(), requests: new Map(), session: "", sort: "name", down: false, open: null, kept: null };

function element(name, text, className) {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  if (className) made.className = className;
  return made;
}

async function ask(path, body) {
  const options = body === undefined ? {} : {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body),
  };
  const response = await fetch(path, options);
  const told = await response.json();
  if (!response.ok) throw new Error(told.error || response.statusText);
  return told;
}

// -- files

function take(whole) {
  board.session = whole.session;
  board.files = new Map(whole.files.map((file) => [file.id, file]));
  board.requests = new Map(whole.requests.map((request) => [request.key, request]));
  if (document.activeElement !== $("name")) $("name").value = whole.session;
  location.hash = encodeURIComponent(whole.session);
  $("names").replaceChildren(...whole.sessions.map((name) => Object.assign(element("option"), { value: name })));
  const chosen = $("with").value;
  const others = whole.sessions.filter((name) => name !== whole.session);
  $("with").replaceChildren(
    Object.assign(element("option", "nothing"), { value: "-" }),
    Object.assign(element("option", "the last end-to-end run"), { value: "" }),
    ...others.map((name) => Object.assign(element("option", name), { value: `:${name}` })),
  );
  if ([...$("with").options].some((option) => option.value === chosen)) $("with").value = chosen;
  $("notice").textContent = whole.error;
  tellStatus(whole.status || {});
  drawFiles();
  drawRequests();
}

function tellStatus(status) {
  $("status").textContent = status.text || "";
  $("status").className = status.failed ? "bad" : "";
  if (status.app) $("app").href = status.app;
  if (status.failed) $("notice").textContent = status.detail || "";
  else if ($("notice").textContent === board.detail) $("notice").textContent = "";
  board.detail = status.detail || "";
}

function drawFiles() {
  const words = $("search").value.toLowerCase().split(/\s+/).filter(Boolean);
  const shown = [...board.files.values()].filter((file) => words.every((word) => file.name.toLowerCase().includes(word)));
  const value = { name: (f) => f.name, covered: (f) => (f.total ? f.covered / f.total : 1), only: (f) => f.only }[board.sort];
  shown.sort((a, b) => (value(a) < value(b) ? -1 : value(a) > value(b) ? 1 : a.id - b.id) * (board.down ? -1 : 1));
  $("files").replaceChildren(...shown.map(fileRow));
  const sum = (name) => [...board.files.values()].reduce((total, file) => total + file[name], 0);
  $("totals").textContent =
    `${sum("covered")} of ${sum("total")} lines, ${sum("session")} by this session, ${sum("only")} by it alone`;
  $("empty").hidden = board.open !== null || sum("session") > 0;
}

function fileRow(file) {
  const row = element("tr", undefined, file.id === board.open?.id ? "here" : "");
  row.id = `file-${file.id}`;
  const button = element("button", file.name);
  button.addEventListener("click", () => openFile(file.id));
  const bar = Object.assign(element("progress"), { max: file.total || 1, value: file.total ? file.covered : 1 });
  bar.setAttribute("aria-label", `${file.covered} of ${file.total} lines`);
  const cells = [button, bar, file.only || ""].map((content) => {
    const cell = element("td");
    cell.append(content);
    return cell;
  });
  cells[1].append(file.broken ? "broken" : `${file.covered}/${file.total}`);
  row.append(...cells);
  return row;
}

// -- source

const styleOf = (state) =>
  state === SESSION ? "only" : state & SESSION ? "s4" : state & TEST ? "s2" : state & START ? "s1" : "s0";

async function openFile(id) {
  const file = await ask(`/api/source/${id}`);
  board.open = { id, states: file.states, rows: [] };
  $("title").textContent = file.name;
  $("notice").textContent = file.broken || "";
  const fragment = document.createDocumentFragment();
  file.lines.forEach((html, index) => {
    const row = element("div", undefined, "line");
    const code = element("span");
    code.innerHTML = html || " "; // escaped by the server, where the colours are made
    row.append(element("i", String(index + 1)), element("b", ""), code);
    board.open.rows.push(row);
    fragment.append(row);
  });
  for (const line of Object.keys(file.states)) dress(Number(line));
  $("source").replaceChildren(fragment);
  $("view").scrollTop = 0;
  drawFiles();
  dim();
}

function dress(line) {
  const row = board.open.rows[line - 1];
  if (!row) return;
  const style = styleOf(board.open.states[line]);
  row.className = `line ${style}`;
  row.children[1].textContent = SIGNS[style];
  row.title = { s0: "never run", s1: "run at start-up", s2: "run by a test", s4: "run by this session",
    only: "run by this session alone" }[style];
}

function light(lines) {
  for (const line of lines) {
    if (!(line in board.open.states)) continue;
    board.open.states[line] |= SESSION;
    dress(line);
    const row = board.open.rows[line - 1];
    if (!row) continue;
    void row.offsetWidth; // let the glow begin anew
    row.classList.add("lit");
    row.dataset.lit = String(Date.now());
  }
}

function dim() {
  const kept = board.kept && board.open ? board.kept[board.open.id] || [] : null;
  $("source").classList.toggle("dimmed", kept !== null);
  if (!board.open) return;
  const wanted = new Set(kept || []);
  board.open.rows.forEach((row, index) => row.classList.toggle("kept", wanted.has(index + 1)));
}

function region(step) {
  if (!board.open) return;
  const never = board.open.rows.map((row) => row.classList.contains("s0"));
  const starts = never.flatMap((is, index) => (is && !never[index - 1] ? [index] : []));
  if (!starts.length) return;
  const from = board.open.at ?? (step > 0 ? -1 : board.open.rows.length);
  const next = step > 0 ? starts.find((at) => at > from) ?? starts[0] : starts.findLast((at) => at < from) ?? starts.at(-1);
  board.open.rows[board.open.at ?? 0]?.classList.remove("picked");
  board.open.at = next;
  board.open.rows[next].classList.add("picked");
  board.open.rows[next].scrollIntoView({ block: "center" });
}

// -- requests

function drawRequests() {
  const latest = [...board.requests.values()].slice(-100).reverse();
  $("requests").replaceChildren(...latest.map((request) => {
    const item = element("li");
    const button = element("button", `${request.method} ${request.path}`);
    button.append(element("small", `${request.status || "..."}  ${request.ms} ms  ${request.lines} lines`));
    if (request.new) button.append(element("small", `${request.new} new`, "fresh"));
    if (request.test) button.append(element("small", request.test));
    button.addEventListener("click", () => keepRequest(request.key));
    item.append(button);
    return item;
  }));
}

async function keepRequest(key) {
  board.kept = await ask(`/api/request/${encodeURIComponent(key)}`);
  const first = Object.keys(board.kept)[0];
  if (first !== undefined && !(board.open && board.kept[board.open.id])) await openFile(Number(first));
  dim();
  board.open?.rows.find((row) => row.classList.contains("kept"))?.scrollIntoView({ block: "center" });
}

// -- sessions

async function compare() {
  const chosen = $("with").value;
  if (chosen === "-") { board.kept = null; $("notice").textContent = ""; dim(); return; }
  const found = await ask(`/api/compare?with=${encodeURIComponent(chosen.replace(/^:/, ""))}`);
  const count = (name) => Object.values(found).reduce((total, each) => total + each[name].length, 0);
  $("notice").textContent = `only this session: ${count("ours")} lines; only the other: ${count("theirs")}; both: ${count("both")}`;
  board.kept = Object.fromEntries(Object.entries(found).map(([id, each]) => [id, each.ours]));
  dim();
}

async function begin(name, fresh) {
  try {
    take(await ask("/api/session", { name, fresh }));
    if (board.open) await openFile(board.open.id);
  } catch (error) { $("notice").textContent = error.message; }
}

// -- wiring

$("session").addEventListener("submit", (event) => { event.preventDefault(); begin($("name").value, false); });
$("reset").addEventListener("click", () => begin(board.session, true));
$("with").addEventListener("change", compare);
$("search").addEventListener("input", drawFiles);
$("help").addEventListener("click", () => $("keys").showModal());
for (const button of document.querySelectorAll("[data-sort]")) {
  button.addEventListener("click", () => {
    board.down = board.sort === button.dataset.sort ? !board.down : button.dataset.sort === "only";
    board.sort = button.dataset.sort;
    drawFiles();
  });
}
document.addEventListener("keydown", (event) => {
  if (event.target.matches("input, select") && event.key !== "Escape") return;
  const act = {
    j: () => region(1), k: () => region(-1), "?": () => $("keys").showModal(),
    "/": () => { event.preventDefault(); $("search").focus(); },
    Escape: () => { board.kept = null; $("with").value = "-"; dim(); event.target.blur?.(); },
  }[event.key];
  if (act && !event.ctrlKey && !event.metaKey) act();
});

const wanted = decodeURIComponent(location.hash.slice(1)); // before the first board changes it

function follow() {
  const events = new EventSource("/api/events");
  events.addEventListener("open", async () => {
    take(await ask("/api/board"));
    if (wanted && !board.begun && wanted !== board.session) await begin(wanted, false);
    board.begun = true;
  });
  events.addEventListener("board", (event) => take(JSON.parse(event.data)));
  events.addEventListener("status", (event) => tellStatus(JSON.parse(event.data)));
  events.addEventListener("change", (event) => {
    const change = JSON.parse(event.data);
    for (const file of change.files) board.files.set(file.id, file);
    for (const request of change.requests) board.requests.set(request.key, request);
    drawFiles();
    drawRequests();
    for (const [id, lines] of Object.entries(change.ran)) {
      if (board.open && board.open.id === Number(id)) light(lines);
      $(`file-${id}`)?.classList.add("lit");
    }
  });
  events.addEventListener("error", () => { $("status").textContent = "the page's server is gone; waiting for it ..."; });
}
follow();
