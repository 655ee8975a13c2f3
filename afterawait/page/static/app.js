// The live page: draws the board, and lights lines up as differences arrive. In the browser.
"use strict";

const $ = (id) => document.getElementById(id);
const START = 1, TEST = 2, SESSION = 4, BESIDE = 8, SHOWN = 100, RETRY = 1000;
const SIGNS = { s0: "·", s1: "○", s8: "◇", s2: "✓", s4: "●", only: "★" };
const MEANING = {
  s0: "never run", s1: "run at start-up", s8: "run beside requests: by background work, or for nobody that is known",
  s2: "run by a test", s4: "run by this session", only: "run by this session alone",
};
const BAR = { only: "by this session alone", s4: "by this session and others", s2: "by a test", s8: "beside requests", s1: "at start-up" };
const board = { files: new Map(), requests: new Map(), session: "", sort: "name", down: false, open: null, kept: null };
Object.assign(board, { folded: new Set(), rows: new Map(), items: new Map(), turn: 0, late: null }); // elements by key

function element(name, text, className) {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  if (className) made.className = className;
  return made;
}

// -- the token: printed in the address, then in this tab's storage; the address shows the session alone

const storage = (() => { try { return window.sessionStorage; } catch { return null; } })(); // may be forbidden
let token = storage?.getItem("token") || "";
let wanted = ""; // the session in the address, before the first board changes it

function readAddress() { // whether there is a token in it
  const [, found, rest = ""] = /^#token=([\w-]+)(?:&(.*))?$/.exec(location.hash) || [];
  if (!found) return false;
  token = found;
  storage?.setItem("token", token);
  history.replaceState(null, "", location.pathname + (rest && `#${rest}`));
  readSession();
  return true;
}

function readSession() {
  try { wanted = decodeURIComponent(location.hash.slice(1)); } catch { /* no name */ }
}

const withToken = (headers = {}) => ({ ...headers, Authorization: `Bearer ${token}` });

async function ask(path, body) {
  const options = body === undefined ? { headers: withToken() } : {
    method: "POST", headers: withToken({ "Content-Type": "application/json" }), body: JSON.stringify(body),
  };
  const response = await fetch(path, options);
  const payload = await response.json();
  if (!response.ok) throw new Error(payload.error || response.statusText);
  return payload;
}

// -- files

function take(whole) { // the board as a whole, when the stream begins and when much has changed
  board.session = whole.session;
  board.files = new Map(whole.files.map((file) => [file.id, file]));
  board.requests = new Map(whole.requests.map((request) => [request.key, request]));
  if (document.activeElement !== $("name")) $("name").value = whole.session;
  if (!wanted) location.hash = encodeURIComponent(whole.session); // else that session is about to begin
  $("names").replaceChildren(...whole.sessions.map((name) => Object.assign(element("option"), { value: name })));
  const chosen = $("with").value;
  const others = whole.sessions.filter((name) => name !== whole.session);
  $("with").replaceChildren(
    Object.assign(element("option", "nothing"), { value: "-" }),
    Object.assign(element("option", "the last end-to-end run"), { value: "" }),
    ...others.map((name) => Object.assign(element("option", name), { value: `:${name}` })),
  );
  if ([...$("with").options].some((option) => option.value === chosen)) $("with").value = chosen;
  tellError(whole.error);
  tellStatus(whole.status || {});
  drawFiles();
  drawRequests();
}

function tellError(text) {
  $("error").textContent = text;
}

function tellStatus(status) {
  $("status").textContent = status.text || "";
  $("status").className = status.failed ? "bad" : "";
  if (status.app) $("app").href = status.app;
  $("notice").textContent = status.failed ? status.detail || "" : "";
}

function drawFiles() {
  const words = $("search").value.toLowerCase().split(/\s+/).filter(Boolean);
  const shown = [...board.files.values()].filter((file) => words.every((word) => file.name.toLowerCase().includes(word)));
  const packages = Map.groupBy(shown, packageOf);
  const wanted = [];
  for (const one of sorted([...packages].map(([name, files]) => ({ name, files, ...sums(files) })))) {
    const folded = board.folded.has(one.name) && !words.length;
    wanted.push(packageRow(one, folded));
    if (!folded) wanted.push(...sorted(one.files).map(fileRow));
  }
  arrange($("files"), wanted);
  drawTotals();
}

function drawChanged(files) { // the rows of these alone, where the order cannot have changed
  if (board.sort !== "name" || $("search").value) return drawFiles();
  files.forEach(fileRow);
  for (const name of new Set(files.map(packageOf))) {
    const all = [...board.files.values()].filter((file) => packageOf(file) === name);
    packageRow({ name, ...sums(all) }, board.folded.has(name));
  }
  drawTotals();
}

const packageOf = (file) => file.name.slice(0, file.name.lastIndexOf("/") + 1);

function packageRow(one, folded) {
  return fill(rowOf(`package-${one.name}`, "package", () => fold(one.name)), one, `${folded ? "▸" : "▾"} ${one.name}`);
}

function drawTotals() {
  const all = sums([...board.files.values()]);
  const beside = all.beside ? `, ${all.beside} beside requests` : "";
  $("totals").textContent =
    `${all.covered} of ${all.total} lines, ${all.session} by this session, ${all.only} by it alone${beside}`;
  $("empty").hidden = board.open !== null || all.session > 0;
}

const sum = (numbers) => numbers.reduce((total, each) => total + each, 0);
const sums = (files) => ({
  ...Object.fromEntries(["total", "covered", "session", "beside", "only"].map((name) => [name, sum(files.map((file) => file[name]))])),
  bar: Object.fromEntries(Object.keys(BAR).map((style) => [style, sum(files.map((file) => file.bar[style]))])),
});

function sorted(rows) {
  const value = { name: (f) => f.name, covered: (f) => (f.total ? f.covered / f.total : 1), only: (f) => f.only }[board.sort];
  const order = (a, b) => (value(a) < value(b) ? -1 : value(a) > value(b) ? 1 : a.name < b.name ? -1 : 1);
  return rows.sort((a, b) => order(a, b) * (board.down ? -1 : 1));
}

function fold(name) {
  if (!board.folded.delete(name)) board.folded.add(name);
  drawFiles();
}

function arrange(parent, wanted) { // what stays is not touched: it may have the focus
  const kept = new Set(wanted);
  for (const child of [...parent.children]) if (!kept.has(child)) child.remove();
  wanted.forEach((each, at) => { if (parent.children[at] !== each) parent.insertBefore(each, parent.children[at] || null); });
}

function rowOf(key, className, act) {
  const row = board.rows.get(key) || element("tr", undefined, className);
  if (!board.rows.has(key)) {
    board.rows.set(key, row);
    row.id = key;
    const button = element("button");
    button.addEventListener("click", act);
    const bar = element("span", undefined, "bar");
    bar.setAttribute("role", "img");
    bar.append(...Object.keys(BAR).map((style) => element("i", undefined, style)));
    for (const content of [[button], [bar, element("span", undefined, "count")], []]) {
      const cell = element("td");
      cell.append(...content);
      row.append(cell);
    }
  }
  return row;
}

function fill(row, file, label) {
  const [named, measured, alone] = row.children;
  const [button, [bar, payload]] = [named.firstChild, measured.children];
  button.textContent = label;
  button.title = file.name;
  button.setAttribute("aria-label", file.name);
  for (const part of bar.children) part.style.width = `${(100 * file.bar[part.className]) / (file.total || 1)}%`;
  const ran = Object.keys(BAR).filter((style) => file.bar[style]).map((style) => `${file.bar[style]} ${BAR[style]}`);
  bar.title = [`${file.covered} of ${file.total} lines`, ...ran].join(", ");
  bar.setAttribute("aria-label", bar.title);
  payload.textContent = file.broken ? "broken" : `${file.covered}/${file.total}`;
  alone.textContent = file.only || "";
  return row;
}

function fileRow(file) {
  const row = fill(rowOf(`file-${file.id}`, "file", () => openFile(file.id)), file, file.name.slice(file.name.lastIndexOf("/") + 1));
  row.classList.toggle("here", file.id === board.open?.id);
  row.classList.toggle("away", board.kept !== null && !board.kept[file.id]?.length);
  return row;
}

// -- source

const styleOf = (state) =>
  state === SESSION ? "only" : state & SESSION ? "s4" : state & TEST ? "s2" : state & BESIDE ? "s8" : state & START ? "s1" : "s0";

async function openFile(id) {
  const again = board.open?.id === id;
  const turn = ++board.turn;
  board.late = []; // what runs while the file is fetched
  const file = await ask(`/api/source/${id}`);
  if (turn !== board.turn) return; // another one was asked for meanwhile
  board.open = { id, states: file.states, rows: [] };
  $("title").textContent = file.name;
  $("broken").textContent = file.broken;
  const fragment = document.createDocumentFragment();
  file.lines.forEach((html, index) => {
    const row = element("div", undefined, "line");
    const code = element("span");
    code.innerHTML = html || " "; // escaped by the server, where the colours are made
    row.append(element("i", String(index + 1)), element("b", ""), code);
    board.open.rows.push(row);
    fragment.append(row);
  });
  for (const [of, state, lines] of board.late) if (of === id) for (const line of lines) board.open.states[line] |= state;
  board.late = null;
  for (const line of Object.keys(file.states)) dress(Number(line));
  $("source").replaceChildren(fragment);
  if (!again) $("view").scrollTop = 0;
  drawFiles();
  dim();
}

function dress(line) {
  const row = board.open.rows[line - 1];
  if (!row) return;
  const style = styleOf(board.open.states[line]);
  row.classList.remove(...Object.keys(SIGNS));
  row.classList.add(style);
  row.children[1].textContent = SIGNS[style];
  row.title = MEANING[style];
}

function light(state, lines) { // the rows that are to glow
  const ran = lines.filter((line) => line in board.open.states);
  for (const line of ran) {
    board.open.states[line] |= state;
    dress(line);
  }
  return ran.flatMap((line) => board.open.rows[line - 1] ?? []);
}

function glow(rows) {
  for (const row of rows) row.classList.remove("lit");
  if (rows.length) void document.body.offsetWidth; // once for all: lets each begin anew
  for (const row of rows) row.classList.add("lit");
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
  const latest = [...board.requests.values()].sort((one, other) => other.began - one.began);
  for (const { key } of latest.splice(SHOWN)) {
    board.requests.delete(key);
    board.items.delete(key);
  }
  arrange($("requests"), latest.map(requestRow));
}

function requestRow(request) {
  const payload = JSON.stringify(request);
  const item = board.items.get(request.key) || element("li", undefined, "request");
  if (!board.items.has(request.key)) {
    board.items.set(request.key, item);
    const button = element("button");
    button.addEventListener("click", () => keepRequest(request.key));
    item.append(button);
  }
  if (item.dataset.payload === payload) return item;
  item.dataset.payload = payload;
  const small = [element("small", `${request.status || "..."}  ${request.ms} ms  ${request.lines} lines`)];
  if (request.new) small.push(element("small", `${request.new} new`, "fresh"));
  if (request.test) small.push(element("small", request.test));
  item.firstChild.replaceChildren(`${request.method} ${request.path}`, ...small);
  return item;
}

async function keepRequest(key) {
  endComparison();
  await keep(await ask(`/api/request/${encodeURIComponent(key)}`));
}

async function keep(lines) { // show just these, by file
  board.kept = lines;
  const first = Object.keys(lines).find((id) => lines[id].length);
  if (first !== undefined && !lines[board.open?.id]?.length) await openFile(Number(first));
  dim();
  drawFiles();
  board.open?.rows.find((row) => row.classList.contains("kept"))?.scrollIntoView({ block: "center" });
}

function keepAll() {
  board.kept = null;
  endComparison();
  dim();
  drawFiles();
}

function endComparison() {
  $("with").value = "-";
  $("compared").hidden = true;
}

// -- sessions

async function compare() {
  const chosen = $("with").value;
  if (chosen === "-") return keepAll();
  const found = await ask(`/api/compare?with=${encodeURIComponent(chosen.replace(/^:/, ""))}`);
  const part = (name) => Object.fromEntries(Object.entries(found).map(([id, each]) => [id, each[name]]));
  const named = { ours: "only this session", theirs: "only the other", both: "both" };
  const buttons = Object.entries(named).map(([name, said]) => {
    const lines = part(name);
    const count = Object.values(lines).reduce((total, each) => total + each.length, 0);
    const button = element("button", `${said}: ${count} lines`);
    button.addEventListener("click", () => choose(button, lines));
    return button;
  });
  const choose = (button, lines) => {
    for (const each of buttons) each.setAttribute("aria-pressed", String(each === button));
    return keep(lines);
  };
  $("compared").replaceChildren(...buttons);
  $("compared").hidden = false;
  buttons[0].click();
}

async function begin(name, fresh) {
  try {
    await ask("/api/session", { name, fresh }); // what follows comes by the stream
    keepAll();
  } catch (error) { tellError(error.message); }
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
    Escape: () => { keepAll(); event.target.blur?.(); },
  }[event.key];
  if (act && !event.ctrlKey && !event.metaKey) act();
});

if (!readAddress()) readSession();
window.addEventListener("unhandledrejection", (event) => tellError(String(event.reason?.message || event.reason)));

const happen = {
  async board(whole) {
    take(whole);
    if (wanted && wanted !== board.session) await begin(wanted, false);
    wanted = "";
    if (board.files.has(board.open?.id)) await openFile(board.open.id); // its text or its session is another
  },
  "error-shown": ({ text }) => tellError(text),
  status: tellStatus,
  change(change) {
    for (const file of change.files) board.files.set(file.id, file);
    board.late?.push(...change.ran);
    for (const request of change.requests) board.requests.set(request.key, request);
    glow(change.ran.flatMap(([id, state, lines]) => [
      ...(board.open?.id === id ? light(state, lines) : []), ...[$(`file-${id}`)].filter(Boolean)]));
    drawChanged(change.files);
    drawRequests();
  },
};

async function listen(signal) { // until the stream ends; an EventSource could not send the token
  const response = await fetch("/api/events", { headers: withToken(), signal });
  if (response.status === 401) return (await response.json()).error;
  if (!response.ok) throw new Error(response.statusText);
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    const events = (rest + part.value).split("\n\n");
    rest = events.pop();
    for (const each of events) {
      const [, kind, data] = /^event: (.*)\ndata: (.*)$/.exec(each) || []; // else it only says that it is there
      if (kind) happen[kind](JSON.parse(data));
    }
  }
  return "";
}

let renew = () => {};
window.addEventListener("hashchange", () => { if (readAddress()) renew(); });

async function follow() { // for ever: a page's server that ends may come back
  for (;;) {
    const stream = new AbortController();
    const another = new Promise((done) => { renew = () => done(true); });
    const refused = await Promise.race([another, listen(stream.signal).catch(() => "")]);
    stream.abort();
    if (refused === true) continue; // a new address, with its own token
    $("status").className = "bad";
    if (refused) {
      $("status").textContent = "not connected";
      $("empty").hidden = true;
      tellError(refused);
      await another;
    } else {
      $("status").textContent = "the page's server is gone; waiting for it ...";
      await Promise.race([another, new Promise((done) => setTimeout(done, RETRY))]);
    }
  }
}
follow();
