//! Pages in HTML: one file each, without scripts or anything from elsewhere. A page is a struct and a template beside it, and knows
//! neither terminal nor arguments.

pub mod bar;
pub mod escape;
pub mod file_name;
pub mod index_page;
pub mod sections;
pub mod statement_page;
pub mod status;
