//! Signing in and out, sessions and how they end, languages, and forms that other pages send.

use super::browser::Browser;
use crate::support::app::TestApp;
use crate::support::on_every_engine;
use chitra::app::access::Role;
use chitra::app::sessions::{IDLE_US, LASTS_US};
use std::collections::BTreeMap;

on_every_engine!(
    a_key_opens_a_session_and_sign_out_ends_it,
    a_wrong_key_is_told_so_and_opens_nothing,
    a_revoked_key_ends_its_sessions,
    a_session_ends_by_itself,
    a_session_is_known_to_another_server,
    a_form_of_another_page_is_not_taken,
    a_page_is_told_in_the_language_of_its_reader,
    what_a_page_needs_is_our_own_and_kept,
    a_demonstration_lets_in_and_nothing_else_does,
    whoever_may_not_open_a_page_is_told_so,
);

async fn a_key_opens_a_session_and_sign_out_ends_it(test: TestApp) {
    let mut browser = Browser::new(&test);
    browser.get("/").await.leads_to("/sign-in");
    let key = test.key(Role::Supervisor, None, None).await;
    let page = browser.get("/sign-in?next=/docs").await.is(200);
    assert!(!page.text.contains(&key));
    let sent = [("form_token", page.form_token()), ("key", format!(" {key} ")), ("next", "/docs".to_owned())];
    let sent: Vec<(&str, &str)> = sent.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let answer = browser.post("/sign-in", &sent).await.leads_to("/docs");
    let cookies: Vec<&str> = answer.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap()).collect();
    let session = cookies.iter().find(|cookie| cookie.starts_with("chitra=")).unwrap();
    for part in ["HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=43200"] {
        assert!(session.contains(part), "{session}");
    }
    // The cookie is not what is stored, and no key is in it.
    let value = browser.cookies["chitra"].clone();
    assert!(value.len() == 64 && !key.contains(&value));

    browser.get("/sign-in").await.leads_to("/");
    let error = browser.get("/sign-in?next=//evil.example").await;
    error.leads_to("/");
    let form = signed_in_token(&mut browser).await;
    browser.post("/sign-out", &[("form_token", &form)]).await.leads_to("/sign-in");
    assert_eq!(browser.cookies.get("chitra"), None);
    // The old cookie opens nothing either.
    browser.cookies.insert("chitra".to_owned(), value);
    browser.get("/").await.leads_to("/sign-in");
}

/// The form's token as a page of the session gives it: the error page has the sign-out form too.
async fn signed_in_token(browser: &mut Browser) -> String {
    browser.get("/assets/0/none").await.is(404).form_token()
}

async fn a_wrong_key_is_told_so_and_opens_nothing(test: TestApp) {
    let mut browser = Browser::new(&test);
    let form = browser.get("/sign-in").await.is(200).form_token();
    let long = format!("chitra_{}_{}", "a".repeat(12), "b".repeat(64));
    for wrong in ["", "chitra", long.as_str(), "\u{1f600}"] {
        let page = browser.post("/sign-in", &[("form_token", &form), ("key", wrong)]).await.is(401);
        page.says("This key is not valid");
        page.keeps_back(&long);
    }
    assert_eq!(browser.cookies.get("chitra"), None);
    browser.get("/").await.leads_to("/sign-in");
    for broken in ["0", "zz", &"f".repeat(64), &"f".repeat(101)] {
        browser.cookies.insert("chitra".to_owned(), broken.to_owned());
        browser.get("/").await.leads_to("/sign-in");
    }
}

async fn a_revoked_key_ends_its_sessions(test: TestApp) {
    let key = test.key(Role::Supervisor, None, None).await;
    let mut browser = Browser::with_key(&test, &key).await;
    let first = browser.get("/").await.header("location").to_owned();
    assert_ne!(first, "/sign-in");
    assert!(test.app.keys.revoke(key.split('_').nth(1).unwrap()).await.unwrap());
    // What was looked up is trusted for a second; another server that did not look it up knows at once.
    let twin = test.twin().await;
    assert!(twin.session(&browser.cookies["chitra"]).await.unwrap().is_none());
}

async fn a_session_ends_by_itself(test: TestApp) {
    let start = test.app.clock.now_us();
    let mut browser = Browser::signed_in(&test, Role::Auditor).await;
    let token = browser.cookies["chitra"].clone();
    let mut moved = start;
    // Used now and then it lives on, up to its end.
    while moved + IDLE_US - 1 < start + LASTS_US {
        moved += IDLE_US - 1;
        test.clock.set_us(moved);
        assert!(test.app.session(&token).await.unwrap().is_some(), "{moved}");
    }
    test.clock.set_us(start + LASTS_US);
    browser.get("/").await.leads_to("/sign-in");
    let mut idle = Browser::signed_in(&test, Role::Auditor).await;
    test.clock.set_us(start + LASTS_US + IDLE_US);
    idle.get("/").await.leads_to("/sign-in");
}

async fn a_session_is_known_to_another_server(test: TestApp) {
    let browser = Browser::signed_in(&test, Role::Clerk).await;
    let token = browser.cookies["chitra"].clone();
    let twin = test.twin().await;
    let session = twin.session(&token).await.unwrap().unwrap();
    assert_eq!(session.principal.role, Role::Clerk);
    twin.sign_out(&token).await.unwrap();
    assert!(test.app.session(&token).await.unwrap().is_none(), "at once, on each server");
}

async fn a_form_of_another_page_is_not_taken(test: TestApp) {
    let mut browser = Browser::signed_in(&test, Role::Supervisor).await;
    let own = signed_in_token(&mut browser).await;
    let others = {
        let mut other = Browser::signed_in(&test, Role::Supervisor).await;
        signed_in_token(&mut other).await
    };
    for token in ["", "x", others.as_str()] {
        let page = browser.post("/sign-out", &[("form_token", token)]).await.is(403);
        page.says("form-not-ours");
    }
    browser.origin = Some("https://evil.example".to_owned());
    browser.post("/sign-out", &[("form_token", &own)]).await.is(403).says("form-not-ours");
    browser.origin = Some("null".to_owned());
    browser.post("/sign-out", &[("form_token", &own)]).await.is(403);
    browser.origin = None;
    browser.get("/sign-in").await.leads_to("/");
    // Nor can another page sign somebody in as somebody else.
    let mut stranger = Browser::new(&test);
    let form = stranger.get("/sign-in").await.form_token();
    let key = test.key(Role::Analyst, None, None).await;
    stranger.cookies.clear();
    stranger.post("/sign-in", &[("form_token", &form), ("key", &key)]).await.is(403).says("HTTPS");
    assert_eq!(stranger.cookies.get("chitra"), None);
    let form = stranger.get("/sign-in").await.form_token();
    stranger.origin = Some("https://evil.example".to_owned());
    stranger.post("/sign-in", &[("form_token", &form), ("key", &key)]).await.is(403);
    assert_eq!(stranger.cookies.get("chitra"), None);
}

async fn a_page_is_told_in_the_language_of_its_reader(test: TestApp) {
    let mut browser = Browser::new(&test);
    browser.get("/sign-in").await.says("lang=\"en\"").says("Sign in");
    browser.language = "de, vi;q=0.5";
    browser.get("/sign-in").await.says("lang=\"vi\"").says("Đăng nhập");
    browser.language = "de";
    browser.get("/sign-in").await.says("lang=\"vi\"");
    browser.get("/sign-in?next=/docs&lang=en").await.leads_to("/sign-in?next=/docs");
    browser.get("/sign-in").await.says("lang=\"en\"");
    browser.get("/sign-in?lang=vi").await.leads_to("/sign-in");
    browser.get("/sign-in").await.says("lang=\"vi\"");
    browser.get("/sign-in?lang=xx").await.is(200).says("lang=\"vi\"");
}

async fn what_a_page_needs_is_our_own_and_kept(test: TestApp) {
    let mut browser = Browser::new(&test);
    let page = browser.get("/sign-in").await.is(200);
    let policy = page.header("content-security-policy");
    for part in ["default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "form-action 'self'"] {
        assert!(policy.contains(part), "{policy}");
    }
    assert!(!policy.contains("unsafe"), "{policy}");
    assert_eq!(page.header("x-content-type-options"), "nosniff");
    assert_eq!(page.header("referrer-policy"), "same-origin");
    assert_eq!(page.header("cache-control"), "no-store");
    page.keeps_back("<style").keeps_back(" style=\"").keeps_back("onclick").keeps_back("http://");
    let found: Vec<String> =
        page.text.split('"').filter(|part| part.starts_with("/assets/")).map(str::to_owned).collect();
    let kinds: BTreeMap<&str, &str> =
        [("css", "text/css; charset=utf-8"), ("js", "text/javascript; charset=utf-8"), ("svg", "image/svg+xml")].into();
    assert!(found.len() >= 3);
    for address in found {
        let asset = browser.get(&address).await.is(200);
        assert_eq!(asset.header("content-type"), kinds[address.rsplit('.').next().unwrap()], "{address}");
        assert!(!asset.bytes.is_empty() && asset.bytes.len() < 40_000, "{address}");
        assert_eq!(asset.header("x-content-type-options"), "nosniff");
    }
    browser.get("/assets/0000000000000000/style.css").await.is(404);
    // Operations are tried out in a sandbox alone.
    let docs = browser.get("/docs").await.is(200);
    let policy = docs.header("content-security-policy");
    assert!(policy.contains("default-src 'none'") && !policy.contains("script-src"), "{policy}");
    assert!(!policy.contains("unsafe"), "{policy}");
    docs.keeps_back("<script");
    browser.get("/assets/..%2f..%2fCargo.toml/style.css").await.is(404);
}

async fn a_demonstration_lets_in_and_nothing_else_does(test: TestApp) {
    let mut browser = Browser::new(&test);
    let page = browser.get("/sign-in").await.is(200);
    page.keeps_back("name=\"role\"");
    let sent = [("form_token", page.form_token()), ("role", "supervisor".to_owned())];
    let sent: Vec<(&str, &str)> = sent.iter().map(|(name, value)| (*name, value.as_str())).collect();
    browser.post("/sign-in", &sent).await.is(401);
    assert_eq!(browser.cookies.get("chitra"), None);

    let key = test.key(Role::Supervisor, None, None).await;
    let doors = BTreeMap::from([("supervisor", key.split('_').nth(1).unwrap().to_owned())]);
    assert!(test.app.doors.set(doors).is_ok());
    browser.get("/sign-in").await.is(200).says("value=\"supervisor\"").says("made up");
    browser.post("/sign-in", &[("form_token", &page.form_token()), ("role", "clerk")]).await.is(401);
    browser.post("/sign-in", &sent).await.leads_to("/");
    assert!(browser.cookies.contains_key("chitra"));
}

async fn whoever_may_not_open_a_page_is_told_so(test: TestApp) {
    use chitra::http::pages::ROUTES;
    use chitra::pages::frame::Door;
    for role in Role::ALL {
        let mut browser = Browser::signed_in(&test, role).await;
        let token = browser.cookies["chitra"].clone();
        let principal = test.app.session(&token).await.unwrap().unwrap().principal;
        // A live stream has no end.
        let has_end = |page: &&chitra::http::pages::PageRoute| !page.path.contains('{') && page.path != "/live";
        for page in ROUTES.iter().filter(|page| page.method == "GET").filter(has_end) {
            let answer = browser.get(page.path).await;
            let is_refused = answer.status == 403;
            assert_eq!(is_refused, !page.door.is_open_to(&principal), "{role} {}: {}", page.path, answer.status);
            assert!(answer.status < 500, "{role} {}: {}", page.path, answer.text);
        }
    }
    let mut nobody = Browser::new(&test);
    for page in ROUTES.iter().filter(|page| !matches!(page.door, Door::Anybody)) {
        let answer = if page.method == "GET" { nobody.get(page.path).await } else { nobody.post(page.path, &[]).await };
        assert_eq!(answer.status, 303, "{}", page.path);
        assert!(answer.header("location").starts_with("/sign-in"), "{}", page.path);
    }
}
