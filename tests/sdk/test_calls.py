"""wechatpy calls the stand-in as it would call WeChat, and finds everything as its documentation has it."""

import time
import unittest

import standin
from wechatpy.exceptions import APILimitedException, WeChatClientException
from wechatpy.oauth import WeChatOAuth

# A JPEG's first and last bytes around some that are no text.
PICTURE = b"\xff\xd8\xff\xe0" + bytes(range(256)) + b"\xff\xd9"
STRANGER = "o" + "0" * 27


class Calls(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.client = standin.Client()
        cls.followers = standin.followers()
        cls.someone, cls.other = cls.followers["小梅"], cls.followers["老王"]

    def setUp(self):
        self.addCleanup(standin.faults)

    def refused(self, code, call, *args, **more):
        with self.assertRaises(WeChatClientException) as caught:
            call(*args, **more)
        self.assertEqual(caught.exception.errcode, code, caught.exception.errmsg)
        return caught.exception

    def awaits(self, condition):
        for _ in range(100):
            if condition():
                return
            time.sleep(0.1)  # until the job that was called for is done
        self.fail("it has not come about in ten seconds")


class Tokens(Calls):
    def test_a_token_is_fetched_kept_and_good(self):
        client = standin.Client()
        granted = client.fetch_access_token()
        self.assertEqual(granted["expires_in"], 7200)
        self.assertEqual(client.access_token, granted["access_token"])
        self.assertTrue(client.misc.get_wechat_ips())

    def test_a_wrong_secret_is_named(self):
        self.refused(40125, standin.Client(secret="0" * 32).fetch_access_token)

    def test_a_token_that_is_none_is_fetched_anew_and_the_call_repeated(self):
        for token, code in [("nonsense", 40014), ("99_" + "0" * 128, 40001)]:
            client = standin.Client(access_token=token)
            self.assertTrue(client.misc.get_wechat_ips())
            self.assertNotEqual(client.access_token, token)
            self.refused(code, standin.Client(access_token=token, auto_retry=False).misc.get_wechat_ips)

    def test_a_ticket_for_pages(self):
        self.assertEqual(self.client.jsapi.get_ticket()["errcode"], 0)
        self.assertTrue(self.client.jsapi.get_jsapi_ticket())


class Menus(Calls):
    MENU = {
        "button": [
            {"type": "click", "name": "我的", "key": "mine"},
            {
                "name": "活动",
                "sub_button": [
                    {"type": "view", "name": "官网", "url": "https://example.com/"},
                    {"type": "scancode_waitmsg", "name": "签到", "key": "check_in"},
                ],
            },
        ]
    }

    def test_a_menu_is_made_read_and_deleted(self):
        menu = self.client.menu
        before = menu.get()["menu"]
        self.addCleanup(menu.create, {"button": before["button"]})
        self.assertEqual(menu.create(self.MENU)["errcode"], 0)
        self.assertEqual([button["name"] for button in menu.get()["menu"]["button"]], ["我的", "活动"])
        current = menu.get_menu_info()
        self.assertEqual(current["is_menu_open"], 1)
        self.assertEqual(
            [button["name"] for button in current["selfmenu_info"]["button"][1]["sub_button"]["list"]],
            ["官网", "签到"],
        )
        self.assertEqual(menu.delete()["errcode"], 0)
        self.assertIsNone(menu.get())

    def test_a_menu_for_some_shows_itself_to_them_alone(self):
        menu, tag = self.client.menu, self.client.tag
        special = tag.create("菜单")["id"]
        tag.tag_user(special, self.someone)
        theirs = {"button": [{"type": "click", "name": "会员", "key": "member"}], "matchrule": {"tag_id": special}}
        made = menu.add_conditional(theirs)["menuid"]
        first = lambda openid: menu.try_match(openid)["button"][0]["name"]
        self.assertEqual(first(self.someone), "会员")
        self.assertNotEqual(first(self.other), "会员")
        self.assertEqual(len(menu.get()["conditionalmenu"]), 1)
        self.assertEqual(menu.del_conditional(made)["errcode"], 0)
        self.assertNotEqual(first(self.someone), "会员")
        tag.delete(special)

    def test_what_is_wrong_with_a_menu_is_told(self):
        long = {"button": [{"type": "click", "name": "名字太长太长", "key": "x"}]}
        self.refused(40018, self.client.menu.create, long)
        self.refused(40016, self.client.menu.create, {"button": self.MENU["button"] * 2})


class Followers(Calls):
    def test_everybody_is_listed_over_pages(self):
        joined = standin.crowd(10_050)
        first = self.client.user.get_followers()
        self.assertEqual((first["count"], len(first["data"]["openid"])), (10_000, 10_000))
        listed = list(self.client.user.iter_followers())
        self.assertEqual(len(listed), first["total"])
        self.assertEqual(len(set(listed)), len(listed))
        self.assertTrue(set(joined) <= set(listed))

    def test_a_follower_is_looked_at_and_remarked(self):
        self.client.user.update_remark(self.someone, "三号楼")
        info = self.client.user.get(self.someone)
        self.assertEqual((info["subscribe"], info["remark"], info["nickname"]), (1, "三号楼", ""))
        both = self.client.user.get_batch([self.someone, self.other])
        self.assertEqual([one["openid"] for one in both], [self.someone, self.other])

    def test_who_does_not_follow_is_known_as_nothing_else(self):
        stranger = standin.newcomer()
        self.assertEqual(self.client.user.get(stranger), {"subscribe": 0, "openid": stranger})

    def test_nobody_is_refused(self):
        self.refused(40003, self.client.user.get, STRANGER)
        self.refused(40032, self.client.user.get_batch, [])
        self.refused(40032, self.client.user.get_batch, [self.someone] * 101)

    def test_the_blacklist(self):
        tag = self.client.tag
        tag.batch_black_list([self.other])
        self.assertEqual(tag.get_black_list()["data"]["openid"], [self.other])
        tag.batch_unblack_list([self.other])
        self.assertEqual(tag.get_black_list()["count"], 0)


class Tags(Calls):
    def test_a_tag_from_its_making_to_its_end(self):
        tag = self.client.tag
        made = tag.create("海曙区")
        self.assertEqual(made["name"], "海曙区")
        of = lambda: {one["id"]: (one["name"], one["count"]) for one in tag.get()}.get(made["id"])
        tag.tag_user(made["id"], [self.someone, self.other])
        tag.update(made["id"], "鄞州区")
        self.assertEqual(of(), ("鄞州区", 2))
        self.assertIn(made["id"], tag.get_user_tag(self.someone))
        self.assertEqual(set(tag.iter_tag_users(made["id"])), {self.someone, self.other})
        tag.untag_user(made["id"], self.other)
        self.assertEqual(list(tag.iter_tag_users(made["id"])), [self.someone])
        tag.delete(made["id"])
        self.assertIsNone(of())

    def test_what_is_no_tag(self):
        tag = self.client.tag
        self.refused(45158, tag.create, "一二三四五六七八九十一")
        self.refused(45058, tag.delete, 2)
        self.refused(45159, tag.tag_user, 9_999, self.someone)


class CustomMessages(Calls):
    def setUp(self):
        super().setUp()
        self.writer = standin.newcomer()
        standin.act(self.writer, do="follow")
        standin.act(self.writer, do="say", text="你好")

    def last(self):
        return standin.bubbles(self.writer)[-1]

    def test_words_arrive_as_they_were_sent(self):
        words = "您好：\n“参保”截止 11 月 30 日 😀 <b>&amp;"
        self.assertEqual(self.client.message.send_text(self.writer, words)["errcode"], 0)
        self.assertEqual((self.last()["kind"], self.last()["text"]), ("text", words))

    def test_pictures_articles_and_choices(self):
        message = self.client.message
        picture = self.client.media.upload("image", ("一.jpg", PICTURE, "image/jpeg"))["media_id"]
        message.send_image(self.writer, picture)
        self.assertEqual(self.last()["media_id"], picture)
        article = {"title": "健步走", "description": "周末", "url": "https://example.com/", "image": ""}
        message.send_articles(self.writer, [article])
        self.assertEqual(self.last()["articles"][0]["title"], "健步走")
        choices = [{"id": "101", "content": "满意"}, {"id": "102", "content": "不满意"}]
        message.send_msg_menu(self.writer, {"head_content": "评价", "list": choices, "tail_content": "谢谢"})
        self.assertIn("不满意", self.last()["text"])

    def test_what_is_not_sent(self):
        message = self.client.message
        self.refused(40007, message.send_image, self.writer, "no-such-media")
        self.refused(45002, message.send_text, self.writer, "长" * 700)
        article = {"title": "一", "description": "", "url": "https://example.com/", "image": ""}
        self.refused(45008, message.send_articles, self.writer, [article, article])
        self.refused(40003, message.send_text, STRANGER, "有人吗")
        self.refused(45015, message.send_text, standin.crowd(1)[0], "没来过")

    def test_the_sixth_message_is_one_too_many(self):
        openid = standin.crowd(1)[0]  # who follows, but did not do so just now: that would open three more
        standin.act(openid, do="say", text="在吗")
        for number in range(5):
            self.client.message.send_text(openid, f"第 {number} 条")
        self.refused(45047, self.client.message.send_text, openid, "第六条")
        self.assertEqual(len(standin.delivered(openid)), 5)


class Templates(Calls):
    DATA = {"thing1": {"value": "周末健步走"}, "time2": {"value": "2026年11月23日 15:01"}}

    def test_templates_are_added_listed_and_deleted(self):
        template = self.client.template
        self.assertEqual(template.set_industry(1, 4)["errcode"], 0)
        self.assertIn("primary_industry", template.get_industry())
        ids = lambda: [one["template_id"] for one in template.get_all_private_template()["template_list"]]
        added = template.add("TM00015")
        self.assertIn(added, ids())
        template.del_private_template(added)
        self.assertNotIn(added, ids())

    def test_a_template_message_arrives_as_a_card(self):
        sent = self.client.message.send_template(
            self.someone, "activity_changed", self.DATA, url="https://example.com/a"
        )
        self.assertIsInstance(sent["msgid"], int)
        card = standin.bubbles(self.someone)[-1]
        self.assertEqual((card["kind"], card["title"]), ("card", "活动变更提醒"))
        self.assertEqual(card["lines"][0], ["活动名称", "周末健步走"])

    def test_what_is_not_sent(self):
        send = self.client.message.send_template
        self.refused(40037, send, self.someone, "no-such-template", self.DATA)
        self.refused(40003, send, STRANGER, "activity_changed", self.DATA)
        self.refused(43004, send, standin.newcomer(), "activity_changed", self.DATA)
        long = self.DATA | {"thing1": {"value": "长" * 21}}
        refused = self.refused(47003, send, self.someone, "activity_changed", long)
        self.assertIn("thing1", refused.errmsg)

    def test_a_notice_takes_a_consent_each_time(self):
        send = self.client.message.send_subscribe_message
        self.refused(43101, send, self.other, "activity_notice", self.DATA)
        standin.act(self.other, do="consent", template="activity_notice", accept=True)
        self.assertEqual(send(self.other, "activity_notice", self.DATA)["errcode"], 0)
        self.refused(43101, send, self.other, "activity_notice", self.DATA)


class Media(Calls):
    def test_a_picture_comes_back_byte_for_byte(self):
        uploaded = self.client.media.upload("image", ("一.jpg", PICTURE, "image/jpeg"))
        self.assertEqual(uploaded["type"], "image")
        self.assertAlmostEqual(uploaded["created_at"], time.time(), delta=60)
        downloaded = self.client.media.download(uploaded["media_id"])
        self.assertEqual(downloaded.content, PICTURE)
        self.assertIn("attachment", downloaded.headers["Content-disposition"])

    def test_a_picture_that_a_follower_sent_can_be_fetched(self):
        standin.act(self.someone, do="picture")
        pushed = [one for one in standin.bubbles(self.someone) if one["kind"] == "photo"][-1]
        xml = standin.wires(self.someone, pushed["id"])[0]["inner"]
        media_id = xml.split("<MediaId><![CDATA[")[1].split("]]>")[0]
        self.assertTrue(self.client.media.download(media_id).content.startswith(b"\xff\xd8"))

    def test_a_video_is_an_address(self):
        uploaded = self.client.media.upload("video", ("一.mp4", b"\0" * 64, "video/mp4"))
        self.assertIn("video_url", self.client.media.download(uploaded["media_id"]))

    def test_what_is_kept_for_good(self):
        material = self.client.material
        kept = material.add("image", ("封面.jpg", PICTURE, "image/jpeg"))
        self.assertEqual(material.get(kept["media_id"]).content, PICTURE)
        self.assertGreaterEqual(material.get_count()["image_count"], 1)
        self.assertIn(kept["media_id"], [one["media_id"] for one in material.batchget("image")["item"]])
        material.delete(kept["media_id"])
        self.refused(40007, material.get, kept["media_id"])
        self.assertTrue(self.client.media.upload_image(("文内.jpg", PICTURE, "image/jpeg")).startswith("http"))

    def test_what_is_not_taken(self):
        upload = self.client.media.upload
        self.refused(40004, upload, "music", ("一.mp3", b"x", "audio/mpeg"))
        self.refused(40012, upload, "thumb", ("大.jpg", b"x" * (64 * 1024 + 1), "image/jpeg"))
        self.refused(40007, self.client.media.download, "no-such-media")


class Codes(Calls):
    def test_a_code_that_lasts_and_one_that_does_not(self):
        create = self.client.qrcode.create
        scene = lambda **what: {"action_info": {"scene": what}}
        short = create({"expire_seconds": 1800, "action_name": "QR_SCENE"} | scene(scene_id=123))
        self.assertEqual(short["expire_seconds"], 1800)
        lasting = create({"action_name": "QR_LIMIT_STR_SCENE"} | scene(scene_str="海报"))
        self.assertNotIn("expire_seconds", lasting)
        self.assertNotEqual(short["ticket"], lasting["ticket"])
        self.refused(40053, create, {"action_name": "QR"} | scene(scene_id=1))


class MassSends(Calls):
    def status(self, sent):
        return self.client.message.get_mass(sent["msg_id"])["msg_status"]

    def test_a_list_is_told_once_and_the_job_ends(self):
        to = standin.crowd(3)
        sent = self.client.message.send_mass_text(to, "群发给名单", client_msg_id="sdk-list")
        self.assertEqual(sent["errmsg"], "send job submission success")
        self.assertEqual(self.status(sent), "SENDING")
        self.refused(45066, self.client.message.send_mass_text, to, "群发给名单", client_msg_id="sdk-list")
        self.awaits(lambda: self.status(sent) == "SEND_SUCCESS")
        for openid in to:
            self.assertEqual(
                standin.delivered(openid), [{"by": "mass", "what": "群发给名单", "client_id": "sdk-list"}]
            )
        self.refused(40059, self.client.message.delete_mass, sent["msg_id"])

    def test_articles_are_told_and_can_be_taken_back(self):
        to = standin.crowd(2)
        cover = self.client.material.add("image", ("封面.jpg", PICTURE, "image/jpeg"))["media_id"]
        article = {"title": "暑期亲子营", "digest": "周二十点开放", "content": "<p>正文</p>", "thumb_media_id": cover}
        draft = self.client.post("draft/add", data={"articles": [article]})["media_id"]
        sent = self.client.message.send_mass_article(to, draft)
        self.awaits(lambda: self.status(sent) == "SEND_SUCCESS")
        shown = [one["articles"] for one in standin.bubbles(to[0]) if one["kind"] == "mass"]
        self.assertEqual(shown, [[{"title": "暑期亲子营", "description": "周二十点开放", "url": ""}]])
        self.assertEqual(self.client.message.delete_mass(sent["msg_id"])["errcode"], 0)

    def test_everybody_is_told(self):
        openid = standin.crowd(1)[0]
        sent = self.client.message.send_mass_text(None, "群发给大家", is_to_all=True)
        self.awaits(lambda: self.status(sent) == "SEND_SUCCESS")
        self.assertEqual([one["what"] for one in standin.delivered(openid)], ["群发给大家"])

    def test_the_fifth_of_a_month_does_not_arrive(self):
        to = standin.crowd(2)
        sent = [
            self.client.message.send_mass_text(to, f"第 {number} 次", client_msg_id=f"sdk-month-{number}")
            for number in range(5)
        ]
        self.awaits(lambda: all(self.status(one) == "SEND_SUCCESS" for one in sent))
        self.assertEqual(len(standin.delivered(to[0])), 4)

    def test_a_preview_goes_to_one(self):
        openid = standin.crowd(1)[0]
        self.assertEqual(self.client.message.send_mass_text(openid, "先看看", preview=True)["errcode"], 0)
        self.assertEqual(standin.bubbles(openid)[-1]["text"], "先看看")

    def test_what_is_not_sent(self):
        send = self.client.message.send_mass_text
        self.refused(40130, send, [self.someone], "一个人")
        self.refused(45067, send, [self.someone, self.other], "名字长", client_msg_id="x" * 65)


class Desk(Calls):
    WORKER = "sdk@gonghui"

    def test_a_worker_and_a_session(self):
        desk = self.client.customservice
        desk.add_account(self.WORKER, "小宁", "secret")
        desk.update_account(self.WORKER, "小波", "secret")
        self.assertEqual({one["kf_account"]: one["kf_nick"] for one in desk.get_accounts()}[self.WORKER], "小波")
        desk.create_session(self.someone, self.WORKER)
        self.assertEqual(desk.get_session(self.someone)["kf_account"], self.WORKER)
        self.assertEqual([one["openid"] for one in desk.get_session_list(self.WORKER)], [self.someone])
        desk.close_session(self.someone, self.WORKER)
        self.assertEqual(desk.get_session(self.someone)["kf_account"], "")
        self.assertEqual(desk.get_wait_case()["count"], 0)
        desk.delete_account(self.WORKER)
        self.assertNotIn(self.WORKER, [one["kf_account"] for one in desk.get_accounts()])


class Pages(Calls):
    def test_a_visitor_of_a_page_is_recognised(self):
        oauth = WeChatOAuth(
            standin.ACCOUNT["app_id"], standin.ACCOUNT["app_secret"], "https://example.com/", scope="snsapi_base"
        )
        standin.detour(oauth._http)
        self.assertEqual(oauth.fetch_access_token(f"code-{self.someone}")["openid"], self.someone)
        self.assertTrue(oauth.check_access_token())
        self.assertEqual(oauth.get_user_info()["openid"], self.someone)
        with self.assertRaises(Exception) as caught:
            oauth.fetch_access_token("no-such-code")
        self.assertEqual(caught.exception.errcode, 40029)


class Faults(Calls):
    def switch(self, **fault):
        standin.faults(api=[fault])

    def test_a_token_that_is_said_to_be_bad_is_fetched_anew(self):
        self.switch(path="user/info", fault="errcode", code=40001, calls=1)
        before = self.client.access_token
        self.assertEqual(self.client.user.get(self.someone)["subscribe"], 1)
        self.assertNotEqual(self.client.access_token, before)

    def test_a_used_up_quota_is_told_apart(self):
        self.switch(path="user/info", fault="errcode", code=45009, calls=1)
        with self.assertRaises(APILimitedException):
            self.client.user.get(self.someone)

    def test_a_page_of_html_is_no_answer(self):
        self.switch(path="user/info", fault="status", status=502, calls=1)
        self.refused(None, self.client.user.get, self.someone)

    def test_a_message_that_was_sent_although_the_answer_was_bad(self):
        openid = standin.crowd(1)[0]
        self.switch(path="template/send", fault="status", status=502, calls=1, after=True)
        self.refused(None, self.client.message.send_template, openid, "activity_changed", Templates.DATA)
        self.assertEqual(len(standin.delivered(openid)), 1)


if __name__ == "__main__":
    unittest.main()
