"""The stand-in as this test meets it: its phones, its count, its faults, and wechatpy turned towards it."""

import os
import tomllib

import requests
from requests.adapters import HTTPAdapter
from wechatpy import WeChatClient
from wechatpy.crypto import WeChatCrypto

WECHAT = "https://api.weixin.qq.com"
BASE = os.environ["GONGHUI_SDK_BASE"]
API = f"{BASE}/simulator/api"
with open(os.environ["GONGHUI_SDK_CONFIG"], "rb") as config:
    ACCOUNT = tomllib.load(config)["account"]


class Detour(HTTPAdapter):
    """wechatpy writes WeChat's host into several of its calls: those go to the stand-in, too."""

    def send(self, request, **how):
        request.url = request.url.replace(WECHAT, API, 1)
        return super().send(request, **how)


def detour(session):
    session.trust_env = False
    session.mount(WECHAT, Detour())
    return session


class Client(WeChatClient):
    API_BASE_URL = f"{API}/cgi-bin/"

    def __init__(self, secret=ACCOUNT["app_secret"], **more):
        super().__init__(ACCOUNT["app_id"], secret, timeout=20, **more)
        detour(self._http)


def crypto():
    return WeChatCrypto(ACCOUNT["token"], ACCOUNT["encoding_aes_key"], ACCOUNT["app_id"])


_http = requests.Session()
_http.trust_env = False


def ask(method, path, **more):
    answer = _http.request(method, f"{BASE}{path}", timeout=60, **more)
    answer.raise_for_status()
    return answer


def followers():
    """The openids of those who follow from the start, by name."""
    return {one["name"]: one["openid"] for one in ask("GET", "/simulator/state").json()["followers"]}


def crowd(count):
    """So many new people who follow, and did nothing yet."""
    return ask("POST", "/simulator/followers/many", json={"count": count}).json()["openids"]


def newcomer():
    """Somebody new with a phone who does not follow."""
    openid = crowd(1)[0]
    act(openid, do="unfollow")
    return openid


def act(openid, **what):
    ask("POST", f"/simulator/followers/{openid}/act", json=what)


def bubbles(openid):
    return ask("GET", f"/simulator/followers/{openid}").json()["bubbles"]


def wires(openid, bubble):
    return ask("GET", f"/simulator/followers/{openid}/raw/{bubble}").json()


def delivered(openid):
    return ask("GET", "/simulator/deliveries").json()["followers"].get(openid, [])


def faults(**switched):
    ask("POST", "/simulator/faults", json=switched)
