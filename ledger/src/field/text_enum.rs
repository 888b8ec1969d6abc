//! Enums that are one word in JSON.

/// A set of words that stand for themselves in JSON and for their place in the list in the log.
#[macro_export]
macro_rules! text_enum {
    ($(#[$meta:meta])* $name:ident { $($variant:ident = $code:literal $text:literal),* $(,)? }) => {
        $(#[$meta])*
        #[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
        pub enum $name { $( #[doc = concat!("`", $text, "`")] $variant ),* }

        impl $name {
            /// All words, in the order of the variants.
            pub const WORDS: &'static [&'static str] = &[$($text),*];
            /// The variant of a word.
            pub fn parse(text: &str) -> Option<$name> { match text { $($text => Some($name::$variant),)* _ => None } }
            /// The word.
            pub fn as_str(self) -> &'static str { match self { $($name::$variant => $text),* } }
        }
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { f.write_str(self.as_str()) }
        }
        impl $crate::field::Stored for $name {
            fn put(&self, writer: &mut $crate::wire::CborWriter<'_>) { writer.uint(match self { $($name::$variant => $code),* }); }
            fn get(reader: &mut $crate::wire::CborReader<'_>) -> $crate::wire::Result<Self> {
                match reader.uint()? { $($code => Ok($name::$variant),)* _ => reader.wrong(concat!("an unknown ", stringify!($name))) }
            }
            fn show(&self, out: &mut $crate::json::JsonWriter) { out.text(self.as_str()); }
        }
        impl $crate::field::FromJson for $name {
            fn read(node: &$crate::json::JsonNode<'_>, line: &mut $crate::line::LineReader<'_>) -> Option<Self> {
                let value = match &node.value { $crate::json::JsonValue::Text(text) => $name::parse(text), _ => None };
                value.or_else(|| line.refuse_value(node, $crate::refusal::Expected::OneOf($name::WORDS)))
            }
        }
    };
}
