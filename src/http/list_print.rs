//! A payment list on paper: a page to be printed, or the same as a table.

use crate::app::App;
use crate::app::lists::print::{ChangeKind, PrintForm, Printed, SeenPerson};
use crate::app::paper::escaped;
use crate::app::table::{Format, Table};
use crate::app::tongue::Tongue;
use crate::app::words::{self, Words};
use crate::domain::disclosure::Purpose;
use crate::domain::ids::ListId;
use crate::http::context::{Caller, SharedApp, path_id};
use crate::http::problem::Problem;
use crate::http::query::Query;
use crate::http::table;
use actix_web::http::header::{CACHE_CONTROL, HeaderValue};
use actix_web::{HttpRequest, HttpResponse};
use serde_json::{Value, json};
use std::fmt::Write;

const FORM: Words = Words { en: "html, xlsx or csv", vi: "html, xlsx hoặc csv" };

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Paper {
    Page,
    File(Format),
}

/// `GET /v1/lists/{id}/print`
pub async fn items(app: SharedApp, caller: Caller, request: HttpRequest) -> Result<HttpResponse, Problem> {
    print(&app, &caller, &request, PrintForm::Items).await
}

/// `GET /v1/lists/{id}/changes`
pub async fn changes(app: SharedApp, caller: Caller, request: HttpRequest) -> Result<HttpResponse, Problem> {
    print(&app, &caller, &request, PrintForm::Changes).await
}

async fn print(
    app: &SharedApp,
    caller: &Caller,
    request: &HttpRequest,
    form: PrintForm,
) -> Result<HttpResponse, Problem> {
    let id = path_id(request, "list", |text| ListId::parse(text).ok())?;
    let mut query = Query::of(request)?;
    let paper = query.optional("format", &FORM, |text| match text {
        "html" => Some(Paper::Page),
        "xlsx" => Some(Paper::File(Format::Xlsx)),
        "csv" => Some(Paper::File(Format::Csv)),
        _ => None,
    });
    let purpose = query.optional("purpose", &words::PURPOSE, Purpose::parse);
    query.finish()?;
    let printed = app.print_list(&caller.0, id, form, purpose).await?;
    let mut response = match paper.unwrap_or(Paper::Page) {
        Paper::Page => HttpResponse::Ok().content_type("text/html; charset=utf-8").body(page(app, form, &printed)),
        Paper::File(format) => {
            let name = format!("list-{}-{}", printed.list.cycle, form.as_str());
            let table = rows(app, form, &printed);
            table::file(format, &name, table.to_bytes(format, form.as_str()).map_err(Problem::App)?)
        }
    };
    // Nothing of it is kept on the way.
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

fn kind(tongue: Tongue, kind: ChangeKind) -> &'static str {
    match kind {
        ChangeKind::Added => tongue.say("Tăng", "Added"),
        ChangeKind::Dropped => tongue.say("Giảm", "Dropped"),
        ChangeKind::Amount => tongue.say("Điều chỉnh số tiền", "Amount changed"),
    }
}

fn rows(app: &App, form: PrintForm, printed: &Printed) -> Table {
    let amount = |minor: i64| json!(app.profile.currency.format(minor));
    let seen = |text: &Option<String>| json!(text);
    match form {
        PrintForm::Items => {
            let header = [
                "no",
                "unit",
                "payment_reference",
                "name",
                "identifier",
                "benefit_type",
                "benefit_months",
                "bank",
                "account",
                "amount",
            ];
            let mut table = Table::new(&header);
            let mut number = 0_u64;
            for unit in printed.units.values() {
                for line in &unit.lines {
                    number += 1;
                    let person = &line.person;
                    table.push(vec![
                        json!(number),
                        json!(unit.unit_name),
                        json!(line.reference),
                        seen(&person.name),
                        seen(&person.identifier),
                        json!(line.benefit_type),
                        json!(line.months),
                        json!(line.bank),
                        seen(&person.account),
                        amount(line.amount_minor),
                    ]);
                }
            }
            table
        }
        PrintForm::Changes => {
            let header =
                ["change", "unit", "name", "identifier", "benefit_type", "before_amount", "after_amount", "reason"];
            let mut table = Table::new(&header);
            for line in &printed.changes {
                table.push(vec![
                    json!(line.kind.as_str()),
                    json!(line.unit_name),
                    seen(&line.person.name),
                    seen(&line.person.identifier),
                    json!(line.benefit_type),
                    line.before_minor.map_or(Value::Null, amount),
                    line.after_minor.map_or(Value::Null, amount),
                    json!(line.reason),
                ]);
            }
            table
        }
    }
}

pub(super) const STYLE: &str = "body{font-family:serif;margin:1.5cm}table{border-collapse:collapse;width:100%}th,td{border:1px solid #000;padding:2px 6px;text-align:left}td.n{text-align:right;white-space:nowrap}tr.t{font-weight:bold}thead{display:table-header-group}tr{break-inside:avoid}p.s{display:flex;justify-content:space-between;margin-top:2cm}";

fn page(app: &App, form: PrintForm, printed: &Printed) -> String {
    let tongue = Tongue::of(&app.profile);
    let list = &printed.list;
    let title = match form {
        PrintForm::Items => tongue.say("Danh sách chi trả", "Payment list"),
        PrintForm::Changes => tongue.say("Danh sách tăng, giảm, điều chỉnh", "Changes against the lists before"),
    };
    let language = tongue.code();
    let mut html = format!(
        "<!doctype html><html lang=\"{language}\"><head><meta charset=\"utf-8\"><title>{title}</title><style>{STYLE}</style></head><body><h1>{title}</h1>"
    );
    let amount = |minor: i64| app.profile.currency.format(minor);
    _ = write!(
        html,
        "<p>{}: {} · {}: {} · {}: {} · {}: {} · {}: {} · {}: {} {}</p>",
        tongue.say("Kỳ", "Cycle"),
        list.cycle,
        tongue.say("Kênh", "Channel"),
        escaped(list.channel.as_str()),
        tongue.say("Tổ chức chi trả", "Agent"),
        escaped(list.agent.as_str()),
        tongue.say("Số danh sách", "List"),
        list.list_id,
        tongue.say("Số khoản", "Items"),
        list.item_count(),
        tongue.say("Tổng số tiền", "Sum"),
        amount(list.sum_minor),
        list.currency,
    );
    match form {
        PrintForm::Items => item_table(&mut html, tongue, printed, &amount),
        PrintForm::Changes => change_table(&mut html, tongue, printed, &amount),
    }
    _ = write!(
        html,
        "<p class=\"s\"><span>{}</span><span>{}</span><span>{}</span></p></body></html>",
        tongue.say("Người lập", "Prepared by"),
        tongue.say("Người kiểm tra", "Checked by"),
        tongue.say("Thủ trưởng đơn vị", "Approved by"),
    );
    html
}

fn head(html: &mut String, names: &[&str]) {
    html.push_str("<table><thead><tr>");
    for name in names {
        _ = write!(html, "<th>{name}</th>");
    }
    html.push_str("</tr></thead><tbody>");
}

fn person(html: &mut String, person: &SeenPerson) {
    for text in [&person.name, &person.identifier] {
        _ = write!(html, "<td>{}</td>", escaped(text.as_deref().unwrap_or("")));
    }
}

fn item_table(html: &mut String, tongue: Tongue, printed: &Printed, amount: &dyn Fn(i64) -> String) {
    let names = [
        tongue.say("STT", "No."),
        tongue.say("Họ và tên", "Name"),
        tongue.say("Số định danh", "Identifier"),
        tongue.say("Chế độ", "Benefit"),
        tongue.say("Tháng hưởng", "Months"),
        tongue.say("Ngân hàng", "Bank"),
        tongue.say("Số tài khoản", "Account"),
        tongue.say("Số tiền", "Amount"),
        tongue.say("Ký nhận", "Signature"),
    ];
    head(html, &names);
    let mut number = 0_u64;
    for unit in printed.units.values() {
        _ = write!(html, "<tr class=\"t\"><td colspan=\"9\">{}</td></tr>", escaped(&unit.unit_name));
        for line in &unit.lines {
            number += 1;
            _ = write!(html, "<tr><td class=\"n\">{number}</td>");
            person(html, &line.person);
            let bank = line.bank.as_deref().unwrap_or("");
            let account = line.person.account.as_deref().unwrap_or("");
            for text in [line.benefit_type.as_str(), &line.months, bank, account] {
                _ = write!(html, "<td>{}</td>", escaped(text));
            }
            _ = write!(html, "<td class=\"n\">{}</td><td></td></tr>", amount(line.amount_minor));
        }
        let sum = tongue.say("Cộng", "Sum of the unit");
        _ = write!(
            html,
            "<tr class=\"t\"><td colspan=\"7\">{sum}: {}</td><td class=\"n\">{}</td><td></td></tr>",
            unit.total.items,
            amount(unit.total.sum_minor)
        );
    }
    let total = tongue.say("Tổng cộng", "Total");
    _ = write!(
        html,
        "<tr class=\"t\"><td colspan=\"7\">{total}: {}</td><td class=\"n\">{}</td><td></td></tr></tbody></table>",
        printed.list.item_count(),
        amount(printed.list.sum_minor)
    );
}

fn change_table(html: &mut String, tongue: Tongue, printed: &Printed, amount: &dyn Fn(i64) -> String) {
    _ = write!(
        html,
        "<p>{}: {} ({}) → {} ({})</p>",
        tongue.say("Kỳ trước và kỳ này", "Before and now"),
        printed.before.items,
        amount(printed.before.sum_minor),
        printed.list.item_count(),
        amount(printed.list.sum_minor)
    );
    let names = [
        tongue.say("Loại", "Change"),
        tongue.say("Họ và tên", "Name"),
        tongue.say("Số định danh", "Identifier"),
        tongue.say("Đơn vị", "Unit"),
        tongue.say("Chế độ", "Benefit"),
        tongue.say("Kỳ trước", "Before"),
        tongue.say("Kỳ này", "Now"),
        tongue.say("Lý do", "Reason"),
    ];
    head(html, &names);
    for line in &printed.changes {
        _ = write!(html, "<tr><td>{}</td>", kind(tongue, line.kind));
        person(html, &line.person);
        for text in [line.unit_name.as_str(), line.benefit_type.as_str()] {
            _ = write!(html, "<td>{}</td>", escaped(text));
        }
        for minor in [line.before_minor, line.after_minor] {
            _ = write!(html, "<td class=\"n\">{}</td>", minor.map(amount).unwrap_or_default());
        }
        _ = write!(html, "<td>{}</td></tr>", escaped(line.reason.as_deref().unwrap_or("")));
    }
    html.push_str("</tbody></table>");
}
