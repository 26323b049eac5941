//! Files waiting to be imported: uploaded, read, shown, and only then confirmed.
//!
//! Promise: a file that was uploaded for an import stands encrypted in the database until it is confirmed or a day has
//! passed; only the account that brought it can see or confirm it; nothing of it becomes a record before the
//! confirmation, which reads the whole file again. What rows mean is the business of the domain that imports them:
//! it keeps a [`Kind`], calls [`stage`] at the upload and [`take`] inside the transaction that writes.

mod store;

pub use crate::web::upload::{MultipartFile, RawFile};
pub use store::{ALL as CODES, IMPORT_REFUSED, Kind, NewUpload, Upload, Waiting, find, forget_old, stage, take};
