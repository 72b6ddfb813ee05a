"use strict";
// The chat page. What the service answers is shown as nodes made here, never as markup of its own.

const $ = (id) => document.getElementById(id);
const SCENE = "unit_3302";
const state = { account: "", menu: { button: [] }, followers: [], openid: null, busy: 0, shown: new Set() };

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

async function call(path, body) {
  const options = body === undefined ? {} : {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body),
  };
  const response = await fetch("/simulator/" + path, options);
  if (!response.ok) throw new Error((await response.text()) || "HTTP " + response.status);
  return response.status === 204 ? null : response.json();
}

function trouble(text) {
  $("trouble").textContent = text;
  $("trouble").hidden = !text;
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

function content(bubble) {
  switch (bubble.kind) {
    case "mine": return [bubble.text];
    case "text": return rich(bubble.text);
    case "media": return ["〔" + bubble.what + "〕" + bubble.media_id];
    case "news": return bubble.articles.map((article) => make("a", {
      class: "card", href: /^https?:\/\//.test(article.url) ? article.url : null, target: "_blank", rel: "noreferrer noopener",
    }, make("strong", {}, article.title), make("span", {}, article.description)));
    default: return [bubble.text || ""];
  }
}

function row(bubble) {
  if (bubble.kind === "notice") return make("p", { class: "notice", "data-bubble": "notice" }, bubble.text);
  const mine = bubble.kind === "mine";
  const follower = state.followers.find((f) => f.openid === state.openid);
  const face = make("span", { class: "face", "aria-hidden": "true" }, mine ? (follower?.name || "我").slice(-1) : "工");
  const body = make("div", { class: "bubble", "data-bubble": bubble.kind }, ...content(bubble));
  const peek = bubble.wire
    ? [make("button", { type: "button", class: "peek", "aria-label": "看这条的原始报文", onclick: () => showWire(bubble.wire) }, "报文")]
    : [];
  return make("div", { class: mine ? "row mine" : "row" }, face, body, ...peek);
}

function showWire(wires) {
  const blocks = wires.flatMap((wire) => [
    make("h3", {}, wire.way === "去" ? "微信 → 服务（明文）" : "服务 → 微信（明文）"), make("pre", {}, wire.inner),
    make("h3", {}, "网上走的"), make("pre", {}, wire.outer),
  ]);
  $("wire").replaceChildren(...blocks);
  if (matchMedia("(max-width: 860px)").matches) openSide(true);
  $("wire").scrollIntoView({ block: "nearest" });
  $("wire").focus();
}

// ---- what is on the screen ----

async function refresh() {
  const openid = state.openid;
  const history = await call("followers/" + openid);
  if (openid !== state.openid) return;
  const chat = $("chat");
  let last = chat.dataset.openid === openid ? Number(chat.dataset.last || 0) : 0;
  if (chat.dataset.openid !== openid) {
    chat.replaceChildren();
    chat.dataset.openid = openid;
  }
  const waiting = chat.querySelector(".typing");
  for (const bubble of history.bubbles) {
    if (bubble.id <= last) continue;
    chat.insertBefore(row(bubble), waiting);
    last = bubble.id;
  }
  if (chat.dataset.last !== String(last)) {
    chat.dataset.last = last;
    chat.scrollTop = chat.scrollHeight;
  }
  setSubscribed(history.subscribed);
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

async function act(what) {
  closeMenus();
  state.busy += 1;
  document.body.dataset.busy = state.busy;
  const poll = setTimeout(() => refresh().catch(() => {}), 60);
  try {
    await call("followers/" + state.openid + "/act", what);
    trouble("");
  } catch (error) {
    trouble(error.message);
  }
  clearTimeout(poll);
  await refresh().catch((error) => trouble(error.message));
  state.busy -= 1;
  document.body.dataset.busy = state.busy;
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
  return make("button", {
    type: "button", "data-key": button.key || button.url || "",
    onclick: () => act(button.type === "view" ? { do: "open", url: button.url } : { do: "menu", key: button.key || "", name: button.name }),
  }, button.name);
}

function drawMenu() {
  const columns = state.menu.button.map((button) => {
    if (!button.sub_button || button.sub_button.length === 0) return make("div", { class: "column" }, leaf(button));
    const submenu = make("div", { class: "submenu", role: "group", "aria-label": button.name, hidden: true }, ...button.sub_button.map(leaf));
    const top = make("button", {
      type: "button", "aria-haspopup": "true", "aria-expanded": "false", "data-menu": button.name,
      onclick: () => {
        const open = top.getAttribute("aria-expanded") === "true";
        closeMenus();
        if (!open) {
          top.setAttribute("aria-expanded", "true");
          submenu.hidden = false;
          submenu.querySelector("button").focus();
        }
      },
    }, button.name);
    return make("div", { class: "column" }, submenu, top);
  });
  $("menu").replaceChildren(...columns);
}

// ---- the side ----

function drawFollowers() {
  $("followers").replaceChildren(...state.followers.map((follower) => make("button", {
    type: "button", "data-follower": follower.name, class: follower.subscribed ? "" : "away",
    "aria-pressed": String(follower.openid === state.openid), onclick: () => choose(follower.openid),
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

function openSide(open) {
  $("side").classList.toggle("open", open);
  $("open-side").setAttribute("aria-expanded", String(open));
  if (open) $("close-side").focus();
}

function keyboard(on) {
  $("say").hidden = !on;
  $("menu").hidden = on;
  $("toggle").textContent = on ? "≡" : "⌨";
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
  try { await load((await call("followers", { name })).openid); } catch (error) { trouble(error.message); }
});
$("follow").addEventListener("click", () => act({ do: "follow", scene: null }));
$("open-side").addEventListener("click", () => openSide(true));
$("close-side").addEventListener("click", () => { openSide(false); $("open-side").focus(); });
for (const tool of document.querySelectorAll("[data-act]")) {
  tool.addEventListener("click", () => {
    openSide(false);
    const acts = {
      scan: { do: "scan", scene: SCENE }, picture: { do: "picture" }, place: { do: "place" },
      speak: { do: "speak", text: "我要报名" }, unfollow: { do: "unfollow" },
    };
    act(acts[tool.dataset.act]);
  });
}
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  closeMenus(true);
  openSide(false);
});
document.addEventListener("click", (event) => { if (!event.target.closest(".column")) closeMenus(); });
// What comes by itself (outgoing messages) appears without a tap.
setInterval(() => { if (!state.busy && state.openid && !document.hidden) refresh().catch(() => {}); }, 2000);

load(decodeURIComponent(location.hash.slice(1))).then(() => { document.body.dataset.ready = "yes"; }, (error) => trouble(error.message));
