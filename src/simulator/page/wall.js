"use strict";
// Several followers' chats side by side, to see who is told what. Uses what app.js defines.

const WALL_MAX = 4;
const wall = { chosen: [], timer: null };

function drawWall() {
  const toggle = (openid) => {
    const at = wall.chosen.indexOf(openid);
    if (at >= 0) wall.chosen.splice(at, 1);
    else wall.chosen = [...wall.chosen, openid].slice(-WALL_MAX);
    drawWall();
  };
  $("wall-who").replaceChildren(...state.followers.slice(0, 12).map((follower) => make("button", {
    type: "button", "data-wall": follower.name, "aria-pressed": String(wall.chosen.includes(follower.openid)),
    onclick: () => { toggle(follower.openid); document.querySelector(`[data-wall="${CSS.escape(follower.name)}"]`).focus(); },
  }, follower.name)));
  const name = (openid) => state.followers.find((f) => f.openid === openid)?.name || "";
  $("wall-chats").replaceChildren(...wall.chosen.map((openid) => make("section", { class: "pane", "aria-label": name(openid) },
    make("h3", {}, name(openid)),
    make("div", { class: "chat", role: "log", tabindex: "0", "data-pane": openid, "data-last": "0", "data-hint": "还没有消息" }))));
  return lookAtWall();
}

async function lookAtWall() {
  await Promise.all([...document.querySelectorAll("[data-pane]")].map(async (pane) => {
    const openid = pane.dataset.pane;
    let news;
    try { news = await call("followers/" + openid + "?after=" + pane.dataset.last); } catch { return; }
    const fresh = news.bubbles.filter((bubble) => bubble.id > Number(pane.dataset.last));
    if (fresh.length === 0) return;
    // To be read only: taps belong to the phone.
    const rows = fresh.map((bubble) => row(bubble, openid, false));
    for (const tap of rows.flatMap((node) => [...node.querySelectorAll("button")])) tap.disabled = true;
    pane.append(...rows);
    pane.dataset.last = fresh.at(-1).id;
    pane.scrollTop = pane.scrollHeight;
  }));
}

function openWall(open) {
  $("wall").hidden = !open;
  document.querySelector("main").inert = open;
  clearInterval(wall.timer);
  if (!open) { $("open-wall").focus(); return; }
  wall.chosen = state.followers.slice(0, 3).map((follower) => follower.openid);
  drawWall();
  wall.timer = setInterval(() => { if (!document.hidden) lookAtWall(); }, 2000);
  $("close-wall").focus();
}

function startWall() {
  $("open-wall").addEventListener("click", () => openWall(true));
  $("close-wall").addEventListener("click", () => openWall(false));
  $("wall").addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    openWall(false);
  });
}
