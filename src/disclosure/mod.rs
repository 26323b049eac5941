//! The public side: what everybody may read without signing in. Reads other domains, writes nothing.

pub mod pages;
