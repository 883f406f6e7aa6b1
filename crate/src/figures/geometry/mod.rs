//! Gate II: spectra and principal subspaces.
//!
//! Each figure has a file: the spectral shift (`nss`), the angles between subspaces (`rotation`),
//! the energy of the update outside them (`off_principal`, and along the spectrum
//! `along_spectrum`), the gaps that subspaces need (`gap`), the `bounds`. `sweep` has the figures
//! at every rank, `compute` puts the report together.

pub mod along_spectrum;
pub mod bounds;
pub mod compute;
pub mod gap;
pub mod method;
pub mod nss;
pub mod off_principal;
pub mod report;
pub mod rotation;
mod spectral_share;
pub mod sweep;
pub mod uncertainty;
