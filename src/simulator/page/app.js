"use strict";
// The chat page. What the service answers is shown as nodes made here, never as markup of its own.

const $ = (id) => document.getElementById(id);
const SCENE = "unit_3302";
// Quiet time after which the chat says what time it is.
const PAUSE_MS = 5 * 60 * 1000;
const NARROW = matchMedia("(max-width: 860px)");
const state = { account: "", menu: { button: [] }, followers: [], openid: null, start: null, busy: 0, lost: false, ahead_ms: 0, notices: [] };

function make(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== false && value !== null) node.setAttribute(name, value);
  }
  node.append(...children);
  return node;
}

// The one asked about is not there: the demo was started anew.
class Gone extends Error {}

async function call(path, body) {
  const options = body === undefined ? {} : {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body),
  };
  const response = await fetch("/simulator/" + path, options);
  if (response.status === 404) throw new Gone("演示重新开始过，请再试一次");
  if (!response.ok) throw new Error((await response.text()) || "HTTP " + response.status);
  return response.status === 204 ? null : response.json();
}

function trouble(text) {
  $("trouble").textContent = text;
  $("trouble").hidden = !text;
}

// `fetch` fails with a TypeError when nobody answers; then the page says so until somebody does.
function tell(error) {
  state.lost = error instanceof TypeError;
  trouble(state.lost ? "连不上演示，它还开着吗？" : error.message);
}

// ---- links in a reply: <a href="…">words</a> and nothing else is markup ----

const LINK = /<a\s+[^>]*?href="([^"]*)"[^>]*>([\s\S]*?)<\/a>/g;

function unescape(text) {
  return text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&quot;", '"').replaceAll("&amp;", "&");
}

function decode(text) {
  try { return decodeURIComponent(text.replaceAll("+", "%2B")); } catch { return text; }
}

function link(href, words) {
  if (href.startsWith("weixin://bizmsgmenu?")) {
    const query = new Map(href.slice(href.indexOf("?") + 1).split("&").map((part) => {
      const at = part.indexOf("=");
      return [part.slice(0, at), decode(part.slice(at + 1))];
    }));
    const text = query.get("msgmenucontent") || "";
    const id = query.get("msgmenuid") || "";
    return make("button", {
      type: "button", class: "tap", "data-tap": id, "data-sends": text, onclick: () => act({ do: "tap", text, id }),
    }, words);
  }
  if (/^https?:\/\//.test(href)) return make("a", { href, target: "_blank", rel: "noreferrer noopener" }, words);
  return document.createTextNode(words);
}

function rich(text) {
  const parts = [];
  let end = 0;
  for (const match of text.matchAll(LINK)) {
    parts.push(unescape(text.slice(end, match.index)), link(match[1], unescape(match[2])));
    end = match.index + match[0].length;
  }
  parts.push(unescape(text.slice(end)));
  return parts;
}

// ---- bubbles ----

const MEDIA = { Image: "图片", Voice: "语音", Video: "视频", Music: "音乐" };

function page(url, attributes, ...children) {
  const href = /^https?:\/\//.test(url) ? url : null;
  return make("a", { ...attributes, href, target: "_blank", rel: "noreferrer noopener" }, ...children);
}

function photo(id) {
  const img = make("img", { class: "photo", src: "/simulator/pictures/" + encodeURIComponent(id), alt: "照片" });
  // It has a height only once it is there, and pushes down what was said since.
  img.addEventListener("load", () => img.closest(".row")?.parentElement.lastElementChild.scrollIntoView({ block: "nearest" }));
  return img;
}

// A template message or a subscription notice.
function slip(bubble) {
  const lines = bubble.lines.flatMap(([label, value]) => [make("dt", {}, label), make("dd", {}, value)]);
  const more = /^https?:\/\//.test(bubble.url || "") ? [page(bubble.url, {}, "查看详情 ›")] : [];
  return make("div", { class: "slip" }, make("strong", {}, bubble.title), make("dl", {}, ...lines), ...more);
}

function card(article) {
  return page(article.url, { class: "card" }, make("strong", {}, article.title), make("span", {}, article.description));
}

function content(bubble) {
  switch (bubble.kind) {
    case "text": return rich(bubble.text);
    case "media": return bubble.what === "Image" ? [photo(bubble.media_id)] : [make("span", { class: "media" }, make("strong", {}, MEDIA[bubble.what] || bubble.what), bubble.media_id)];
    case "news": return bubble.articles.map(card);
    case "photo": return [photo(bubble.media_id)];
    case "card": return [slip(bubble)];
    case "mass": return [make("small", { class: "mass" }, "群发"), ...bubble.articles.map(card), ...rich(bubble.text)];
    default: return [bubble.text || ""];
  }
}

function row(bubble, openid = state.openid, peekable = true) {
  const peek = bubble.raw && peekable
    ? [make("button", { type: "button", class: "peek", "aria-label": "看这条的原始报文", onclick: () => showRaw(bubble.id) }, "报文")]
    : [];
  if (bubble.kind === "notice") return make("p", { class: "notice" }, make("span", { "data-bubble": "notice" }, bubble.text), ...peek);
  const mine = bubble.kind === "mine" || bubble.kind === "photo";
  const follower = state.followers.find((f) => f.openid === openid);
  const face = make("span", { class: "face", "aria-hidden": "true" }, mine ? (follower?.name || "我").slice(-1) : "工");
  const body = make("div", { class: "bubble", "data-bubble": bubble.kind }, ...content(bubble));
  return make("div", { class: mine ? "row mine" : "row" }, face, body, ...peek);
}

// In Asia/Shanghai, as the service says times.
function shanghai(ms) {
  return new Date(ms + 8 * 3600 * 1000).toISOString();
}

function clock(ms) {
  const at = shanghai(ms), time = at.slice(11, 16), today = shanghai(Date.now() + state.ahead_ms); // the demo's
  return at.slice(0, 10) === today.slice(0, 10) ? time : Number(at.slice(5, 7)) + "月" + Number(at.slice(8, 10)) + "日 " + time;
}

const WAYS = { push: "微信 → 服务", answer: "服务 → 微信", call: "服务调用微信接口" };

function block(wire) {
  const nothing = wire.way === "answer" ? "（什么也不显示）" : "";
  const outer = wire.outer || (wire.way === "answer" ? "（空）" : "");
  return [
    make("h3", {}, WAYS[wire.way]), make("pre", { "data-raw": wire.way }, wire.inner || nothing),
    make("h4", {}, "网络上的样子"), make("pre", { class: "outer" }, outer),
  ];
}

async function showRaw(id) {
  let wires;
  try { wires = await call("followers/" + state.openid + "/raw/" + id); } catch (error) { tell(error); return; }
  $("wire").replaceChildren(...wires.flatMap(block));
  $("wire").scrollTop = 0;
  if (NARROW.matches) openSide(true);
  $("wire").scrollIntoView({ block: NARROW.matches ? "start" : "nearest" });
  $("wire").focus({ preventScroll: true });
}

// ---- what is on the screen ----

async function refresh() {
  const openid = state.openid, chat = $("chat");
  const seen = () => chat.dataset.openid === openid ? Number(chat.dataset.last) : 0;
  let news;
  try { news = await call("followers/" + openid + "?after=" + seen()); } catch (error) {
    if (error instanceof Gone && openid === state.openid) await load("");
    throw error;
  }
  if (openid !== state.openid) return;
  if (state.start !== null && state.start !== news.start) {
    Object.assign(chat.dataset, { openid: "" });
    state.start = news.start;
    return load(openid);
  }
  state.start = news.start;
  if (chat.dataset.openid !== openid) {
    chat.replaceChildren();
    Object.assign(chat.dataset, { openid, last: 0, at: 0 });
  }
  const fresh = news.bubbles.filter((bubble) => bubble.id > seen());
  for (const bubble of fresh) {
    if (bubble.at_ms - Number(chat.dataset.at) > PAUSE_MS) chat.append(make("time", { class: "time" }, clock(bubble.at_ms)));
    chat.append(row(bubble));
    Object.assign(chat.dataset, { last: bubble.id, at: bubble.at_ms });
  }
  setSubscribed(news.subscribed);
  document.body.dataset.typing = news.typing ? "yes" : "no";
  if (fresh.length > 0) chat.scrollTop = chat.scrollHeight;
}

function setSubscribed(subscribed) {
  $("unfollowed").hidden = subscribed;
  $("dock").hidden = !subscribed;
  const follower = state.followers.find((f) => f.openid === state.openid);
  if (follower && follower.subscribed !== subscribed) {
    follower.subscribed = subscribed;
    drawFollowers();
  }
}

function busy(change) {
  state.busy += change;
  document.body.dataset.busy = state.busy;
}

async function act(what) {
  closeMenus();
  busy(1);
  // What the follower did is shown at once, not only with the answer.
  const early = setTimeout(() => refresh().catch(() => {}), 60);
  try {
    await call("followers/" + state.openid + "/act", what);
    trouble("");
  } catch (error) {
    tell(error);
  }
  clearTimeout(early);
  await refresh().catch(tell);
  busy(-1);
}

// ---- the menu at the bottom ----

function closeMenus(focus) {
  for (const open of document.querySelectorAll(".column > button[aria-expanded='true']")) {
    open.setAttribute("aria-expanded", "false");
    open.parentElement.querySelector(".submenu").hidden = true;
    if (focus) open.focus();
  }
}

function leaf(button) {
  const tap = () => {
    closeMenus(true);
    if (button.type !== "view") return act({ do: "menu", key: button.key || "", name: button.name });
    if (/^https?:\/\//.test(button.url)) window.open(button.url, "_blank", "noopener,noreferrer");
    return act({ do: "open", url: button.url });
  };
  return make("button", { type: "button", "data-key": button.key || button.url || "", onclick: tap }, button.name);
}

function column(button) {
  if (!button.sub_button || button.sub_button.length === 0) return make("div", { class: "column" }, leaf(button));
  const submenu = make("div", { class: "submenu", role: "group", "aria-label": button.name, hidden: true }, ...button.sub_button.map(leaf));
  const top = make("button", { type: "button", "aria-expanded": "false", "data-menu": button.name, onclick: () => {
    const open = top.getAttribute("aria-expanded") === "true";
    closeMenus();
    if (open) return;
    top.setAttribute("aria-expanded", "true");
    submenu.hidden = false;
    submenu.querySelector("button").focus();
  } }, button.name);
  submenu.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const entries = [...submenu.children];
    entries.at((entries.indexOf(document.activeElement) + step) % entries.length).focus();
  });
  return make("div", { class: "column" }, submenu, top);
}

function drawMenu() {
  $("menu").replaceChildren(...state.menu.button.map(column));
}

// ---- the side ----

function drawFollowers() {
  $("followers").replaceChildren(...state.followers.map((follower) => make("button", {
    type: "button", "data-follower": follower.name, class: follower.subscribed ? "" : "away",
    "aria-pressed": String(follower.openid === state.openid), onclick: () => choose(follower.openid).catch(tell),
  }, follower.name)));
}

async function choose(openid) {
  state.openid = openid;
  history.replaceState(null, "", "#" + openid);
  $("who").textContent = state.followers.find((f) => f.openid === openid)?.name || "";
  $("wire").replaceChildren();
  drawFollowers();
  openSide(false);
  await refresh();
}

// On a narrow screen the side is a drawer over the phone; on a wide one it is always there.
function openSide(open) {
  const was = $("side").classList.contains("open");
  $("side").classList.toggle("open", open);
  $("open-side").setAttribute("aria-expanded", String(open));
  $("phone").inert = open;
  if (open) $("close-side").focus();
  else if (was) $("open-side").focus();
}

function keyboard(on) {
  $("say").hidden = !on;
  $("menu").hidden = on;
  $("toggle").classList.toggle("on", on);
  $("toggle").setAttribute("aria-label", on ? "切换到菜单" : "切换到键盘");
  if (on) $("text").focus();
}

async function load(openid) {
  const loaded = await call("state");
  Object.assign(state, loaded);
  $("account").textContent = state.account;
  drawMenu();
  const known = state.followers.some((f) => f.openid === openid);
  await choose(known ? openid : state.followers[0].openid);
}

$("toggle").addEventListener("click", () => keyboard($("say").hidden));
$("say").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = $("text").value;
  $("text").value = "";
  if (text.trim()) act({ do: "say", text });
});
$("add").addEventListener("submit", async (event) => {
  event.preventDefault();
  const name = $("new-name").value.trim();
  if (!name) return;
  $("new-name").value = "";
  try { await load((await call("followers", { name })).openid); } catch (error) { tell(error); }
});
$("follow").addEventListener("click", async () => {
  await act({ do: "follow", scene: null });
  $("toggle").focus();
});
$("open-side").addEventListener("click", () => openSide(true));
$("close-side").addEventListener("click", () => openSide(false));
NARROW.addEventListener("change", () => openSide(false));
for (const tool of document.querySelectorAll("[data-act]")) {
  tool.addEventListener("click", () => {
    openSide(false);
    act(tool.dataset.act === "scan" ? { do: "scan", scene: SCENE } : { do: "unfollow" });
  });
}
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  closeMenus(true);
  openSide(false);
});
document.addEventListener("click", (event) => { if (!event.target.closest(".column")) closeMenus(); });
// What comes by itself (outgoing messages) appears without a tap.
setInterval(() => {
  if (state.busy || !state.openid || document.hidden) return;
  drawCalls();
  refresh().then(() => { if (state.lost) { state.lost = false; trouble(""); } }, tell);
}, 2000);

startTools();
startWall();
load(decodeURIComponent(location.hash.slice(1))).then(() => { document.body.dataset.ready = "yes"; }, tell);
