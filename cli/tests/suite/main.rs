//! The program as its users meet it: arguments in; standard output, standard error and an exit status out.

mod books;
mod closing;
mod damage;
mod demo;
mod docs;
mod history;
mod kit;
mod mapping;
mod output;
mod pending;
mod plans;
mod reading;
mod recording;
mod verifying;
