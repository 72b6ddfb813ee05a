"use strict";
// What a follower can do besides talking, the demo's clock, and what the service calls. Uses what app.js defines.

const PHOTO_SIDE_MAX = 1280;
const PLACES = [
  { label: "宁波市海曙区", latitude: 29.8683, longitude: 121.544 },
  { label: "宁波市鄞州区东钱湖", latitude: 29.7716, longitude: 121.6545 },
  { label: "宁波市江北区老外滩", latitude: 29.8826, longitude: 121.5587 },
];

// ---- questions: one dialog, filled anew each time ----

// `buttons`: [words, value of the answer]; resolves with that value, or null when the dialog is left.
function ask(title, body, buttons) {
  const dialog = $("ask");
  $("ask-title").textContent = title;
  $("ask-body").replaceChildren(...body);
  const give = ([words, value], nth) => make("button", { value, class: nth === 0 ? "primary" : "plain" }, words);
  const leave = make("button", { type: "button", class: "plain", onclick: () => dialog.close("") }, "算了");
  $("ask-buttons").replaceChildren(...buttons.map(give), leave);
  dialog.showModal();
  const first = $("ask-body").querySelector("button, input, select") || $("ask-buttons").firstChild;
  first.focus();
  if (first.type === "text") first.select();
  return new Promise((resolve) => {
    // At once: the dialog tells that it closed only later, and what is said next would overtake the answer.
    dialog.onsubmit = (event) => resolve(event.submitter?.value || null);
    dialog.onclose = () => { if (!dialog.open) resolve(null); };
  });
}

function field(id, words, attributes) {
  const input = make("input", { id, autocomplete: "off", ...attributes });
  return [make("label", { for: id }, words), input];
}

function choice(id, words, options) {
  const entries = options.map(([value, name]) => make("option", { value }, name));
  return [make("label", { for: id }, words), make("select", { id }, ...entries)];
}

const ASKS = {
  async scan() {
    const body = field("scene", "二维码里的场景值", { value: SCENE, maxlength: 64 });
    if (await ask("扫一个带参数的二维码", body, [["扫码", "go"]]) && $("scene").value.trim()) {
      return { do: "scan", scene: $("scene").value.trim() };
    }
  },
  async speak() {
    const body = field("speech", "说了什么（微信识别出的文字）", { value: "我要报名", maxlength: 200 });
    if (await ask("发一段语音", body, [["发送", "go"]]) && $("speech").value.trim()) {
      return { do: "speak", text: $("speech").value.trim() };
    }
  },
  async place() {
    const body = choice("spot", "在哪里", PLACES.map((place, nth) => [nth, place.label]));
    if (await ask("发送位置", body, [["发送", "go"]])) return { do: "place", place: PLACES[$("spot").value] };
  },
  async consent() {
    const body = choice("template", "哪种通知", state.notices.map((notice) => [notice.id, notice.title]));
    const answer = await ask("“" + state.account + "”想给你发订阅通知", body, [["同意", "yes"], ["拒绝", "no"]]);
    if (answer && $("template").value) return { do: "consent", template: $("template").value, accept: answer === "yes" };
  },
  async picture() {
    const drawn = state.samples.map((sample) => make("button", { class: "sample", value: "sample:" + sample.key },
      make("img", { src: "/simulator/samples/" + encodeURIComponent(sample.key), alt: "" }), sample.label));
    const file = field("file", "或者选一个文件", { type: "file", accept: "image/*" });
    const body = [make("div", { class: "samples", role: "group", "aria-label": "样张，点一下就发" }, ...drawn), ...file];
    const answer = await ask("发一张图片", body, [["发送文件", "file"]]);
    if (answer?.startsWith("sample:")) return { do: "picture", sample: answer.slice("sample:".length) };
    const chosen = $("file").files[0];
    if (!answer || !chosen) return undefined;
    return { do: "picture", jpeg: (await read(chosen)).toDataURL("image/jpeg", 0.85).split(",")[1] };
  },
};

// ---- a photo of one's own, made small enough ----

async function read(file) {
  const image = await createImageBitmap(file).catch(() => { throw new Error("这个文件不是图片"); });
  const scale = Math.min(1, PHOTO_SIDE_MAX / Math.max(image.width, image.height));
  const canvas = make("canvas", { width: Math.round(image.width * scale), height: Math.round(image.height * scale) });
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  return canvas;
}

// ---- the clock ----

function drawClock(told) {
  state.ahead_ms = told.ahead_s * 1000;
  const at = shanghai(told.now_ms), ahead = told.ahead_s >= 3600 ? "（快了 " + span(told.ahead_s) + "）" : "";
  $("now").textContent = Number(at.slice(5, 7)) + "月" + Number(at.slice(8, 10)) + "日 " + at.slice(11, 16) + ahead;
  $("clock").hidden = told.ahead_s === null; // a clock that can't be moved
}

function span(seconds) {
  const days = Math.floor(seconds / 86400), hours = Math.floor(seconds % 86400 / 3600);
  return [days ? days + " 天" : "", hours ? hours + " 小时" : ""].filter(Boolean).join(" ");
}

// ---- what the service calls, and what goes wrong with it ----

const FAULTS = [
  ["token", "凭证失效（40001）", { api: [{ path: "", fault: "errcode", code: 40001, calls: 3 }] }],
  ["busy", "系统繁忙（-1）", { api: [{ path: "", fault: "errcode", code: -1, calls: 3 }] }],
  ["quota", "次数用完（45009）", { api: [{ path: "", fault: "errcode", code: 45009, seconds: 60 }] }],
  ["5xx", "502", { api: [{ path: "", fault: "status", status: 502, calls: 3 }] }],
  ["reset", "连接断开", { api: [{ path: "", fault: "reset", calls: 3 }] }],
  ["down", "停一分钟", { api: [{ path: "", fault: "status", status: 503, seconds: 60 }] }],
  ["duplicate", "消息重发", { webhook: [{ fault: "duplicate", calls: 3 }] }],
  ["delay", "消息迟到 3 秒", { webhook: [{ fault: "delay", ms: 3000, calls: 3 }] }],
  ["drop", "回答丢失", { webhook: [{ fault: "drop_reply", calls: 1 }] }],
];

async function drawCalls() {
  if (!$("calls-panel").open) return;
  let told;
  try { told = await call("calls"); } catch { return; } // not there, or not now
  const latest = (told.calls || []).slice(-50).reverse();
  const name = (openid) => state.followers.find((f) => f.openid === openid)?.name || "";
  $("calls").replaceChildren(...latest.map((called) => make("li", { class: called.errcode ? "wrong" : "" },
    make("time", {}, clock(called.at_ms)), make("code", {}, called.path), " ", name(called.openid),
    called.errcode ? make("strong", {}, " " + called.errcode) : "")));
}

async function switchFault(button, fault) {
  const on = button.getAttribute("aria-pressed") !== "true";
  try { await call("faults", on ? fault : {}); } catch (error) { tell(error); return; }
  for (const other of $("faults").children) other.setAttribute("aria-pressed", String(on && other === button));
}

function startTools() {
  for (const tool of document.querySelectorAll("[data-ask]")) {
    tool.addEventListener("click", async () => {
      openSide(false);
      let what;
      try { what = await ASKS[tool.dataset.ask](); } catch (error) { tell(error); return; }
      if (what) await act(what);
    });
  }
  for (const button of document.querySelectorAll("[data-forward]")) {
    button.addEventListener("click", async () => {
      busy(1);
      await call("clock", { seconds: Number(button.dataset.forward) }).then(drawClock, tell);
      busy(-1);
    });
  }
  $("faults").replaceChildren(...FAULTS.map(([name, words, fault]) => make("button", {
    type: "button", "data-fault": name, "aria-pressed": "false", onclick: (event) => switchFault(event.currentTarget, fault),
  }, words)));
  $("calls-panel").addEventListener("toggle", () => drawCalls());
  const tick = () => call("clock").then(drawClock, () => {}); // no clock to move, no control
  tick();
  setInterval(tick, 20000);
}
