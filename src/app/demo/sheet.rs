//! One office file in the making: rows gather in memory and go to the same encrypted spool that an upload goes to.

use crate::app::App;
use crate::app::error::AppError;
use crate::app::imports::Source;
use crate::app::upload::Upload;
use crate::domain::import::ImportKind;

/// How much gathers in memory before it goes to the spool.
const GATHERED_BYTES: usize = 256 * 1024;

/// A CSV file of one kind.
pub struct Sheet {
    pub kind: ImportKind,
    gathered: Vec<u8>,
    upload: Option<Upload>,
}

const fn header(kind: ImportKind) -> &'static str {
    match kind {
        ImportKind::Beneficiaries => {
            "beneficiary_ref,personal_id,si_number,name,sex,birth_year,unit,channel,bank,account,effective_month"
        }
        ImportKind::Payments => "payment_reference,beneficiary_ref,benefit_type,benefit_months,cycle,amount,unit",
        ImportKind::Outcomes => "payment_reference,status,date,reason",
        ImportKind::Identity => "beneficiary_ref,status,fields,excluded_reason,source,checked_on",
    }
}

impl Sheet {
    /// A file with its header.
    #[must_use]
    pub fn new(kind: ImportKind) -> Self {
        let mut sheet = Self { kind, gathered: Vec::new(), upload: None };
        sheet.add(header(kind));
        sheet
    }

    /// Adds a row.
    pub fn add(&mut self, row: &str) {
        self.gathered.extend_from_slice(row.as_bytes());
        self.gathered.push(b'\n');
    }

    /// Writes to the spool if enough has gathered.
    pub async fn relieve(&mut self, app: &App) -> Result<(), AppError> {
        if self.gathered.len() < GATHERED_BYTES { Ok(()) } else { self.spool(app).await }
    }

    async fn spool(&mut self, app: &App) -> Result<(), AppError> {
        let upload = match self.upload.take() {
            Some(upload) => upload,
            None => Upload::begin(app)?,
        };
        self.upload = Some(upload.write(std::mem::take(&mut self.gathered)).await?);
        Ok(())
    }

    /// The whole file.
    pub async fn finish(mut self, app: &App) -> Result<Source, AppError> {
        self.spool(app).await?;
        match self.upload {
            Some(upload) => upload.finish(Some("demo.csv"), None).await,
            None => Err(AppError::Internal("a file without a spool".to_owned())),
        }
    }
}
