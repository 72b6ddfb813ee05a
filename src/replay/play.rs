//! A story told to a service of its own.

use super::platform::Deliveries;
use super::service::Service;
use super::story::{AskedInVain, Before, Story, Telling};
use super::{Report, acts, bless, diff, gallery, prepare};
use crate::domain::tables::OUTBOX;
use crate::domain::timers::fire_due;
use crate::staff::consistency::audit;
use crate::staff::{Caller, Role, question};

pub async fn tell(story: &Story, blessing: bool, report: &mut Report) {
    if let Err(problem) = played(story, blessing, report).await {
        report.fail(story.place(), problem);
    }
}

async fn played(story: &Story, blessing: bool, report: &mut Report) -> Result<(), String> {
    let setting = &story.setting;
    let prepared = setting.prepared.unwrap_or(setting.starts);
    let service = Service::start(setting.mode, prepared, setting.desk, setting.public_url.as_deref())?;
    service.give_desks(&setting.district_desk)?;
    let mut forms =
        prepare::prepare(&service, setting, &story.folder).await.map_err(|undone| undone.to_string())?;
    service.clock.set(setting.starts);
    let deliveries = setting.deliver.then(|| Deliveries::new(&service, &setting.wechat_says));
    for (index, step) in story.steps.iter().enumerate() {
        if index > 0 {
            service.clock.advance(setting.pace.0);
            work(&service, deliveries.as_ref()).await?;
        }
        for Before { event, .. } in setting.before.iter().filter(|before| before.step == step.number) {
            let happened = acts::happen(&service, event, &mut forms, &story.folder).await;
            happened.map_err(|undone| format!("before step {}: {undone}", step.name))?;
            work(&service, deliveries.as_ref()).await?;
        }
        let answer = service.post(&step.message).await.map_err(|error| format!("{}: {error}", step.name))?;
        report.posts += 1;
        work(&service, deliveries.as_ref()).await?;
        let Some(differs) = diff::lines(&step.expected, &answer) else { continue };
        if blessing {
            bless::reply(&story.reply_file(step), &answer)?;
            report.blessed.push(story.reply_file(step).display().to_string());
        } else {
            report.fail(format!("{}, step {}", story.place(), step.name), differs);
        }
    }
    let calls = deliveries.map(|deliveries| deliveries.calls()).unwrap_or_default();
    // Several at a time go out in any order; each follower's don't.
    let calls = [&setting.expect_calls, &calls].map(|calls| {
        let mut calls: Vec<_> = calls.iter().collect();
        calls.sort_by_key(|call| &call.to);
        calls.into_iter().map(bless::call).collect()
    });
    check(story, bless::CALLS, calls, blessing, report)?;
    let rows =
        [&setting.expect_outbox, &outbox(&service).await?].map(|r| r.iter().map(bless::telling).collect());
    check(story, bless::OUTBOX, rows, blessing, report)?;
    if let Some(expected) = &setting.expect_missed {
        let missed =
            [expected, &missed(&service).await?].map(|list| list.iter().map(bless::missed).collect());
        check(story, bless::MISSED, missed, blessing, report)?;
    }
    let audit = audit(&service.store, service.moment()).await.map_err(|error| error.to_string())?;
    if !audit.broken.is_empty() {
        report.fail(format!("{}, audit", story.place()), audit.broken.join("\n"));
    }
    service.store.close().await.map_err(|error| error.to_string())
}

/// What the service does between two messages.
async fn work(service: &Service, deliveries: Option<&Deliveries>) -> Result<(), String> {
    fire_due(&service.store, || service.moment()).await.map_err(|error| error.to_string())?;
    gallery::fetch(service).await?;
    match deliveries {
        Some(deliveries) => deliveries.work().await,
        None => Ok(()),
    }
}

/// What a list of `story.toml` says, and what there is.
fn check(
    story: &Story,
    name: &str,
    [expected, found]: [Vec<String>; 2],
    blessing: bool,
    report: &mut Report,
) -> Result<(), String> {
    let Some(differs) = diff::lines(&expected.join("\n"), &found.join("\n")) else { return Ok(()) };
    if blessing {
        let file = story.folder.join("story.toml");
        bless::list(&file, name, &found)?;
        report.blessed.push(file.display().to_string());
    } else {
        report.fail(format!("{}, {name}", story.place()), differs);
    }
    Ok(())
}

async fn missed(service: &Service) -> Result<Vec<AskedInVain>, String> {
    let who = Caller::new("faq-editor", vec![Role::Case]);
    let listed = question::list(&service.call(who)).await;
    let listed = listed.map_err(|error| error.to_string())?;
    Ok(listed
        .questions
        .into_iter()
        .map(|asked| AskedInVain { text: asked.text, count: asked.count })
        .collect())
}

async fn outbox(service: &Service) -> Result<Vec<Telling>, String> {
    let (mut rows, mut after) = (Vec::new(), None);
    loop {
        let page = service.store.read(service.moment(), move |tx| tx.scan(&OUTBOX, &(), after.as_ref(), 500));
        let page = page.await.map_err(|error| error.to_string())?;
        rows.extend(page.rows.into_iter().map(|(_, row)| Telling {
            follower: row.to.as_str().to_owned(),
            notice: row.notice.name().to_owned(),
            state: row.state.name().to_owned(),
        }));
        after = page.next;
        if after.is_none() {
            return Ok(rows);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use crate::replay::{Options, Report, run};

    const SETTING: &str = "about = \"x\"\nstarts = \"2026-11-25T09:00:00+08:00\"\n";
    const FOLLOW: &str = "<xml><ToUserName>gh_0123456789ab</ToUserName><FromUserName>oMei</FromUserName>\
        <CreateTime>1795568400</CreateTime><MsgType>event</MsgType><Event>subscribe</Event></xml>";

    fn story(setting: &str, message: &str, reply: &str) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let files = [("story.toml", setting), ("01-a.xml", message), ("01-a.reply.xml", reply)];
        files.iter().for_each(|(name, text)| fs::write(folder.path().join(name), text).unwrap());
        folder
    }

    async fn replayed(folder: &Path, bless: bool) -> Report {
        run(&[folder.to_owned()], &Options { bless, remote: None }).await.unwrap()
    }

    #[tokio::test]
    async fn another_answer_fails_until_it_is_blessed() {
        let story = story(SETTING, FOLLOW, "<xml/>\n");
        let report = replayed(story.path(), false).await;
        assert_eq!(report.failures.len(), 1);
        let failure = &report.failures[0];
        assert!(failure.place.ends_with("step 01-a"), "{}", failure.place);
        assert!(failure.what.starts_with("- <xml/>\n+ <xml>"), "{}", failure.what);

        assert_eq!(replayed(story.path(), true).await.blessed.len(), 1);
        assert!(replayed(story.path(), false).await.is_fine());
    }

    #[tokio::test]
    async fn rows_of_the_outbox_that_never_came_are_told() {
        let row = "expect_outbox = [{ follower = \"oMei\", notice = \"promoted\", state = \"told\" }]\n";
        let story = story(&format!("{SETTING}{row}"), "no message", "HTTP 400\n");
        let report = replayed(story.path(), false).await;
        assert_eq!(report.failures.len(), 1);
        assert!(report.failures[0].what.contains("- { follower = \"oMei\""), "{:?}", report.failures);
    }

    #[tokio::test]
    async fn an_activity_that_staff_could_not_make_is_told_by_field() {
        let activity = "[[activity]]\nwith = { titel = \"x\" }\n";
        let story = story(&format!("{SETTING}{activity}"), FOLLOW, "");
        let report = replayed(story.path(), false).await;
        assert!(report.failures[0].what.contains("titel"), "{:?}", report.failures);
    }
}
