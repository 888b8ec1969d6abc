//! Rules of the code and of the documentation that a program can hold.

mod commands;
mod crates;
mod documents;
mod folders;
mod functions;
mod module_cycles;
mod module_graph;
mod printing;
mod sources;
mod type_names;
mod words;
