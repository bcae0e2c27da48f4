//! Tokens of the provider for the API, by keys that it is asked for and by keys of a file.

use super::oidc::{Provider, SETTINGS, token};
use crate::support::app::TestApp;
use crate::support::banks::pair;
use crate::support::on_every_engine;
use crate::support::verbs::WARD;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chitra::app::oidc::Oidc;
use chitra::app::oidc::settings::OidcSettings;
use reqwest::Method;
use ring::signature::KeyPair;
use serde_json::{Value, json};

on_every_engine!(a_token_for_the_api_opens_it_and_one_of_a_sign_in_does_not, the_keys_of_a_file_need_no_provider,);

async fn a_token_for_the_api_opens_it_and_one_of_a_sign_in_does_not(test: TestApp) {
    let provider = Provider::of(&test);
    let payment = test.pension_of("QN-1", WARD).await;
    let head = json!({"alg": "EdDSA", "kid": "idp-1"});
    let with = |claims: &Value| test.with_key(&token("idp-1", &head, claims));
    let claims = provider.claims(&test, "chitra-api");
    let path = format!("/v1/payments/{payment}");
    with(&claims).get(&path).await.json(200);
    with(&provider.claims(&test, "chitra")).get(&path).await.is(401);
    let mut late = claims.clone();
    late["exp"] = json!(test.app.clock.now().as_second() - 61);
    with(&late).get(&path).await.is(401);
    let mut none = claims.clone();
    none["realm"]["roles"] = json!(["people"]);
    with(&none).get(&path).await.is(401);
    let mut elsewhere = claims.clone();
    elsewhere["chitra_unit"] = json!("P48");
    with(&elsewhere).get(&path).await.is(403);
    test.with_key(&token("idp-2", &head, &claims)).get(&path).await.is(401);
    test.with_key(&token("idp-1", &json!({"alg": "none"}), &claims)).get(&path).await.is(401);
    test.with_key("a.b.c").get(&path).await.is(401);
    // The role decides, as with any key.
    with(&claims).request(Method::GET, "/v1/banks").send().await.unwrap().error_for_status().unwrap_err();
}

async fn the_keys_of_a_file_need_no_provider(test: TestApp) {
    let folder = tempfile::tempdir().unwrap();
    let (file, keys) = (folder.path().join("oidc.toml"), folder.path().join("jwks.json"));
    let head = "issuer = \"https://login.example\"\naddress = \"http://127.0.0.1\"\nkeys_file = \"jwks.json\"";
    std::fs::write(&file, format!("{head}\n{SETTINGS}")).unwrap();
    for (set, reason) in
        [(None, "No such file"), (Some("{}"), "no set of keys"), (Some("{\"keys\":[]}"), "no public key")]
    {
        if let Some(set) = set {
            std::fs::write(&keys, set).unwrap();
        }
        let refused = OidcSettings::read(&file, &test.app.profile).err().unwrap().to_string();
        assert!(refused.contains(reason) && refused.contains("jwks.json"), "{refused}");
    }
    let set = |key: &str| {
        let x = URL_SAFE_NO_PAD.encode(pair(key).public_key().as_ref());
        json!({"keys": [{"kty": "OKP", "crv": "Ed25519", "kid": key, "x": x}]}).to_string()
    };
    std::fs::write(&keys, set("idp-1")).unwrap();
    assert!(test.app.oidc.set(Oidc::new(OidcSettings::read(&file, &test.app.profile).unwrap())).is_ok());
    let payment = test.pension_of("QN-1", WARD).await;
    let path = format!("/v1/payments/{payment}");
    let now = test.app.clock.now().as_second();
    let claims = json!({"iss": "https://login.example", "aud": "chitra-api", "sub": "lan-1", "iat": now, "exp": now + 3600,
        "realm": {"roles": ["clerks"]}, "chitra_unit": "C20341"});
    let with = |key: &str| test.with_key(&token(key, &json!({"alg": "EdDSA", "kid": key}), &claims));
    with("idp-1").get(&path).await.json(200);
    with("idp-2").get(&path).await.is(401);
    // A key that is put there is found when a token names it, and a file that is broken shuts out.
    std::fs::write(&keys, set("idp-2")).unwrap();
    with("idp-2").get(&path).await.is(401);
    test.clock.set_us(test.app.clock.now_us() + 11_000_000);
    with("idp-2").get(&path).await.json(200);
    std::fs::write(&keys, "").unwrap();
    test.clock.set_us(test.app.clock.now_us() + 601_000_000);
    with("idp-2").get(&path).await.is(401);
}
