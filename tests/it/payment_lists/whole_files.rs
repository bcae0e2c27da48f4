//! What a bank says of a whole file or block of ours reaches each payment of that order, in whatever order its messages come, and no other.

use super::*;
use crate::support::banks::{bank, camt053, camt054, document, entry, pain002};
use crate::support::on_every_engine;
use chitra::app::access::Principal;
use chitra::app::aggregate::list_stream;
use chitra::app::execute::{Begin, Beside};
use chitra::app::lists::bank_file::list_of;
use chitra::domain::disclosure::Purpose;
use chitra::domain::list::{ListCommand, PaymentList};

on_every_engine! {
    a_file_that_its_bank_refused_is_refused_payment_by_payment_and_once,
    a_block_that_its_bank_refused_leaves_the_other_days_alone,
    what_a_bank_says_of_files_and_of_payments_ends_alike_in_every_order,
    what_the_bank_has_already_is_never_a_rejection,
    what_nobody_explained_of_a_whole_file_waits,
    a_whole_file_is_settled_only_if_the_banks_mapping_says_so,
    a_bank_answers_for_its_own_order_alone,
    a_payment_that_is_beyond_the_answer_waits_by_itself,
    an_order_with_other_payments_has_another_id_and_is_not_sent_beside_the_first,
    an_order_of_before_is_found_by_the_lists_id,
}

/// What a bank says of a file, or of a block of it.
struct Whole<'a> {
    id: &'a str,
    original: &'a str,
    status: &'a str,
    reason: Option<&'a str>,
}

impl Whole<'_> {
    fn reason(&self) -> String {
        let of = |reason: &str| match reason.strip_prefix("own:") {
            Some(own) => format!("<StsRsnInf><Rsn><Prtry>{own}</Prtry></Rsn></StsRsnInf>"),
            None => format!("<StsRsnInf><Rsn><Cd>{reason}</Cd></Rsn></StsRsnInf>"),
        };
        self.reason.map(of).unwrap_or_default()
    }

    fn file(&self) -> String {
        let Self { id, original, status, .. } = self;
        let reason = self.reason();
        let inside = format!(
            "<OrgnlGrpInfAndSts><OrgnlMsgId>{original}</OrgnlMsgId><GrpSts>{status}</GrpSts>{reason}</OrgnlGrpInfAndSts>"
        );
        document("pain.002.001.10", id, &inside)
    }

    fn block(&self) -> String {
        let Self { id, original, status, .. } = self;
        let reason = self.reason();
        let inside = format!(
            "<OrgnlPmtInfAndSts><OrgnlPmtInfId>{original}</OrgnlPmtInfId><PmtInfSts>{status}</PmtInfSts>{reason}</OrgnlPmtInfAndSts>"
        );
        document("pain.002.001.10", id, &inside)
    }
}

const fn refused<'a>(id: &'a str, original: &'a str, reason: &'a str) -> Whole<'a> {
    Whole { id, original, status: "RJCT", reason: Some(reason) }
}

impl TestApp {
    async fn takes_orders(&self, id: &str) {
        let body = json!({"form": "pain.001.001.09", "payer": "BHXH tỉnh Quảng Nam", "account": "1100000001"});
        self.register_bank(id).await;
        self.as_role(Role::Operator).post(&format!("/v1/banks/{id}/orders"), &self.fresh(), &body).await.is(201);
    }

    /// Somebody with a name and an account at a bank, and a pension.
    async fn paid_through(&self, reference: &str, bank: &str) -> String {
        let person = json!({"name": "Đặng Thị Tám", "bank": bank});
        self.register(&with(by_account(reference, WARD), &person)).await;
        self.instruct(&pension(&format!("P-{reference}"), reference)).await
    }

    /// A list of all open payments that went out.
    async fn goes_out(&self) -> String {
        let list = self.prepared(&march()).await;
        self.sent(&list).await;
        list
    }

    /// The order to a bank is taken; its `MsgId`.
    async fn ordered(&self, list: &str, bank: &str, more: &str) -> String {
        let path = format!("/v1/lists/{list}/order?bank={bank}{more}");
        let text = self.clerk().get(&path).await.is(200).text();
        text.split("<MsgId>").nth(1).unwrap().split('<').next().unwrap().to_owned()
    }

    async fn says(&self, bank: &str, text: &str) -> Value {
        self.bank_sends(bank, text.as_bytes()).await.json(202)
    }

    async fn stand(&self, payments: &[&String]) -> Vec<String> {
        let mut found = Vec::new();
        for payment in payments {
            found.push(self.status_of(payment).await.as_str().unwrap().to_owned());
        }
        found
    }
}

fn causes(answer: &Value) -> Vec<&str> {
    answer["quarantined"].as_array().unwrap().iter().map(|item| item["cause"].as_str().unwrap()).collect()
}

async fn a_file_that_its_bank_refused_is_refused_payment_by_payment_and_once(test: TestApp) {
    for bank in ["vcb", "bidv"] {
        test.takes_orders(bank).await;
    }
    let (one, two) = (test.paid_through("TK-1", "vcb").await, test.paid_through("TK-2", "vcb").await);
    let other = test.paid_through("TK-3", "bidv").await;
    let list = test.goes_out().await;
    let (id, id_other) = (test.ordered(&list, "vcb", "").await, test.ordered(&list, "bidv", "").await);
    assert_ne!(id, id_other, "each bank's file has an id of its own");
    assert_eq!(list_of(&id).map(|found| found.0), list_of(&id_other).map(|found| found.0));
    let later = test.paid_through("TK-4", "vcb").await;
    let answer = test.says("vcb", &refused("M1", &id, "FF01").file()).await;
    assert_eq!((&answer["applied"], &answer["waiting"]), (&json!(1), &json!(0)), "{answer}");
    assert_eq!(answer["of_whole"], json!({"applied": 2, "no_op": 0, "quarantined": 0}));
    assert_eq!(test.stand(&[&one, &two, &other, &later]).await, ["rejected", "rejected", "instructed", "instructed"]);
    let events = test.app.read_whole_stream(&format!("payment-{one}")).await.unwrap();
    let rejected: Value = serde_json::from_slice(&events.last().unwrap().data).unwrap();
    assert_eq!((&rejected["reason"]["code"], &rejected["rejected_on"]), (&json!("FF01"), &json!("2025-03-05")));
    let head = test.head().await;
    test.says("vcb", &refused("M1", &id, "FF01").file()).await;
    assert_eq!(test.head().await, head, "the same message again");
    let again = test.says("vcb", &refused("M2", &id.to_lowercase(), "FF01").file()).await;
    assert_eq!((&again["no_op"], &again["of_whole"]["no_op"]), (&json!(1), &json!(2)), "{again}");
    test.is_sound().await;
}

async fn a_block_that_its_bank_refused_leaves_the_other_days_alone(test: TestApp) {
    test.takes_orders("vcb").await;
    let (one, two) = (test.paid_through("TK-1", "vcb").await, test.paid_through("TK-2", "vcb").await);
    let late = json!({"due_on": "2025-04-20", "ground": "agreed"});
    test.deed(&two, "correct", &late).await.is(201);
    let list = test.goes_out().await;
    let id = test.ordered(&list, "vcb", "").await;
    // What is due later than it was ordered for stays in the block that the bank knows it by.
    let later = json!({"due_on": "2025-03-10", "ground": "agreed"});
    test.deed(&two, "correct", &later).await.is(201);
    let unknown = test.says("vcb", &refused("M1", &format!("{id}-3"), "FF01").block()).await;
    assert_eq!(causes(&unknown), ["bad-reference"]);
    let answer = test.says("vcb", &refused("M2", &format!("{id}-2"), "FF01").block()).await;
    assert_eq!(answer["of_whole"]["applied"], 1, "{answer}");
    assert_eq!(test.stand(&[&one, &two]).await, ["instructed", "rejected"]);
    let accepted = Whole { status: "ACSP", reason: None, ..refused("M3", &format!("{id}-1"), "") }.block();
    assert_eq!(test.says("vcb", &accepted).await["applied"], 1);
    assert_eq!(test.stand(&[&one, &two]).await, ["accepted", "rejected"]);
    test.is_sound().await;
}

/// The orders in which three things can come.
const ORDERS: [[usize; 3]; 6] = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];

/// What a bank says of an order of two payments and of each of them, and how both end; how many items wait in each case.
fn lives(id: &str, [one, two]: [&str; 2], n: usize) -> Vec<([&'static str; 2], u64, [String; 3])> {
    let booked = |payment: &str, reference: &str| entry(payment, ("DBIT", "5000000", "2025-03-04"), reference);
    let named = |what: &str| format!("{what}-{n}");
    let accepted = |what: &str| Whole { status: "ACSP", reason: None, ..refused(&named(what), id, "") }.file();
    vec![
        (
            ["settled", "settled"],
            0,
            [
                accepted("A"),
                camt054(&named("B"), &booked(one, "FT-1")),
                camt053(&named("C"), &(booked(one, "FT-1") + &booked(two, "FT-2"))),
            ],
        ),
        (
            ["rejected", "rejected"],
            0,
            [accepted("D"), refused(&named("E"), id, "FF01").file(), pain002(&named("F"), one, ("RJCT", "2025-03-05"))],
        ),
        (
            ["settled", "accepted"],
            1,
            [accepted("G"), refused(&named("H"), id, "DUPL").file(), camt054(&named("I"), &booked(one, "FT-1"))],
        ),
    ]
}

async fn what_a_bank_says_of_files_and_of_payments_ends_alike_in_every_order(test: TestApp) {
    test.takes_orders("vcb").await;
    let mut number = 0;
    for life in 0..lives("", ["", ""], 0).len() {
        for order in ORDERS {
            number += 1;
            let one = test.paid_through(&format!("TK-{number}a"), "vcb").await;
            let two = test.paid_through(&format!("TK-{number}b"), "vcb").await;
            let ids = (test.end_to_end_id(&one).await, test.end_to_end_id(&two).await);
            let list = test.goes_out().await;
            let id = test.ordered(&list, "vcb", "").await;
            let (end, waits, messages) = lives(&id, [&ids.0, &ids.1], number).swap_remove(life);
            let mut waiting = 0;
            for place in order {
                waiting += test.says("vcb", &messages[place]).await["waiting"].as_u64().unwrap();
            }
            let head = test.head().await;
            for place in order {
                test.says("vcb", &messages[place]).await;
            }
            assert_eq!(test.head().await, head, "life {life} told twice as {order:?}");
            assert_eq!(test.stand(&[&one, &two]).await, end, "life {life} told as {order:?}");
            assert_eq!(waiting, waits, "life {life} told as {order:?}");
        }
    }
    test.is_sound().await;
}

async fn what_the_bank_has_already_is_never_a_rejection(test: TestApp) {
    test.takes_orders("vcb").await;
    let request = test.app.own_request(&Principal::local("operator"), "map");
    let mapping = "[reasons]\nE17 = \"duplicate\"\nE18 = \"format\"\n".to_owned();
    test.app.register_bank(&request, &bank("vcb"), (Some(mapping), None)).await.unwrap();
    let one = test.paid_through("TK-1", "vcb").await;
    let list = test.goes_out().await;
    let id = test.ordered(&list, "vcb", "").await;
    for (number, reason) in ["DUPL", "AM05", "DU01", "own:E17"].into_iter().enumerate() {
        let name = format!("M{number}");
        assert_eq!(causes(&test.says("vcb", &refused(&name, &id, reason).file()).await), ["duplicate-reported"]);
        let name = format!("N{number}");
        let block = refused(&name, &format!("{id}-1"), reason).block();
        assert_eq!(causes(&test.says("vcb", &block).await), ["duplicate-reported"]);
    }
    let end_to_end = test.end_to_end_id(&one).await;
    let single = json!({"message_id": "S1", "items": [{"end_to_end_id": end_to_end, "status": "RJCT", "date": "2025-03-05", "reason": {"code": "AM05"}}]});
    let answer = test.bank_reports("vcb", &single).await.json(202);
    assert_eq!((causes(&answer), &answer["quarantined"][0]["payment_id"]), (vec!["duplicate-reported"], &json!(one)));
    assert_eq!(test.stand(&[&one]).await, ["instructed"]);
    assert_eq!(test.says("vcb", &refused("M9", &id, "own:E18").file()).await["applied"], 1);
    assert_eq!(test.stand(&[&one]).await, ["rejected"]);
}

async fn what_nobody_explained_of_a_whole_file_waits(test: TestApp) {
    test.takes_orders("vcb").await;
    let one = test.paid_through("TK-1", "vcb").await;
    let list = test.goes_out().await;
    let id = test.ordered(&list, "vcb", "").await;
    let of = |name, status, reason| Whole { id: name, original: &id, status, reason }.file();
    for (name, status, reason, cause) in [
        ("M1", "RJCT", None, "whole-file-rejected"),
        ("M2", "RJCT", Some("own:E99"), "whole-file-rejected"),
        ("M3", "RJCT", Some("ZZ99"), "whole-file-rejected"),
        ("M4", "ACCC", None, "whole-file-status"),
        ("M5", "CANC", None, "whole-file-status"),
        ("M6", "BLCK", None, "whole-file-status"),
        ("M7", "XXXX", None, "status-unknown"),
    ] {
        assert_eq!(causes(&test.says("vcb", &of(name, status, reason)).await), [cause], "{name}");
    }
    for (name, status) in [("N1", "PART"), ("N2", "ACTC"), ("N3", "RCVD"), ("N4", "PDNG")] {
        assert_eq!(test.says("vcb", &of(name, status, None)).await["no_op"], 1, "{status}");
    }
    assert_eq!(test.stand(&[&one]).await, ["instructed"]);
}

async fn a_whole_file_is_settled_only_if_the_banks_mapping_says_so(test: TestApp) {
    test.takes_orders("vcb").await;
    let (one, two) = (test.paid_through("TK-1", "vcb").await, test.paid_through("TK-2", "vcb").await);
    let list = test.goes_out().await;
    let id = test.ordered(&list, "vcb", "").await;
    let of = |name| Whole { id: name, original: &id, status: "ACSC", reason: None }.file();
    let request = |deed: &str| test.app.own_request(&Principal::local("operator"), deed);
    let single = "[statuses]\nACSC = \"settled\"\n".to_owned();
    test.app.register_bank(&request("one"), &bank("vcb"), (Some(single), None)).await.unwrap();
    assert_eq!(causes(&test.says("vcb", &of("M1")).await), ["whole-file-status"]);
    let whole = "[whole_statuses]\nACSC = \"settled\"\n".to_owned();
    test.app.register_bank(&request("two"), &bank("vcb"), (Some(whole), None)).await.unwrap();
    let answer = test.says("vcb", &of("M2")).await;
    assert_eq!(answer["of_whole"]["applied"], 2, "{answer}");
    assert_eq!(test.stand(&[&one, &two]).await, ["settled", "settled"]);
    test.is_sound().await;
}

async fn a_bank_answers_for_its_own_order_alone(test: TestApp) {
    for bank in ["vcb", "bidv"] {
        test.takes_orders(bank).await;
    }
    let (one, two) = (test.paid_through("TK-1", "vcb").await, test.paid_through("TK-2", "bidv").await);
    let list = test.goes_out().await;
    let id = test.ordered(&list, "vcb", "").await;
    let head = test.head().await;
    let whole = list.replace('-', "");
    for (number, original) in [id.clone(), format!("{id}-1"), whole.clone(), "OURS".to_owned()].iter().enumerate() {
        let (file, block) = (format!("F{number}"), format!("B{number}"));
        let said = [refused(&file, original, "FF01").file(), refused(&block, original, "FF01").block()];
        for text in said {
            let answer = test.says("bidv", &text).await;
            assert_eq!(causes(&answer), ["bad-reference"], "{original}");
            assert_eq!(answer["quarantined"][0]["payment_id"], Value::Null);
        }
    }
    let types = test.types_after(head).await;
    assert!(types.iter().all(|kind| kind.starts_with("BankMessage")), "{types:?}");
    assert_eq!(test.stand(&[&one, &two]).await, ["instructed", "instructed"]);
    let answer = test.says("vcb", &refused("V1", &whole, "FF01").file()).await;
    assert_eq!(causes(&answer), ["bad-reference"], "no order went out under the list's id");
}

async fn a_payment_that_is_beyond_the_answer_waits_by_itself(test: TestApp) {
    test.takes_orders("vcb").await;
    let (one, two) = (test.paid_through("TK-1", "vcb").await, test.paid_through("TK-2", "vcb").await);
    let list = test.goes_out().await;
    let id = test.ordered(&list, "vcb", "").await;
    test.settle(&one, "2025-03-05").await.is(201);
    let answer = test.says("vcb", &refused("M1", &id, "FF01").file()).await;
    assert_eq!(test.stand(&[&one, &two]).await, ["settled", "rejected"]);
    assert_eq!((&answer["of_whole"]["applied"], &answer["applied"]), (&json!(1), &json!(0)), "{answer}");
    let waiting = &answer["quarantined"][0];
    assert_eq!((&waiting["of_item"], &waiting["payment_id"]), (&json!(1), &json!(one)), "{answer}");
    let row = &test.read("/v1/inbox/items").await["items"][0];
    assert_eq!((&row["payment_id"], &row["item"]), (&json!(one), &waiting["item"]));
    let path = format!("/v1/inbox/{}/resolve", answer["inbox_id"].as_str().unwrap());
    let body = json!({"item": waiting["item"], "reason": "the bank took it back"});
    test.clerk().post(&path, &test.fresh(), &body).await.is(201);
    assert_eq!(test.read("/v1/inbox/items").await["items"], json!([]));
    test.is_sound().await;
}

async fn an_order_with_other_payments_has_another_id_and_is_not_sent_beside_the_first(test: TestApp) {
    test.takes_orders("vcb").await;
    let (one, two) = (test.paid_through("TK-1", "vcb").await, test.paid_through("TK-2", "vcb").await);
    let list = test.goes_out().await;
    let first = test.ordered(&list, "vcb", "").await;
    assert_eq!(test.ordered(&list, "vcb", "").await, first);
    test.deed(&one, "hold", &json!({"cause": "death_reported"})).await.is(201);
    let path = format!("/v1/lists/{list}/order?bank=vcb&without_stopped=true");
    let refusal = test.clerk().get(&path).await.refused(409, "list-ordered-otherwise");
    assert!(refusal.text().contains(&first) && refusal.text().contains("instead=true"), "{}", refusal.text());
    let second = test.ordered(&list, "vcb", "&without_stopped=true&instead=true").await;
    assert_ne!(second, first);
    assert_eq!(test.ordered(&list, "vcb", "&without_stopped=true").await, second, "the one that counts now");
    let note = test.clerk().get(&format!("/v1/lists/{list}/recall?bank=vcb&reason=CUST&payments={two}")).await.is(200);
    assert!(note.text().contains(&format!("<OrgnlMsgId>{second}</OrgnlMsgId>")), "{}", note.text());
    assert_eq!(test.says("vcb", &refused("M1", &second, "FF01").file()).await["of_whole"]["applied"], 1);
    assert_eq!(test.stand(&[&one, &two]).await, ["instructed", "rejected"], "the held one was not in it");
    let answer = test.says("vcb", &refused("M2", &first, "FF01").file()).await;
    assert_eq!((&answer["of_whole"]["applied"], &answer["of_whole"]["no_op"]), (&json!(1), &json!(1)), "{answer}");
    assert_eq!(test.stand(&[&one, &two]).await, ["rejected", "rejected"]);
    let bad = format!("/v1/lists/{list}/order?bank=vcb&instead=2");
    assert_eq!(test.clerk().get(&bad).await.refused(422, "invalid-input").errors(), ["/instead invalid-value"]);
}

async fn an_order_of_before_is_found_by_the_lists_id(test: TestApp) {
    test.takes_orders("vcb").await;
    let (one, two) = (test.paid_through("TK-1", "vcb").await, test.paid_through("TK-2", "vcb").await);
    let list = test.goes_out().await;
    let of_before = ListCommand::Show {
        form: "order".to_owned(),
        bank: Some(bank("vcb")),
        item_count: 2,
        kinds: Vec::new(),
        purpose: Purpose::PaymentOrder,
        order: None,
        by: "k-clerk".to_owned(),
    };
    let stream = list_stream(chitra::domain::ids::ListId::parse(&list).unwrap());
    let request = test.app.own_request(&Principal::local("clerk"), "show");
    let ask = (stream.as_str(), Begin::Existing);
    test.app.execute(ask, &request, Beside::default(), |_: &PaymentList| Ok(of_before.clone())).await.unwrap();
    test.deed(&one, "hold", &json!({"cause": "death_reported"})).await.is(201);
    let whole = list.replace('-', "");
    let answer = test.says("vcb", &refused("M1", &whole, "FF01").file()).await;
    assert_eq!((causes(&answer), &answer["of_whole"]["applied"]), (vec!["whole-file-stopped"], &json!(1)), "{answer}");
    assert_eq!(test.stand(&[&one, &two]).await, ["instructed", "rejected"]);
    test.deed(&one, "release", &json!({})).await.is(201);
    assert_eq!(test.ordered(&list, "vcb", "").await, whole, "asked for again it is the same file");
    assert_eq!(test.says("vcb", &refused("M2", &format!("{whole}-1"), "FF01").block()).await["of_whole"]["applied"], 1);
    assert_eq!(test.stand(&[&one, &two]).await, ["rejected", "rejected"]);
    test.is_sound().await;
}
