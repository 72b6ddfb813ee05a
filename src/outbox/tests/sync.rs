use super::*;
use crate::domain::contact::record::Contact;
use crate::domain::followers::{PullState, get, request};
use crate::domain::tags::want;
use crate::wechat::api::{UserInfo, UserPage};

/// So many followers, in pages of 250; WeChat answers as the script says first.
struct Account {
    followers: usize,
    troubles: Mutex<VecDeque<Reaction>>,
    pages: Mutex<Vec<Option<String>>>,
}

const PAGE: usize = 250;

impl Account {
    fn trouble(&self) -> Result<(), Failure> {
        let reaction = self.troubles.lock().unwrap().pop_front();
        let failure =
            |reaction| Failure { call: "/cgi-bin/user/get", code: None, message: "no".to_owned(), reaction };
        reaction.map_or(Ok(()), |reaction| Err(failure(reaction)))
    }
}

impl Directory for Account {
    fn page<'a>(&'a self, next: Option<&'a str>) -> Boxed<'a, Result<UserPage, Failure>> {
        self.pages.lock().unwrap().push(next.map(str::to_owned));
        let from = next.map_or(0, |next| next[1..].parse::<usize>().unwrap() + 1);
        let openids: Vec<String> = (from..self.followers.min(from + PAGE)).map(|n| format!("o{n}")).collect();
        let next = openids.last().cloned();
        let page = UserPage { total: self.followers as u64, openids, next };
        Box::pin(std::future::ready(self.trouble().map(|()| page)))
    }

    fn infos<'a>(&'a self, openids: &'a [String]) -> Boxed<'a, Result<Vec<UserInfo>, Failure>> {
        let info = |openid: &String| UserInfo {
            follows: openid != "o7",
            openid: openid.clone(),
            tags: vec![101],
            subscribe_time: Some(1_700_000_000),
            ..UserInfo::default()
        };
        let infos = openids.iter().map(info).collect();
        Box::pin(std::future::ready(self.trouble().map(|()| infos)))
    }

    fn tag<'a>(&'a self, tag: u32, add: bool, openids: &'a [String]) -> Boxed<'a, Result<(), Failure>> {
        let tagged = self.trouble();
        if tagged.is_ok() {
            self.pages.lock().unwrap().push(Some(format!("tag {tag} {add} {}", openids.join(" "))));
        }
        Box::pin(std::future::ready(tagged))
    }
}

fn sync(place: &Place, troubles: impl IntoIterator<Item = Reaction>) -> (FollowerSync, Arc<Account>) {
    let troubles = Mutex::new(troubles.into_iter().collect());
    let account = Arc::new(Account { followers: 600, troubles, pages: Mutex::default() });
    let directory: Arc<dyn Directory> = Arc::<Account>::clone(&account);
    let sync = FollowerSync {
        store: place.store.clone(),
        directory,
        clock: Arc::new(place.clock.clone()),
        lanes: Lanes::new(&Rates { lookup: 100_000, ..Rates::default() }),
        stats: Stats::default(),
    };
    (sync, account)
}

#[tokio::test]
async fn everybody_is_pulled_with_tags_and_who_left_meanwhile_is_not() {
    let place = Place::new();
    let (sync, _) = sync(&place, []);
    assert!(!sync.pull().await.unwrap(), "nobody asked");
    place.run(|tx| request(tx, true)).await;
    while sync.pull().await.unwrap() {}
    let pull = place.run(|tx| get(tx)).await.unwrap();
    assert!(matches!(pull.state, PullState::Done { .. }));
    assert_eq!((pull.done, pull.total, pull.new), (600, 600, 599));
    assert_eq!(place.contact("o599").await.reach.tags, [101]);
    assert_eq!(place.run(|tx| tx.get(&CONTACTS, &FollowerId::new("o7"))).await, None);
}

#[tokio::test]
async fn a_restart_goes_on_after_the_last_page_that_was_written_down() {
    let place = Place::new();
    let (first, _) = sync(&place, []);
    place.run(|tx| request(tx, false)).await;
    assert!(first.pull().await.unwrap());
    let (second, account) = sync(&place, [Reaction::Retry]);
    assert!(second.pull().await.is_err(), "WeChat is busy");
    while second.pull().await.unwrap() {}
    let asked: Vec<Option<String>> = account.pages.lock().unwrap().clone();
    assert_eq!(asked[..2], [Some("o249".to_owned()), Some("o249".to_owned())]);
    assert_eq!(place.run(|tx| get(tx)).await.unwrap().done, 600);
}

#[tokio::test(start_paused = true)]
async fn a_wrong_setting_ends_it_with_words_for_an_operator() {
    let place = Place::new();
    let (sync, _) = sync(&place, [Reaction::Misconfigured("grant the right to read followers")]);
    place.run(|tx| request(tx, false)).await;
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let working = tokio::spawn(sync.run(stopped));
    loop {
        let pull = place.run(|tx| get(tx)).await.unwrap();
        if let PullState::Failed { why } = pull.state {
            assert!(why.contains("grant the right"), "{why}");
            break;
        }
        tokio::task::yield_now().await;
    }
    stop.send(true).unwrap();
    working.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn one_follower_whom_wechat_refuses_costs_the_others_no_tag_and_a_wrong_setting_nobody() {
    let place = Place::new();
    let address = Reaction::Misconfigured("add this machine's address");
    let (sync, account) = sync(&place, [address, Reaction::Permanent, Reaction::Permanent]);
    for who in ["oLeft", "oMei"] {
        place.run(move |tx| tx.put(&CONTACTS, &FollowerId::new(who), &Contact::new(tx.moment().now))).await;
        place.run(move |tx| want(tx, &FollowerId::new(who), 9, true)).await;
    }
    assert!(sync.pull().await.is_err(), "nothing is lost until it is mended");
    assert!(sync.pull().await.unwrap());
    assert!(!sync.pull().await.unwrap(), "nothing is left");
    assert_eq!(*account.pages.lock().unwrap(), [Some("tag 9 true oMei".to_owned())]);
    assert_eq!(place.contact("oMei").await.reach.tags, [9]);
    assert_eq!(place.contact("oLeft").await.reach.tags, Vec::<u32>::new());
}

#[tokio::test(start_paused = true)]
async fn a_tag_that_wechat_refuses_holds_up_nothing_and_one_that_it_is_too_busy_for_is_asked_again() {
    let place = Place::new();
    let (sync, account) = sync(&place, [Reaction::Permanent, Reaction::Retry]);
    for (tag, who) in [(7, "o1"), (9, "o1"), (9, "o2")] {
        place.run(move |tx| tx.put(&CONTACTS, &FollowerId::new(who), &Contact::new(tx.moment().now))).await;
        place.run(move |tx| want(tx, &FollowerId::new(who), tag, true)).await;
    }
    assert!(sync.pull().await.unwrap(), "refused for good: dropped");
    assert!(sync.pull().await.is_err(), "WeChat is busy");
    assert!(sync.pull().await.unwrap());
    assert!(!sync.pull().await.unwrap(), "nothing is left");
    assert_eq!(*account.pages.lock().unwrap(), [Some("tag 9 true o1 o2".to_owned())]);
    assert_eq!(place.contact("o1").await.reach.tags, [9]);
}
