//! The tables as diesel sees them, one file a domain, the same for both databases. Types in columns: see `db::types`.
//! `tests/it/migrations.rs` compares this with the tables that the migrations make.

mod access_tables;
mod assets_tables;
mod collectives_tables;
mod contracts_tables;
mod erasures_tables;
mod homesteads_tables;
mod imports_tables;
mod log_tables;
mod members_tables;
mod notify_tables;
mod settlement_tables;
mod supervision_tables;
mod trading_tables;
mod vault_tables;

pub use access_tables::*;
pub use assets_tables::*;
pub use collectives_tables::*;
pub use contracts_tables::*;
pub use erasures_tables::*;
pub use homesteads_tables::*;
pub use imports_tables::*;
pub use log_tables::*;
pub use members_tables::*;
pub use notify_tables::*;
pub use settlement_tables::*;
pub use supervision_tables::*;
pub use trading_tables::*;
pub use vault_tables::*;
