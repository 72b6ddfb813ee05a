"""wechatpy opens what the stand-in and the service say to each other, and speaks to the service as WeChat."""

import time
import unittest
from urllib.parse import parse_qs, urlsplit

import standin
import xmltodict
from wechatpy import parse_message
from wechatpy.exceptions import InvalidSignatureException
from wechatpy.messages import UnknownMessage
from wechatpy.utils import WeChatSigner, check_signature

TOKEN = standin.ACCOUNT["token"]


def opened(push):
    """A message that went to the webhook, as (its query, wechatpy's message)."""
    head, body = push["outer"].split("\n\n", 1)
    query = {key: values[0] for key, values in parse_qs(urlsplit(head.split(" ")[1]).query).items()}
    check_signature(TOKEN, query["signature"], query["timestamp"], query["nonce"])
    xml = standin.crypto().decrypt_message(body, query["msg_signature"], query["timestamp"], query["nonce"])
    return query, parse_message(xml)


def opened_answer(answer):
    """What the service answered, as a dict."""
    outer = xmltodict.parse(answer)["xml"]
    sealed = outer["MsgSignature"], outer["TimeStamp"], outer["Nonce"]
    return xmltodict.parse(standin.crypto().decrypt_message(answer, *sealed))["xml"]


class Pushes(unittest.TestCase):
    def after(self, **what):
        """What a newcomer who follows and then does this has sent last, and what was answered."""
        openid = standin.newcomer()
        if what["do"] != "follow":
            standin.act(openid, do="follow")
        seen = [one["id"] for one in standin.bubbles(openid)]
        standin.act(openid, **what)
        bubble = next(one for one in standin.bubbles(openid) if one["id"] not in seen)
        push, answer = standin.wires(openid, bubble["id"])
        _, message = opened(push)
        self.assertNotIsInstance(message, UnknownMessage)
        self.assertEqual((message.source, message.target), (openid, standin.ACCOUNT["id"]))
        self.assertAlmostEqual(message.create_time.timestamp(), time.time(), delta=60)
        return message, answer["outer"]

    def test_words(self):
        message, answer = self.after(do="say", text="你好 😀 <&]]>")
        self.assertEqual((message.type, message.content), ("text", "你好 😀 <&]]>"))
        self.assertGreater(message.id, 2**62)
        self.assertEqual(opened_answer(answer)["ToUserName"], message.source)

    def test_a_picture(self):
        message, _ = self.after(do="picture")
        self.assertEqual(message.type, "image")
        self.assertTrue(message.media_id and message.image.startswith("http"))

    def test_a_voice(self):
        message, _ = self.after(do="speak", text="我要报名")
        self.assertEqual((message.type, message.format, message.recognition), ("voice", "amr", "我要报名"))

    def test_a_place(self):
        message, _ = self.after(do="place")
        self.assertEqual((message.type, message.label, message.scale), ("location", "宁波市海曙区", "16"))
        self.assertAlmostEqual(float(message.location_x), 29.8683)

    def test_following(self):
        message, answer = self.after(do="follow")
        self.assertEqual(message.event, "subscribe")
        self.assertTrue(opened_answer(answer)["Content"])

    def test_following_by_a_code(self):
        message, _ = self.after(do="follow", scene="poster")
        self.assertEqual((message.event, message.scene_id), ("subscribe_scan", "poster"))
        self.assertTrue(message.ticket)

    def test_scanning(self):
        message, _ = self.after(do="scan", scene="poster")
        self.assertEqual((message.event, message.scene_id), ("scan", "poster"))

    def test_a_tap_on_the_menu(self):
        message, _ = self.after(do="menu", key="mine", name="我的")
        self.assertEqual((message.event, message.key), ("click", "mine"))

    def test_leaving(self):
        message, answer = self.after(do="unfollow")
        self.assertEqual((message.event, answer), ("unsubscribe", "success"))


class AsWeChat(unittest.TestCase):
    """The other way round: wechatpy signs and seals, and the service takes it for WeChat."""

    def signed(self, *more):
        stamp, nonce = str(int(time.time())), "1234567890"
        signer = WeChatSigner()
        signer.add_data(TOKEN, stamp, nonce, *more)
        return {"signature": signer.signature, "timestamp": stamp, "nonce": nonce}

    def test_the_address_is_verified(self):
        answer = standin.ask("GET", "/wechat", params=self.signed() | {"echostr": "8123456789"})
        self.assertEqual(answer.text, "8123456789")

    def test_a_sealed_message_is_answered_sealed(self):
        xml = (
            f"<xml><ToUserName>{standin.ACCOUNT['id']}</ToUserName><FromUserName>oSdk</FromUserName>"
            f"<CreateTime>{int(time.time())}</CreateTime><MsgType>event</MsgType><Event>subscribe</Event></xml>"
        )
        query = self.signed()
        sealed = standin.crypto().encrypt_message(xml, query["nonce"], query["timestamp"])
        query |= {"encrypt_type": "aes", "msg_signature": xmltodict.parse(sealed)["xml"]["MsgSignature"]}
        answer = standin.ask("POST", "/wechat", params=query, data=sealed.encode()).text
        self.assertEqual(opened_answer(answer)["ToUserName"], "oSdk")
        with self.assertRaises(InvalidSignatureException):
            standin.crypto().decrypt_message(answer, "0" * 40, query["timestamp"], query["nonce"])


if __name__ == "__main__":
    unittest.main()
