use super::{ARTICLES_MAX, Article, Reply, SUCCESS, TEXT_BYTES_MAX, split_text};
use crate::wechat::xml::{Writer, allowed, is_allowed};

impl Reply {
    /// The reply as XML, valid whatever its texts hold: `to` is the follower's OpenID, `from` the account's
    /// `gh_…`, `created_s` Unix seconds.
    ///
    /// A text over [`TEXT_BYTES_MAX`] is cut and articles over [`ARTICLES_MAX`] are left out. What would show
    /// nothing (a blank text, no article) renders as [`SUCCESS`], since followers would see a failure notice.
    pub fn render(&self, to: &str, from: &str, created_s: i64) -> String {
        if self.shows_nothing() {
            return SUCCESS.to_owned();
        }
        let mut xml = Writer::new(256 + self.text_bytes());
        xml.text("ToUserName", to);
        xml.text("FromUserName", from);
        xml.number("CreateTime", created_s);
        xml.text("MsgType", self.msg_type());
        self.write(&mut xml);
        xml.finish()
    }

    fn shows_nothing(&self) -> bool {
        match self {
            Reply::Text { content } => !content.chars().any(|c| is_allowed(c) && !c.is_whitespace()),
            Reply::News { articles } => articles.is_empty(),
            _ => false,
        }
    }

    fn text_bytes(&self) -> usize {
        match self {
            Reply::Text { content } => content.len().min(TEXT_BYTES_MAX),
            _ => 256,
        }
    }

    fn msg_type(&self) -> &'static str {
        match self {
            Reply::Text { .. } => "text",
            Reply::Image { .. } => "image",
            Reply::Voice { .. } => "voice",
            Reply::Video { .. } => "video",
            Reply::Music { .. } => "music",
            Reply::News { .. } => "news",
            Reply::TransferCustomerService { .. } => "transfer_customer_service",
        }
    }

    fn write(&self, xml: &mut Writer) {
        match self {
            Reply::Text { content } if content.len() <= TEXT_BYTES_MAX => xml.text("Content", content),
            Reply::Text { content } => {
                xml.text("Content", split_text(&allowed(content), TEXT_BYTES_MAX).0);
            }
            Reply::Image { media_id } => xml.group("Image", |xml| xml.text("MediaId", media_id)),
            Reply::Voice { media_id } => xml.group("Voice", |xml| xml.text("MediaId", media_id)),
            Reply::Video { media_id, title, description } => xml.group("Video", |xml| {
                xml.text("MediaId", media_id);
                xml.optional("Title", present(title));
                xml.optional("Description", present(description));
            }),
            Reply::Music { title, description, url, hq_url, thumb_media_id } => xml.group("Music", |xml| {
                xml.optional("Title", present(title));
                xml.optional("Description", present(description));
                xml.optional("MusicUrl", present(url));
                xml.optional("HQMusicUrl", present(hq_url));
                xml.text("ThumbMediaId", thumb_media_id);
            }),
            Reply::News { articles } => news(articles, xml),
            Reply::TransferCustomerService { kf_account } => {
                if let Some(account) = present(kf_account) {
                    xml.group("TransInfo", |xml| xml.text("KfAccount", account));
                }
            }
        }
    }
}

fn news(articles: &[Article], xml: &mut Writer) {
    let count = articles.len().min(ARTICLES_MAX);
    xml.number("ArticleCount", count);
    xml.group("Articles", |xml| {
        for article in articles.iter().take(count) {
            xml.group("item", |xml| {
                xml.text("Title", &article.title);
                xml.text("Description", &article.description);
                xml.text("PicUrl", &article.pic_url);
                xml.text("Url", &article.url);
            });
        }
    });
}

fn present(text: &Option<String>) -> Option<&str> {
    text.as_deref().filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::super::Article;
    use super::*;
    use crate::wechat::xml::{self, Element};
    use proptest::prelude::*;

    fn rendered(reply: &Reply) -> String {
        reply.render("oUnion0000000000000000000001", "gh_0123456789ab", 1_795_400_001)
    }

    fn body(reply: &Reply) -> String {
        let head = "<xml><ToUserName><![CDATA[oUnion0000000000000000000001]]></ToUserName>\
                    <FromUserName><![CDATA[gh_0123456789ab]]></FromUserName><CreateTime>1795400001</CreateTime>";
        let rendered = rendered(reply);
        rendered.strip_prefix(head).unwrap().strip_suffix("</xml>").unwrap().to_owned()
    }

    fn article(title: &str) -> Article {
        Article {
            title: title.into(),
            description: "周二手工课".into(),
            pic_url: "https://a/1.jpg".into(),
            url: "https://a/1".into(),
        }
    }

    #[test]
    fn every_type_is_written_as_wechat_reads_it() {
        let some = |text: &str| Some(text.to_owned());
        let m1 = || "m1".to_owned();
        for (reply, expected) in [
            (
                Reply::text("已收到"),
                "<MsgType><![CDATA[text]]></MsgType><Content><![CDATA[已收到]]></Content>",
            ),
            (
                Reply::Image { media_id: m1() },
                "<MsgType><![CDATA[image]]></MsgType><Image><MediaId><![CDATA[m1]]></MediaId></Image>",
            ),
            (
                Reply::Voice { media_id: m1() },
                "<MsgType><![CDATA[voice]]></MsgType><Voice><MediaId><![CDATA[m1]]></MediaId></Voice>",
            ),
            (
                Reply::Video { media_id: m1(), title: some("课程"), description: some("第一课") },
                "<MsgType><![CDATA[video]]></MsgType><Video><MediaId><![CDATA[m1]]></MediaId>\
                 <Title><![CDATA[课程]]></Title><Description><![CDATA[第一课]]></Description></Video>",
            ),
            (
                Reply::Video { media_id: m1(), title: None, description: some("") },
                "<MsgType><![CDATA[video]]></MsgType><Video><MediaId><![CDATA[m1]]></MediaId></Video>",
            ),
            (
                Reply::Music {
                    title: some("歌"),
                    description: some("d"),
                    url: some("https://a/1.mp3"),
                    hq_url: some("https://a/1h.mp3"),
                    thumb_media_id: "t1".into(),
                },
                "<MsgType><![CDATA[music]]></MsgType><Music><Title><![CDATA[歌]]></Title>\
                 <Description><![CDATA[d]]></Description><MusicUrl><![CDATA[https://a/1.mp3]]></MusicUrl>\
                 <HQMusicUrl><![CDATA[https://a/1h.mp3]]></HQMusicUrl>\
                 <ThumbMediaId><![CDATA[t1]]></ThumbMediaId></Music>",
            ),
            (
                Reply::News { articles: vec![article("报名")] },
                "<MsgType><![CDATA[news]]></MsgType><ArticleCount>1</ArticleCount><Articles><item>\
                 <Title><![CDATA[报名]]></Title><Description><![CDATA[周二手工课]]></Description>\
                 <PicUrl><![CDATA[https://a/1.jpg]]></PicUrl><Url><![CDATA[https://a/1]]></Url></item></Articles>",
            ),
            (
                Reply::TransferCustomerService { kf_account: some("staff1@ghdemo") },
                "<MsgType><![CDATA[transfer_customer_service]]></MsgType>\
                 <TransInfo><KfAccount><![CDATA[staff1@ghdemo]]></KfAccount></TransInfo>",
            ),
            (
                Reply::TransferCustomerService { kf_account: None },
                "<MsgType><![CDATA[transfer_customer_service]]></MsgType>",
            ),
        ] {
            assert_eq!(body(&reply), expected);
        }
    }

    #[test]
    fn what_shows_nothing_is_success() {
        for blank in ["", " \n", "\u{1}\u{fffe}"] {
            assert_eq!(rendered(&Reply::text(blank)), SUCCESS);
        }
        assert_eq!(rendered(&Reply::News { articles: vec![] }), SUCCESS);
    }

    #[test]
    fn articles_over_the_limit_are_left_out_and_the_count_agrees() {
        let articles = (0..12).map(|n| article(&n.to_string())).collect();
        let document = rendered(&Reply::News { articles });
        let root = xml::parse(document.as_bytes()).unwrap();
        assert_eq!(root.text_of("ArticleCount"), "8");
        assert_eq!(root.child("Articles").unwrap().children.len(), 8);
    }

    #[test]
    fn a_text_over_the_limit_is_cut_to_it() {
        let document = rendered(&Reply::text("民".repeat(1000)));
        let root = xml::parse(document.as_bytes()).unwrap();
        assert_eq!(root.text_of("Content"), "民".repeat(682));
    }

    #[test]
    fn a_reply_survives_storing() {
        let reply = Reply::News { articles: vec![article("报名")] };
        let bytes = rmp_serde::to_vec_named(&reply).unwrap();
        assert_eq!(rmp_serde::from_slice::<Reply>(&bytes).unwrap(), reply);
    }

    /// Every text of the document that is not a header.
    fn texts(element: &Element) -> Vec<String> {
        let below = element.children.iter().flat_map(texts);
        let own = element.children.is_empty().then(|| element.text.clone().into_owned());
        own.into_iter().chain(below).collect()
    }

    proptest! {
        #[test]
        fn any_content_reads_back_without_what_xml_forbids(
            words in proptest::collection::vec("字(\\PC|[\\x00-\\x1f<>&\\]]|😀){0,40}", 4),
        ) {
            let word = |n: usize| words[n].clone();
            let articles = vec![Article { title: word(0), description: word(1), pic_url: word(2), url: word(3) }];
            let replies = [
                Reply::Text { content: word(0) },
                Reply::Image { media_id: word(0) },
                Reply::Video { media_id: word(0), title: Some(word(1)), description: Some(word(2)) },
                Reply::News { articles },
                Reply::TransferCustomerService { kf_account: Some(word(0)) },
            ];
            for (reply, count) in replies.iter().zip([1, 1, 3, 4, 1]) {
                let document = rendered(reply);
                let found = texts(&xml::parse(document.as_bytes()).unwrap());
                let expected = words.iter().take(count).map(|word| allowed(word).into_owned());
                prop_assert!(found.iter().skip(found.len() - count).cloned().eq(expected), "{:?}", found);
            }
        }
    }
}
