//! Sign-in by a provider, tried against one made here: the good way, every answer that is none, who has no place, and tokens for the API.

use super::browser::{Browser, Page};
use crate::support::app::TestApp;
use crate::support::banks::pair;
use crate::support::on_every_engine;
use crate::support::verbs::WARD;
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use chitra::app::access::Role;
use chitra::app::oidc::Oidc;
use chitra::app::oidc::settings::OidcSettings;
use ring::signature::KeyPair;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::net::TcpListener;
use std::sync::{Arc, Mutex};

on_every_engine!(
    a_person_signs_in_by_the_provider_with_the_reach_of_the_claims,
    an_answer_that_is_no_good_opens_nothing,
    a_code_and_an_answer_are_good_once_and_in_one_browser,
    whoever_has_no_place_here_is_told_so,
    a_provider_may_change_its_key_or_be_away,
    without_a_provider_there_is_no_way_to_it,
);

/// What the provider knows and does.
#[derive(Default)]
struct Said {
    issuer: String,
    /// Code to what is put into its token, and the challenge that its verifier must fit.
    codes: BTreeMap<String, (Value, String)>,
    /// Of the tokens to come.
    head: Option<Value>,
    key: String,
    is_away: bool,
    asked: u32,
}

pub(super) struct Provider {
    said: Arc<Mutex<Said>>,
    issuer: String,
}

type Shared = web::Data<Mutex<Said>>;

pub(super) fn token(key: &str, head: &Value, claims: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!("{}.{}", part(head), part(claims));
    let signature = URL_SAFE_NO_PAD.encode(pair(key).sign(signed.as_bytes()).as_ref());
    format!("{signed}.{signature}")
}

async fn discovery(said: Shared) -> HttpResponse {
    let mut said = said.lock().unwrap();
    said.asked += 1;
    if said.is_away {
        return HttpResponse::InternalServerError().finish();
    }
    let at = |path: &str| format!("{}{path}", said.issuer);
    HttpResponse::Ok().json(json!({"issuer": said.issuer, "authorization_endpoint": at("/authorize?theme=plain"),
        "token_endpoint": at("/token"), "jwks_uri": at("/keys")}))
}

async fn keys(said: Shared) -> HttpResponse {
    let key = said.lock().unwrap().key.clone();
    let x = URL_SAFE_NO_PAD.encode(pair(&key).public_key().as_ref());
    HttpResponse::Ok()
        .json(json!({"keys": [{"kty": "oct", "k": "AA"}, {"kty": "OKP", "crv": "Ed25519", "kid": key, "x": x}]}))
}

async fn redeem(said: Shared, request: HttpRequest, form: web::Form<BTreeMap<String, String>>) -> HttpResponse {
    let mut said = said.lock().unwrap();
    let refused = |error: &str| HttpResponse::BadRequest().json(json!({"error": error}));
    let client = format!("Basic {}", STANDARD.encode("chitra:s%20e"));
    if request.headers().get("authorization").and_then(|value| value.to_str().ok()) != Some(&client) {
        return refused("invalid_client");
    }
    // A code is good once.
    let Some((claims, challenge)) = said.codes.remove(&form["code"]) else { return refused("invalid_grant") };
    let made = URL_SAFE_NO_PAD.encode(Sha256::digest(form["code_verifier"].as_bytes()));
    if made != challenge
        || !form["redirect_uri"].ends_with("/sign-in/oidc/back")
        || form["grant_type"] != "authorization_code"
    {
        return refused("invalid_grant");
    }
    let head = said.head.clone().unwrap_or_else(|| json!({"alg": "EdDSA", "kid": said.key}));
    HttpResponse::Ok().json(json!({"token_type": "Bearer", "id_token": token(&said.key, &head, &claims)}))
}

pub(super) const SETTINGS: &str = r#"
client_id = "chitra"
client_secret = "s e"
algorithm = "EdDSA"
name = "the province's sign-in"
role_claim = "realm.roles"
api_audience = "chitra-api"
roles = [
  { value = "chief", role = "supervisor", units = "all" },
  { value = "clerks", role = "clerk" },
  { value = "vcb", role = "bank", bank = "vcb" },
  { value = "banks", role = "bank" },
]
"#;

impl Provider {
    /// One that the server knows.
    pub(super) fn of(test: &TestApp) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let issuer = format!("http://{}/realms/one", listener.local_addr().unwrap());
        let said = Arc::new(Mutex::new(Said { issuer: issuer.clone(), key: "idp-1".to_owned(), ..Said::default() }));
        let data = web::Data::from(Arc::clone(&said));
        let server = HttpServer::new(move || {
            App::new()
                .app_data(data.clone())
                .route("/realms/one/.well-known/openid-configuration", web::get().to(discovery))
                .route("/realms/one/keys", web::get().to(keys))
                .route("/realms/one/token", web::post().to(redeem))
        });
        tokio::spawn(server.workers(1).disable_signals().listen(listener).unwrap().run());
        let text = format!("issuer = \"{issuer}\"\naddress = \"http://{}\"\n{SETTINGS}", test.address());
        let settings = OidcSettings::parse(&text, &test.app.profile).unwrap();
        assert!(test.app.oidc.set(Oidc::new(settings)).is_ok());
        Self { said, issuer }
    }

    /// Claims of a clerk of the ward, now.
    pub(super) fn claims(&self, test: &TestApp, audience: &str) -> Value {
        let now = test.app.clock.now().as_second();
        json!({"iss": self.issuer, "aud": audience, "sub": "lan-1", "preferred_username": "lan", "iat": now, "exp": now + 300,
            "realm": {"roles": ["people", "clerks"]}, "chitra_unit": "C20341"})
    }

    /// Somebody signs in here, in the browser that was sent; answers the address that the browser is sent back to.
    fn sends_back(&self, to: &str, claims: Value) -> String {
        let (address, query) = to.split_once('?').unwrap();
        assert_eq!(address, format!("{}/authorize", self.issuer));
        let asked = web::Query::<BTreeMap<String, String>>::from_query(query).unwrap().into_inner();
        assert_eq!(
            (asked["theme"].as_str(), asked["response_type"].as_str(), asked["scope"].as_str()),
            ("plain", "code", "openid profile")
        );
        assert_eq!(asked["code_challenge_method"], "S256");
        let mut said = self.said.lock().unwrap();
        let code = format!("code-{}", said.codes.len());
        let mut claims = claims;
        if claims.get("nonce").is_none() {
            claims["nonce"] = json!(asked["nonce"]);
        }
        said.codes.insert(code.clone(), (claims, asked["code_challenge"].clone()));
        format!("/sign-in/oidc/back?code={code}&state={}", asked["state"])
    }

    /// All of a sign-in.
    async fn signs_in(&self, browser: &mut Browser, next: &str, claims: Value) -> Page {
        let sent = browser.get(&format!("/sign-in/oidc?next={next}")).await.is(303);
        let back = self.sends_back(sent.header("location"), claims);
        browser.get(&back).await
    }
}

async fn a_person_signs_in_by_the_provider_with_the_reach_of_the_claims(test: TestApp) {
    let provider = Provider::of(&test);
    test.pension_of("QN-1", WARD).await;
    let mut browser = Browser::new(&test);
    browser
        .get("/sign-in?next=/payments")
        .await
        .is(200)
        .says("href=\"/sign-in/oidc?next=/payments\"")
        .says("the province");
    let claims = provider.claims(&test, "chitra");
    let answer = provider.signs_in(&mut browser, "/payments", claims.clone()).await.leads_to("/payments");
    let cookies: Vec<&str> = answer.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap()).collect();
    assert!(cookies.iter().any(|cookie| cookie.starts_with("chitra=") && cookie.contains("HttpOnly")), "{cookies:?}");
    assert_eq!(browser.cookies.get("chitra-attempt"), None);
    let head = test.head().await;
    browser
        .get(&format!("/payments?min_position={head}"))
        .await
        .is(200)
        .says("P-QN-1")
        .says("<b>lan</b>")
        .says("Clerk");
    let session = test.app.session(&browser.cookies["chitra"]).await.unwrap().unwrap();
    assert_eq!(session.principal.role, Role::Clerk);
    assert_eq!(session.principal.unit.as_ref().map(AsRef::as_ref), Some("C20341"));
    // The same person is the same actor; nobody knows a secret of the entry.
    let mut again = Browser::new(&test);
    provider.signs_in(&mut again, "", claims.clone()).await.leads_to("/");
    let other = test.app.session(&again.cookies["chitra"]).await.unwrap().unwrap();
    assert_eq!(other.principal.key_id, session.principal.key_id);
    assert!(session.principal.key_id.starts_with("oidc-") && !session.principal.key_id.contains("lan"));
    // Another unit is another entry, and another host is no way on.
    let mut moved = claims;
    moved["chitra_unit"] = json!("P48");
    let mut third = Browser::new(&test);
    provider.signs_in(&mut third, "//evil.example", moved).await.leads_to("/");
    let third = test.app.session(&third.cookies["chitra"]).await.unwrap().unwrap();
    assert_ne!(third.principal.key_id, session.principal.key_id);
    // The operator ends it as any key.
    assert!(test.app.keys.revoke(&session.principal.key_id).await.unwrap());
    let twin = test.twin().await;
    assert!(twin.session(&browser.cookies["chitra"]).await.unwrap().is_none());
}

async fn an_answer_that_is_no_good_opens_nothing(test: TestApp) {
    let provider = Provider::of(&test);
    let good = provider.claims(&test, "chitra");
    let now = test.app.clock.now().as_second();
    let claims = |name: &str, value: Value| {
        let mut claims = good.clone();
        claims[name] = value;
        claims
    };
    for wrong in [
        claims("nonce", json!("another")),
        claims("aud", json!("another")),
        claims("aud", json!(["chitra", "another"])),
        claims("exp", json!(now - 61)),
        claims("iat", json!(now + 61)),
        claims("iss", json!("https://another.example")),
        claims("iss", json!(format!("{}/", provider.issuer))),
        claims("sub", json!("")),
    ] {
        let mut browser = Browser::new(&test);
        let page = provider.signs_in(&mut browser, "", wrong.clone()).await;
        assert_eq!(page.status, 401, "{wrong}");
        page.says("is not good");
        assert_eq!(browser.cookies.get("chitra"), None, "{wrong}");
    }
    for head in [
        json!({"alg": "none"}),
        json!({"alg": "HS256", "kid": "idp-1"}),
        json!({"alg": "RS256", "kid": "idp-1"}),
        json!({"alg": "EdDSA", "kid": "idp-9"}),
    ] {
        provider.said.lock().unwrap().head = Some(head.clone());
        let mut browser = Browser::new(&test);
        assert_eq!(provider.signs_in(&mut browser, "", good.clone()).await.status, 401, "{head}");
        assert_eq!(browser.cookies.get("chitra"), None, "{head}");
    }
    provider.said.lock().unwrap().head = None;
    let mut browser = Browser::new(&test);
    provider.signs_in(&mut browser, "", good).await.leads_to("/");
}

async fn a_code_and_an_answer_are_good_once_and_in_one_browser(test: TestApp) {
    let provider = Provider::of(&test);
    let mut browser = Browser::new(&test);
    let sent = browser.get("/sign-in/oidc").await.is(303);
    let attempt = browser.cookies["chitra-attempt"].clone();
    let back = provider.sends_back(sent.header("location"), provider.claims(&test, "chitra"));
    // Another browser is not signed in by it, and does not use it up.
    let mut other = Browser::new(&test);
    other.get(&back).await.is(403).says("not begun here");
    other.get("/sign-in/oidc").await.is(303);
    other.get(&back).await.is(403);
    assert_eq!(other.cookies.get("chitra"), None);
    browser.get(&back).await.leads_to("/");
    browser.cookies.remove("chitra");
    browser.get(&back).await.is(403).says("not begun here");
    browser.cookies.insert("chitra-attempt".to_owned(), attempt);
    browser.get(&back).await.is(401).says("is not good");
    assert_eq!(browser.cookies.get("chitra"), None);
    for query in ["", "code=x", "state=x", "error=access_denied&state=x", "code=x&state=."] {
        browser.get(&format!("/sign-in/oidc/back?{query}")).await.is(403);
    }
    // Whoever says no there is not in here.
    let sent = browser.get("/sign-in/oidc").await.is(303);
    let state = sent.header("location").split("&state=").nth(1).unwrap().split('&').next().unwrap().to_owned();
    browser.get(&format!("/sign-in/oidc/back?error=access_denied&state={state}")).await.is(403).says("no role here");
}

async fn whoever_has_no_place_here_is_told_so(test: TestApp) {
    let provider = Provider::of(&test);
    let good = provider.claims(&test, "chitra");
    for (roles, more) in [
        (json!(["people"]), json!({})),
        (json!([]), json!({})),
        (json!("clerk"), json!({})),
        (json!(["clerks"]), json!({"chitra_unit": null})),
        (json!(["clerks"]), json!({"chitra_unit": ["C20341", "P48"]})),
        (json!(["clerks"]), json!({"chitra_unit": "nowhere"})),
        (json!(["clerks"]), json!({"chitra_unit": "all"})),
        (json!(["banks"]), json!({})),
        (json!(["banks"]), json!({"chitra_bank": "no-bank"})),
    ] {
        let mut claims = good.clone();
        claims["realm"]["roles"] = roles.clone();
        for (name, value) in more.as_object().unwrap() {
            claims[name] = value.clone();
        }
        let mut browser = Browser::new(&test);
        let page = provider.signs_in(&mut browser, "", claims).await;
        assert_eq!(page.status, 403, "{roles} {more}");
        page.says("no role here");
        assert_eq!(browser.cookies.get("chitra"), None);
    }
    assert!(test.app.keys.list().await.unwrap().iter().all(|key| !key.key_id.starts_with("oidc-")));
    for (role, reach) in [("chief", Role::Supervisor), ("vcb", Role::Bank)] {
        let mut claims = good.clone();
        claims["realm"]["roles"] = json!([role]);
        let mut browser = Browser::new(&test);
        provider.signs_in(&mut browser, "", claims.clone()).await.leads_to("/");
        let principal = test.app.session(&browser.cookies["chitra"]).await.unwrap().unwrap().principal;
        assert_eq!((principal.role, principal.unit), (reach, None));
        assert_eq!(principal.bank.is_some(), reach == Role::Bank);
        // Shut out here, whatever the provider says.
        assert!(test.app.keys.revoke(&principal.key_id).await.unwrap());
        tokio::time::sleep(std::time::Duration::from_millis(1_050)).await;
        provider.signs_in(&mut Browser::new(&test), "", claims).await.is(403).says("no role here");
    }
}

async fn a_provider_may_change_its_key_or_be_away(test: TestApp) {
    let provider = Provider::of(&test);
    provider.said.lock().unwrap().is_away = true;
    let mut browser = Browser::new(&test);
    browser.get("/sign-in/oidc").await.is(503).says("no good answer");
    provider.said.lock().unwrap().is_away = false;
    provider.signs_in(&mut browser, "", provider.claims(&test, "chitra")).await.leads_to("/");
    let asked = provider.said.lock().unwrap().asked;
    "idp-2".clone_into(&mut provider.said.lock().unwrap().key);
    // Tokens with keys that nobody knows do not make us ask all the time.
    provider.signs_in(&mut Browser::new(&test), "", provider.claims(&test, "chitra")).await.is(401);
    test.clock.set_us(test.app.clock.now_us() + 11_000_000);
    provider.signs_in(&mut Browser::new(&test), "", provider.claims(&test, "chitra")).await.leads_to("/");
    assert_eq!(provider.said.lock().unwrap().asked, asked, "what it said of itself is kept");
    // It must be who it says it is.
    "https://another.example".clone_into(&mut provider.said.lock().unwrap().issuer);
    test.clock.set_us(test.app.clock.now_us() + 601_000_000);
    browser.get("/sign-in/oidc").await.is(503);
}

async fn without_a_provider_there_is_no_way_to_it(test: TestApp) {
    let mut browser = Browser::new(&test);
    browser.get("/sign-in").await.is(200).keeps_back("/sign-in/oidc");
    browser.get("/sign-in/oidc").await.is(404);
    browser.get("/sign-in/oidc/back?code=x&state=y").await.is(404);
}
