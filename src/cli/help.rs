//! What `--help` says of a command behind its flags: what it promises, and what `--json` prints.

pub const VERIFY: &str = "\
Works beside a running server and changes nothing. Exit code 0: all holds; 1: something does not, and the first findings say where.

Checkpoints in the database are checked too, but whoever can change events can take those away: keep the answers of GET /v1/log/checkpoint
elsewhere, or have witnesses keep them, and give them with --checkpoint. A cut or rewritten log cannot have their root.

With --json, one object:
  head             position of the log's last event
  events, streams  how many there are
  log_digest       SHA-256 over all leaf hashes in order, in hex: equal logs have equal digests
  claims           how many claims are stored
  checkpoints      how many stored checkpoints were compared with the events
  money            [{currency, instructed, settled, open, failed, rejected, returned, cancelled}], each {count, amount}
  money_position   the position that the figures are of, to which events and figures were compared
  checks           [{check, ok, findings, first: [{position, stream, message}]}] for positions, leaf_hashes, times, events,
                   revisions, claims, checkpoints, money; `first` has at most 20 of the findings
  ok               whether all checks hold";

pub const REPORT: &str = "\
Works beside a running server and changes nothing. All figures are of one position of the log, which the report names with the root of the
log's tree: whoever has the log computes them again. With --as-of-position N the same report comes out for ever, and so with --as-of and an
instant, which is the last position recorded at or before it.

  chitra report assessment --cycle 2025-06 --to assessment.html          three pages to print, in the profile's language
  chitra report assessment --cycle 2025-06 --lang en --since 2025-06-10 --to assessment.html
  chitra report assessment --cycle 2025-06 --format xlsx --to assessment.xlsx

CSV, XLSX and NDJSON hold one figure in each row: section, code, name, indicator, numerator, denominator, ratio, rank, rank_before, note.
--format json is the object of GET /v1/assessment. Exit code 0: written; 1: refused, for example a unit that is not known.";

pub const REBUILD: &str = "\
--check replays the log from zero into a temporary database, compares each table with what is stored, byte for byte, and recomputes the
claims. It works beside a running server and changes nothing. Exit code 0: the same; 1: something differs.

With --check --json, one object:
  projections  [{projection, position, ok, tables: [{table, ok, rows, rows_replayed, digest, digest_replayed}]}]
  claims       {ok, stored, findings, first: [{position, stream, message}]}
  ok           whether all is the same
With --json alone: {projections: [{projection, position}]}";

pub const BACKUP: &str = "\
Works beside a running server: everything is read in one snapshot, so that the backup is the log as it was at one position. The file is
written beside its place, synced and then given its name; a file that is there is never overwritten. Every event is checked on the way.

In the backup: events, claims, idempotency keys, API keys (their hashes), reports of imports, and the vault as it is, encrypted.
NOT in the backup: the master key. Without it nobody can read names and accounts again, and no server starts. Keep a copy of it, apart
from the backups: who has both has everything. Figures are not in it either; they are computed from the log again.
A person whose key was destroyed stays readable in backups from before: keep them no longer than you must.

With --json, one object: file, bytes, position, log_digest, rows {table: rows}";

pub const RESTORE: &str = "\
Makes the database if there is none. Refuses one that holds anything. All or nothing: a backup that is cut off, changed, or whose events do
not have the leaf hashes, positions and digest that it states leaves the database empty. A backup of SQLite goes into PostgreSQL and back.

The master key is not in the backup: put your copy where --master-key-file says, by default beside the database. With --verify it is
looked for before anything is written, the figures are built and all is checked, as by `chitra verify`. Without it the next server
builds the figures.

With --json, one object: position, log_digest, rows {table: rows}, verified: null or what `chitra verify --json` prints";

pub const ROTATE: &str = "\
1. chitra vault rotate --master-key-file OLD --new-master-key-file NEW   beside running servers, which go on with the old key
2. give every server NEW and start it again
3. chitra vault retire --master-key-file NEW                             from then on OLD opens nothing

Names, numbers and the hashes that they are found by stay as they are: only what wraps people's keys changes. A backup is opened by the key
of its time, and one from between by NEW: keep OLD as long as backups from before it. Who had OLD and a copy of the database has what was
in it; a new master key takes nothing back.";

pub const EXPORT: &str = "\
One line for each event, in the order of the log: log_id, position, stream, revision, event_id, event_type, schema_version, recorded_at_us,
data, metadata, leaf_hash. data and metadata stand as they are stored, to the byte, since leaf_hash is over them: a program that writes the
lines anew changes it. What is not JSON, or holds a line's end, stands as data_hex or metadata_hex. No personal data: the log has none.

With --json, one object: events, position, log_digest (null with --from beyond 1)";

pub const IMPORT_LOG: &str = "\
Makes the database if there is none. Refuses one that holds anything. All or nothing. Each event must be the next one and have its own leaf
hash; revisions must have no gaps. Claims of payments and of imported files are computed from the events, and the log has the digest that
it had.

Lines hold the events alone. What they do not bring: names, identifiers and accounts with the vault that holds them (and so the rule of one
person per identifier), API keys, reports of imports, and idempotency keys, so that a request from before the export would be taken for a
new one and refused by the rules. To move a log with everything, use `chitra backup` and `chitra restore`.

With --json, one object: events, claims, log_digest";

pub const BENCH: &str = "\
SQLite is measured in a temporary folder, which is removed; PostgreSQL only where --postgres names an empty scratch database, which is
empty again at the end. Both sides of a ratio run in turn, the median of three rounds counts. Use a release build on a quiet machine.

  append        POST /v1/payments over 64 connections, durable, against the same server recording nothing; append_p99: its p99;
                append_rows, append_store: what is left of that server's rate with one bare row for each order, or the store's append alone
  single_append one client's median, against one bare commit of one event; store_append: one append to the store, without the way to it
  callback      a bank's signed report of one payment settled over 64 connections, against the same server recording nothing
  overload      the same orders over 1,152 connections, ten times what the server can do, against the rate at 64: what is beyond waits or is turned away;
                overload_peak: the most of its own memory meanwhile, of 256 MB
  group_commit  64 writers of the store, against one transaction for each append
  import        a file of payments to the last commit, against a bare bulk insert (PostgreSQL: COPY) of the same events;
                import_judged, import_store: its rows judged and no more, and as many appends to the store and no more, against the same
  projection    all projections catching up with that import, against the import
  read_all      the log through the store, decoded, against a raw scan by pages
  query         GET /v1/adoption of a province's cycle by commune, p99 at 16 connections, against plain SQL over the events
  growth        the rate of appends on a grown log against a young one; not to fall below what a bare table holds
  memory        a server's peak while it imports, of 400 MB; memory_idle: at rest, of 25 MB

Exit code 0: measured, whether targets are met or not; 1: a measurement could not be made.

With --json, one object: machine {cpu, cores, system, folder, file_system, build}, size, and for each of sqlite and postgres (null if not
measured) an object by those names: {ratio, target, met, ours, yardstick, unit, against, note}";

pub const WITNESS: &str = "\
Prints its own verifier key on stdout: whoever checks checkpoints or receipts needs it, and `chitra serve --witness` too. Serves
  POST /add-checkpoint          cosigns, or refuses: 400, 403 (not signed), 404 (other log), 409 (other size seen), 422 (no extension)
  GET /checkpoint?origin=NAME   the last checkpoint of a log that it cosigned
  GET /vkey                     its key
over plain HTTP; what it gives proves itself. Run it where the log's people cannot change it: it is worth what it is apart from them.

The state folder has the key (readable by you alone) and, of each log, the last checkpoint cosigned; with a lost folder begin a new witness
under a new name. A log that shows a second history is refused, and its signed request is kept there as FILE.evidence.";

pub const VERIFY_RECEIPT: &str = "\
Prints what the receipt proves: each event of the payment with its place in the log, and the checkpoint. Exit code 0: it holds; 1: it does not.
It shows that these events were recorded; what was recorded after the checkpoint it cannot show. With a witness's cosignature the log cannot
show others another history; without one you must trust the log's key.

With --json, one object: payment_id, origin, size, cosigned: [{witness, at}], events: [{position, revision, type, recorded_at, data}]";

pub const WEBHOOKS: &str = "\
With SQLite a running server is the one that writes: it has the same at POST /v1/webhooks and so on. Beside one, `list` and `deliveries` work.
Whoever sends is `chitra serve`. An address must be https and public, or in a network of CHITRA_WEBHOOK_NETWORKS (`webhook_networks` of the
settings file; `--webhook-network` of `chitra serve`).

  chitra webhooks add https://listener.example/chitra --type payment.settled --type payment.returned --unit D502
  chitra webhooks ping ID
  chitra webhooks deliveries ID

A secret is printed once, alone on stdout.";
