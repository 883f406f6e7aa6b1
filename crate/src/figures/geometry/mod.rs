//! Gate II: spectra and principal subspaces.

pub mod compute;
pub mod method;
pub mod report;
pub mod sweep;
pub mod uncertainty;
