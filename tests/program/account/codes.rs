//! A picture to check in by: WeChat's own code where WeChat makes one, the words to send where it doesn't.

use std::path::Path;

use serde_json::json;

use super::Deployment;
use super::platform::refusal;
use crate::site::activity;

const URL: &str = "http://weixin.qq.com/q/02gQ2Ygqxw8vH10000";

/// What the picture's QR code says.
fn says(picture: &Path) -> String {
    let grey = image::open(picture).unwrap().into_luma8();
    let (width, height) = (grey.width() as usize, grey.height() as usize);
    let dot = |x, y| grey.get_pixel(x as u32, y as u32).0[0];
    let mut prepared = rqrr::PreparedImage::prepare_from_greyscale(width, height, dot);
    let grids = prepared.detect_grids();
    grids[0].decode().unwrap().1
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_scans_the_picture_is_checked_in_by_wechat_s_own_code() {
    let deployment = tokio::task::spawn_blocking(Deployment::new).await.unwrap();
    let service = deployment.site.serve();
    let id = service.open_activity(&activity("讲座", 5, 0, json!([]))).await;
    let picture = deployment.path("code.png");
    let show = || {
        let file = picture.to_str().unwrap();
        let args = ["activity", "check-in", &id, "-o", file, "--server", &service.base];
        deployment.run(&args).done();
        says(&picture)
    };
    deployment.platform.answers("/qrcode/create", refusal(-1, "system error"));
    let words = show();
    let digits = words.strip_prefix("签到 ").unwrap_or_else(|| panic!("{words}"));
    assert!(digits.len() == 6 && digits.bytes().all(|digit| digit.is_ascii_digit()), "{words}");

    let made = json!({ "ticket": "gQH47joAAAA", "expire_seconds": 300, "url": URL });
    deployment.platform.answers("/qrcode/create", made);
    assert_eq!(show(), URL);
    tokio::task::spawn_blocking(move || drop((service, deployment))).await.unwrap();
}
